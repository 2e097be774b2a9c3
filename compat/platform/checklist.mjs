import {channels} from './channels.mjs';
import {jobs} from './jobs.mjs';
import {deletions, messages} from './messages.mjs';
import {tokens} from './tokens.mjs';
import {users} from './users.mjs';

const rows = [...users, ...channels, ...messages, ...jobs, ...tokens, ...deletions];

/** Where a row stands in the table: operations by their number, then the others. */
const rank = ({id}) => Number(id) || rows.length;

/** The published clients of the Platform API. @type {import('../judge.mjs').Checklist} */
export const platform = {
	id: 'platform',
	title: 'The Platform API',
	about: 'The unmodified npm `chatkitty` 2.106.8, an operation a row; then the token endpoint and requests as such,\n'
		+ 'and `chatkitty-platform-sdk` 2.4.0 under `/v1`.',
	versions: [{id: 'chatkitty 2.106.8', folder: 'current'}],
	rows,
	listed: rows.toSorted((one, other) => rank(one) - rank(other)),
	async join({place, server, judge, name}) {
		return {begin: async () => judge.take(place, rows, await share(server, place.version, name))};
	},
};

/** What the rows share, and to which they add what they make. */
const share = async (server, {folder}, name) => {
	const {ChatKitty} = await import(`./${folder}/client.mjs`);
	const credentials = await server.createApplication(name);
	const {clientId, clientSecret} = credentials;
	const url = `http://${server.host}`;
	const open = options => new ChatKitty({
		clientId, clientSecret, basePath: url, authorizationBasePath: `${url}/oauth/token`, ...options,
	});
	return {kitty: open(), open, server, host: server.host, credentials};
};
