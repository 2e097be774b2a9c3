import {match, ok} from 'node:assert/strict';
import {mkdir, readFile, symlink} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {KeyStore} from '../platform/key-store.mjs';
import {Reader, blocksOf} from './reader.mjs';

/** Where the command line is installed. */
const INSTALLED = new URL('../platform/cli/', import.meta.url);

/**
 * Follows the guide to the command line, at a keyboard and where nobody sits, on a
 * server that runs with the proxy already and for a program that is installed.
 *
 * @param {{server: import('../server.mjs').Server, folder: string}} shared
 */
export const followCommandLine = async ({server, folder}) => {
	const home = join(folder, 'home');
	await mkdir(home);
	await symlink(dirname(server.proxy.certificate), join(home, 'openkitty-data'));
	const {clientId, clientSecret} = await server.createApplication(`${basename(dirname(folder))}-cli-guide`);
	const answers = {'Client ID:': clientId, 'Client Secret:': clientSecret};
	const blocks = (await blocksOf('docs/guides/cli.md'))
		.map(({mark, code}) => ({mark, code: code.replaceAll('http://127.0.0.1:8081', server.proxy.url)}));
	const keyStore = new KeyStore(home);
	await keyStore.start();
	const reader = new Reader(blocks, {
		PATH: `${fileURLToPath(new URL('node_modules/.bin', INSTALLED))}:${process.env.PATH}`,
		...keyStore.environment,
	});
	try {
		match(reader.next(), /^openkitty serve --cli-proxy /);
		const printed = (await server.log(Infinity)).join('\n');
		ok(printed.includes(`HTTPS_PROXY=${server.proxy.url}`) && printed.includes(`NODE_EXTRA_CA_CERTS=${server.proxy.certificate}`), printed);
		const {dependencies} = JSON.parse(await readFile(new URL('package.json', INSTALLED), 'utf8'));
		match(reader.next(), new RegExp(`@chatkitty/cli@${dependencies['@chatkitty/cli']}`));
		await reader.run();
		await reader.run(answers);
		await reader.run();
		// Where nobody sits, there is no key store yet, nor what one has kept.
		keyStore.stop();
		const data = join(home, 'elsewhere');
		await mkdir(data);
		await reader.perform(`export XDG_DATA_HOME='${data}'`);
		await reader.run(answers);
		await reader.follow();
	} finally {
		reader.close();
		keyStore.stop();
	}
};
