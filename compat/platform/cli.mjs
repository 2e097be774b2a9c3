import {CommandLine} from './command-line.mjs';
import {KeyStore} from './key-store.mjs';
import {rows} from './cli-rows.mjs';

/**
 * The command line as it was installed at two times. Its HTTP library reaches a
 * proxy in one way, and did in the other.
 *
 * @type {import('../judge.mjs').Checklist}
 */
export const commandLine = {
	id: 'cli',
	title: 'The command line',
	versions: [
		{id: '@chatkitty/cli 0.0.15 with axios 1.21.1, which opens a tunnel', folder: 'cli'},
		{id: 'with axios 1.7.9, which asks for whole addresses', folder: 'cli-axios-1.7'},
	],
	rows,
	async join(run) {
		return {begin: () => take(run)};
	},
};

const take = async ({place, server, judge, name, folder}) => {
	const keyStore = new KeyStore(folder);
	try {
		await keyStore.start();
		const {url, certificate} = server.proxy;
		await judge.take(place, rows, {
			cli: new CommandLine(place.version.folder, {
				...keyStore.environment,
				HTTPS_PROXY: url,
				NODE_EXTRA_CA_CERTS: certificate,
			}),
			application: await server.createApplication(name),
			revoke: () => server.rotateSecret(name),
			users: new Map(),
		});
	} catch (error) {
		judge.fail(place, rows[0], error);
	} finally {
		keyStore.stop();
	}
};
