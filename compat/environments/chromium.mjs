import {existsSync} from 'node:fs';
import {chromium} from 'playwright-core';
import {RemoteActor} from './remote.mjs';
import {PageServer} from './page-server.mjs';

/** Where distributions install it. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** No network but ours, and nothing that starts on its own. */
const FLAGS = [
	'--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
	'--disable-component-update', '--disable-sync',
];

/** How many frames of an actor are kept to explain a failure. */
const KEPT_FRAMES = 30;

/** Starts the browser named by `CHROMIUM`, or the distribution's. */
export const launch = async () => {
	const executablePath = process.env.CHROMIUM ?? PLACES.find(existsSync);
	if (!executablePath) {
		throw new Error(`no Chromium: install the package "chromium", or set CHROMIUM to its path`);
	}
	return chromium.launch({executablePath, headless: true, args: FLAGS});
};

/** Pages of one headless Chromium, where all packages use a WebSocket. */
export class Chromium {
	static id = 'chromium';
	static title = 'Chromium: WebSocket';
	#browser;
	#pages;

	static async start() {
		const environment = new Chromium();
		environment.#pages = await PageServer.start();
		environment.#browser = await launch();
		return environment;
	}

	/** The address at which its clients reach a server. */
	async reach(host) {
		return host;
	}

	/**
	 * Opens a page with a package in it.
	 *
	 * @param {import('../versions.mjs').Version} version
	 * @param {string[]} uncaught takes what is thrown there and caught by nobody
	 */
	async actor(version, uncaught) {
		const context = await this.#browser.newContext();
		const page = await context.newPage();
		const trace = record(page);
		const actor = new RemoteActor({
			perform: (method, values) => page.evaluate(([m, v]) => globalThis.perform(m, v), [method, values]),
			close: () => context.close(),
			trace: () => trace,
		});
		page.on('pageerror', error => uncaught.push(String(error.stack ?? error)));
		await page.exposeFunction('report', event => void actor.events.push(event));
		await page.goto(this.#pages.address(version));
		await page.waitForFunction(() => globalThis.perform);
		return actor;
	}

	async stop() {
		await this.#browser?.close();
		await this.#pages?.stop();
	}
}

/** Keeps the last frames of a page. */
const record = page => {
	const lines = [];
	const keep = line => {
		lines.push(line);
		lines.splice(0, lines.length - KEPT_FRAMES);
	};
	page.on('websocket', socket => {
		keep(`open ${socket.url()}`);
		socket.on('framesent', ({payload}) => keep(`> ${readable(payload)}`));
		socket.on('framereceived', ({payload}) => keep(`< ${readable(payload)}`));
		socket.on('close', () => keep('closed'));
	});
	return lines;
};

const readable = payload => JSON.stringify(payload.toString());
