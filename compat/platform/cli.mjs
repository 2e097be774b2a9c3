import {mkdir} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {CommandLine} from './command-line.mjs';
import {KeyStore} from './key-store.mjs';
import {rows} from './cli-rows.mjs';

export {rows};

/** The place of the command line in the results, and the title of its table. */
export const environment = {id: 'cli', title: 'The command line'};

/**
 * The command line as it was installed at two times. Its HTTP library reaches a
 * proxy in one way, and did in the other.
 *
 * @type {import('../versions.mjs').Version[]}
 */
export const versions = [
	{id: '@chatkitty/cli 0.0.15 with axios 1.21.1, which opens a tunnel', folder: 'cli', absent: {}, cannot: {}},
	{id: 'with axios 1.7.9, which asks for whole addresses', folder: 'cli-axios-1.7', absent: {}, cannot: {}},
];

/**
 * Takes all rows with each of the versions.
 *
 * @param {object} run
 * @param {string} run.engine
 * @param {import('../server.mjs').Server} run.server
 * @param {string} run.folder for key stores; its path is short, and its name is nobody else's
 * @param {import('../results.mjs').Results} run.results
 */
export const takeRows = async ({engine, server, folder, results}) => {
	for (const version of versions) {
		const place = {engine, environment, version};
		const home = join(folder, version.folder);
		await mkdir(home);
		const keyStore = new KeyStore(home);
		try {
			await keyStore.start();
			const shared = await share(server, version, keyStore, `${basename(folder)}-${version.folder}`);
			for (const row of rows) {
				await take(row, shared, place, results);
			}
		} catch (error) {
			results.fail(place, rows[0], error, []);
		} finally {
			keyStore.stop();
		}
	}
};

/** What the rows share: see cli-rows.mjs. */
const share = async (server, version, keyStore, name) => {
	const {url, certificate} = server.proxy;
	return {
		cli: new CommandLine(version.folder, {
			...keyStore.environment,
			HTTPS_PROXY: url,
			NODE_EXTRA_CA_CERTS: certificate,
		}),
		application: await server.createCredentials(name),
		revoke: () => server.rotateSecret(name),
		users: new Map(),
	};
};

const take = async (row, shared, place, results) => {
	const began = performance.now();
	try {
		await row.take(shared);
		results.pass(place, row, performance.now() - began);
	} catch (error) {
		results.fail(place, row, error, []);
	}
};
