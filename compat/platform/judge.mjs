import {bounded} from '../bounded.mjs';
import {FAIL, PASS} from '../report.mjs';
import {rows} from './rows.mjs';
import {tokens} from './tokens.mjs';

/**
 * Takes every row on a server, and tells what became of it.
 *
 * @param {import('../server.mjs').Server} server
 * @param {string} name of an application that nobody else uses
 * @param {(line: string) => void} say
 * @returns {Promise<Map<string, string>>} outcomes by the row's title
 */
export const judge = async (server, name, say) => {
	const {ChatKitty} = await import('./current/client.mjs');
	const credentials = await server.createCredentials(name);
	const open = options => new ChatKitty({
		clientId: credentials.clientId,
		clientSecret: credentials.clientSecret,
		basePath: `http://${server.host}`,
		authorizationBasePath: `http://${server.host}/oauth/token`,
		...options,
	});
	const state = {kitty: open(), open, server, host: server.host, credentials};
	const outcomes = new Map();
	for (const row of [...rows.slice(0, -1), ...tokens, ...rows.slice(-1)]) {
		const title = `${row.number} ${row.title}`;
		try {
			await bounded(row.take(state), 'the row is not done');
			outcomes.set(title, PASS);
		} catch (error) {
			outcomes.set(title, FAIL);
			const answer = error.response ? `${error.response.status} ${JSON.stringify(error.response.data)} of ${error.config?.method} ${error.config?.url}` : '';
			say(`platform · ${title}: FAIL: ${answer || error.stack}`);
		}
	}
	say(`platform: ${[...outcomes.values()].filter(outcome => outcome === PASS).length} of ${outcomes.size} rows pass`);
	return outcomes;
};
