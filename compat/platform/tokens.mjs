/** What is asked of the token endpoint and of requests as such: rows A1 to A14, and the older client. */
import {deepEqual, equal, match, ok} from 'node:assert/strict';
import {request} from 'node:http';
import {complete, refused, row} from './row.mjs';

const basic = ({clientId, clientSecret}) => `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;

const ask = (host, path, options = {}) => fetch(`http://${host}${path}`, {redirect: 'manual', ...options});

const tokenOf = async ({host, credentials}) => {
	const form = new FormData();
	form.set('grant_type', 'client_credentials');
	const answer = await ask(host, '/oauth/token', {method: 'POST', body: form, headers: {Authorization: basic(credentials)}});
	equal(answer.status, 200);
	const token = await answer.json();
	ok(token.expires_in > 0);
	equal(token.token_type, 'bearer');
	return token.access_token;
};

/** @type {import('../judge.mjs').Row[]} */
export const tokens = [
	row('A1, A2, A6', 'one token for the first calls, however many, and for later ones', async ({open}) => {
		const kitty = open();
		const answers = await Promise.all(Array.from({length: 5}, () => kitty.ApplicationApi.retrieveApplication()));
		const bearers = new Set(answers.map(({config}) => config.headers.Authorization));
		equal(bearers.size, 1);
		const later = await kitty.ApplicationApi.retrieveApplication();
		ok(bearers.has(later.config.headers.Authorization));
	}),
	row('A3', 'the token endpoint takes every form of body', async ({host, credentials}) => {
		const {clientId: client_id, clientSecret: client_secret} = credentials;
		const grant = {grant_type: 'client_credentials'};
		const multipart = new FormData();
		Object.entries({...grant, username: client_id, password: client_secret}).forEach(([name, value]) => multipart.set(name, value));
		for (const [body, headers] of [
			[new URLSearchParams(grant), {Authorization: basic(credentials)}],
			[new URLSearchParams({...grant, client_id, client_secret}), {Authorization: basic(credentials)}],
			[new URLSearchParams({...grant, client_id, client_secret}), {}],
			[multipart, {Authorization: basic(credentials)}],
			[JSON.stringify({...grant, client_id, client_secret}), {'Content-Type': 'application/json'}],
		]) {
			const answer = await ask(host, '/oauth/token', {method: 'POST', body, headers});
			equal(answer.status, 200);
			ok((await answer.json()).access_token);
		}
		const other = await ask(host, '/oauth/token', {method: 'POST', body: new URLSearchParams({grant_type: 'password'})});
		equal(other.status, 400);
		equal((await other.json()).error, 'unsupported_grant_type');
	}),
	row('A4', 'a wrong secret is refused, and nothing else is asked', async ({open}) => {
		const data = await refused(open({clientSecret: 'wrong'}).ApplicationApi.retrieveApplication(), 401);
		equal(data.error, 'invalid_client');
	}),
	row('A5', 'secrets with colons, spaces and other letters are read as they are', async ({server, open}) => {
		const credentials = await server.createApplication(`secrets ${Math.random()}`);
		await open(credentials).ApplicationApi.retrieveApplication();
		// Whoever cut a secret at one of these would take it for the right one.
		for (const more of [':', ':x', ' ', ' x', 'é']) {
			const clientSecret = credentials.clientSecret + more;
			const data = await refused(open({...credentials, clientSecret}).ApplicationApi.retrieveApplication(), 401);
			equal(data.error, 'invalid_client');
		}
	}),
	row('A7', 'no token, and one that is not ours', async ({host}) => {
		for (const [headers, error] of [[{}, 'unauthorized'], [{Authorization: 'Bearer x'}, 'invalid_token']]) {
			const answer = await ask(host, '/application', {headers});
			equal(answer.status, 401);
			match(answer.headers.get('www-authenticate'), /^Bearer/);
			equal((await answer.json()).error, error);
		}
	}),
	row('A8', 'ids of another application do not exist', async ({server, open, jane, group, last}) => {
		const stranger = open(await server.createApplication(`stranger ${Math.random()}`));
		await refused(stranger.UsersApi.retrieveUser(jane.id), 404);
		await refused(stranger.ChannelsApi.retrieveChannel(group.id), 404);
		await refused(stranger.MessagesApi.retrieveMessage(last.id), 404);
	}),
	row('A9', 'a base path that ends with a slash is served, without redirects', async ({open, host}) => {
		const kitty = open({basePath: `http://${host}/`});
		const {data, request: made} = await kitty.UsersApi.createUser({name: `slash ${Math.random()}`, display_name: 'Slash'});
		equal(made._redirectable?._redirectCount ?? 0, 0);
		await kitty.UsersApi.updateUser(data.id, {display_name: 'S'});
		equal((await kitty.UsersApi.retrieveUser(data.id)).data.display_name, 'S');
		await kitty.UsersApi.deleteUser(data.id);
	}),
	row('A10', 'under /v1 names are in camelCase', async ({open, host, jane}) => {
		const {data} = await open({basePath: `http://${host}/v1`}).UsersApi.retrieveUser(jane.id);
		ok(data.displayName && data.displayPictureUrl && !data.display_name);
		deepEqual(Object.keys(data.properties), Object.keys((await open().UsersApi.retrieveUser(jane.id)).data.properties));
	}),
	row('A11', 'whoever accepts JSON gets JSON', async state => {
		const Authorization = `Bearer ${await tokenOf(state)}`;
		for (const Accept of ['application/hal+json', 'application/json', '*/*', 'application/vnd.chatkitty+json,*/*;q=0.8']) {
			const answer = await ask(state.host, '/application', {headers: {Authorization, Accept}});
			equal(answer.status, 200);
			match(answer.headers.get('content-type'), /json/);
		}
		const page = await ask(state.host, '/application', {headers: {Authorization, Accept: 'text/html'}});
		equal(page.status, 406);
		ok((await page.json()).error);
	}),
	row('A12', 'bodies of every media type', async state => {
		const Authorization = `Bearer ${await tokenOf(state)}`;
		for (const type of ['application/vnd.chatkitty+json', 'application/vnd.chatkitty.v1+json', 'application/json', 'application/merge-patch+json', 'application/json+merge-patch']) {
			const answer = await ask(state.host, `/users/${state.jane.id}`, {
				method: 'PATCH', headers: {Authorization, 'Content-Type': type}, body: JSON.stringify({displayName: type}),
			});
			equal(answer.status, 200);
			equal((await answer.json()).display_name, type);
		}
	}),
	row('A13', 'unknown paths and methods have the documented body', async ({host}) => {
		for (const [method, path, status] of [['GET', '/nothing', 404], ['DELETE', '/application', 405], ['GET', '/v1/nothing/', 404], ['PUT', '//users', 405]]) {
			const answer = await ask(host, path, {method});
			equal(answer.status, status);
			match(answer.headers.get('content-type'), /json/);
			const {error, message, timestamp} = await answer.json();
			ok(error && message && timestamp);
		}
	}),
	row('A14', 'every answer is JSON, and holds no null', async state => {
		const headers = {Authorization: `Bearer ${await tokenOf(state)}`};
		for (const path of ['/', '/users', '/channels', '/messages', '/user-sessions', '/chat-sessions', '/jobs', '/runtimes/nodejs', '/users/999999', '/nothing']) {
			const answer = await ask(state.host, path, {headers});
			match(answer.headers.get('content-type'), /^application\/json/);
			match(answer.headers.get('x-response-token'), /^[0-9A-F]{32}$/);
			complete(await answer.json());
		}
	}),
	row('P1', 'absolute request targets are served', async ({host}) => {
		const [hostname, port] = host.split(':');
		const status = await new Promise((resolve, reject) => {
			request({hostname, port, path: `http://${host}/application`}, answer => resolve(answer.statusCode)).on('error', reject).end();
		});
		equal(status, 401);
	}),
	row('V1', 'the older client, in its own format', async ({host, credentials, group}) => {
		const {ChatKitty} = await import('./v1/client.mjs');
		const kitty = new ChatKitty({
			...credentials, basePath: `http://${host}`, authorizationBasePath: `http://${host}/oauth/token`,
		});
		const {data: user} = await kitty.Users.createUser({name: 'older', displayName: 'Older', isGuest: false, properties: {snake_case: 1}});
		deepEqual([user.displayName, user.isGuest, user.properties], ['Older', false, {snake_case: 1}]);
		const {data: channel} = await kitty.Channels.retrieveChannel(group.id);
		ok(channel.createdTime && channel.displayName);
		const {data: message} = await kitty.Channels.sendChannelMessage(group.id, {type: 'TEXT', body: 'from v1', groupTag: 'g'});
		deepEqual([message.type, message.groupTag, message.channelId], ['SYSTEM_TEXT', 'g', group.id]);
		const {data: page} = await kitty.Users.listUsers();
		ok(page.page.totalElements >= 1 && page._embedded.users.length >= 1);
		const {data: changed} = await kitty.Users.updateUser(user.id, {displayName: 'Newer'});
		equal(changed.displayName, 'Newer');
		await kitty.Users.deleteUser(user.id);
	}),
];
