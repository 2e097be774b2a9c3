import {once} from 'node:events';
import {createServer} from 'node:http';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';

const PAGE = fileURLToPath(new URL('page.mjs', import.meta.url));
const HTML = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script src="bundle.js"></script>';

/** Serves, on the loopback, one page for every package, bundled as an application would. */
export class PageServer {
	#server;
	/** Bundles under way or done, by folder. */
	#bundles = new Map();

	static async start() {
		const pages = new PageServer();
		pages.#server = createServer((request, response) => pages.#serve(request.url, response));
		pages.#server.listen(0, '127.0.0.1');
		await once(pages.#server, 'listening');
		return pages;
	}

	/** @param {import('../versions.mjs').Version} version */
	address(version) {
		return `http://127.0.0.1:${this.#server.address().port}/${version.folder}/`;
	}

	async stop() {
		this.#server.closeAllConnections();
		this.#server.close();
	}

	async #serve(path, response) {
		const [, folder, file] = path.split('/');
		if (file === '') {
			response.setHeader('content-type', 'text/html').end(HTML);
			return;
		}
		try {
			if (!this.#bundles.has(folder)) {
				this.#bundles.set(folder, bundle(folder));
			}
			response.setHeader('content-type', 'text/javascript').end(await this.#bundles.get(folder));
		} catch (error) {
			response.writeHead(500).end(error.message);
		}
	}
}

const bundle = async folder => {
	const {outputFiles: [file]} = await build({
		entryPoints: [PAGE],
		alias: {client: fileURLToPath(new URL(`../clients/${folder}/client.mjs`, import.meta.url))},
		bundle: true,
		write: false,
		platform: 'browser',
		define: {global: 'globalThis'},
		logLevel: 'error',
	});
	return file.text;
};
