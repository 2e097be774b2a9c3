/**
 * What the original command line is used for, with the spellings that it turns
 * into something unexpected: it guesses the types of values, splits them at
 * commas, and never reads files.
 *
 * @typedef {object} Shared
 * @property {import('./command-line.mjs').CommandLine} cli
 * @property {{id: number, clientId: string, clientSecret: string}} application of nobody else
 * @property {() => Promise<void>} revoke ends the application's secret
 * @property {Map<string, object>} users made so far, by name
 */
import assert from 'node:assert/strict';

const GENERAL = ['channels', 'create-channel', '--create-channel.type', 'PUBLIC', '--create-channel.name', 'general'];

/** A user of the application, whom the first who asks makes. */
const user = async ({cli, users}, name, properties = {}) => {
	if (!users.has(name)) {
		users.set(name, await cli.ask('users', 'create-user', '--create-person-chat-user-resource',
			JSON.stringify({name, display_name: name, is_guest: false, properties})));
	}
	return users.get(name);
};

const jane = shared => user(shared, 'jane', {team: 'blue'});
const bob = shared => user(shared, 'bob');
const general = ({cli}) => cli.ask(...GENERAL);

/** Asserts that a command fails with these words. */
const fails = async (cli, words, expected) => {
	const {status, complaint} = await cli.run(...words);
	assert.equal(status, 1, `${words.join(' ')} ended with ${status}`);
	assert.ok(complaint.includes(expected), `it says ${JSON.stringify(complaint)}, not ${JSON.stringify(expected)}`);
};

const send = (channel, ...words) => ['channels', 'send-channel-message', '--id', String(channel.id), ...words];
const listed = (listing, noun) => listing._embedded?.[noun] ?? [];
const names = listing => listed(listing, 'users').map(({name}) => name);

/** @type {import('../judge.mjs').Row[]} */
export const rows = [
	{
		id: 'login',
		title: '`login` refuses a wrong secret, and keeps a right one in the key store of the system',
		async run({cli, application: {id, clientId, clientSecret}}) {
			const refused = await cli.login(clientId, `${clientSecret}x`);
			assert.equal(refused.status, 1);
			assert.ok(refused.complaint.includes('Authentication failed'), refused.complaint);
			await fails(cli, ['application', 'retrieve-application'], 'No credentials found');
			const accepted = await cli.login(clientId, clientSecret);
			assert.equal(accepted.status, 0, accepted.complaint);
			assert.ok(accepted.output.includes(`(ID: ${id})`), accepted.output);
		},
	},
	{
		id: 'application',
		title: '`application retrieve-application` prints it',
		async run({cli, application}) {
			assert.equal((await cli.ask('application', 'retrieve-application')).id, application.id);
		},
	},
	{
		id: 'exists',
		title: '`users check-user-exists` ends with 0 for a user and 1 for nobody',
		async run(shared) {
			await user(shared, 'jane@x.com');
			assert.equal(await shared.cli.ask('users', 'check-user-exists', '--name', 'jane@x.com'), undefined);
			await fails(shared.cli, ['users', 'check-user-exists', '--name', 'nobody@x.com'], 'status code 404');
		},
	},
	{
		id: 'channel',
		title: '`channels create-channel - type PUBLIC name general` and its dotted form make one channel',
		async run(shared) {
			const channel = await shared.cli.ask('channels', 'create-channel', '-', 'type', 'PUBLIC', 'name', 'general');
			assert.equal(channel.name, 'general');
			assert.equal((await general(shared)).id, channel.id);
		},
	},
	{
		id: 'number',
		title: 'A message of digits, which arrives as a number, is text',
		async run(shared) {
			const words = ['--create-message.type', 'TEXT', '--create-message.body', '42'];
			const {type, body} = await shared.cli.ask(...send(await general(shared), ...words));
			assert.deepEqual({type, body}, {type: 'SYSTEM_TEXT', body: '42'});
		},
	},
	{
		id: 'commas',
		title: 'A message with a comma, which arrives as a list, is refused with 400',
		async run(shared) {
			const words = ['--create-message.type', 'TEXT', '--create-message.body', 'Hello, World!'];
			await fails(shared.cli, send(await general(shared), ...words), 'status code 400');
		},
	},
	{
		id: 'json',
		title: 'A message with a comma in JSON is sent',
		async run(shared) {
			const words = ['--create-message-resource', '{"type":"TEXT","body":"Hello, World!"}'];
			assert.equal((await shared.cli.ask(...send(await general(shared), ...words))).body, 'Hello, World!');
		},
	},
	{
		id: 'sorted',
		title: '`users list-users --sort created_time,desc`, which arrives as two criteria, sorts by one',
		async run(shared) {
			await jane(shared);
			await bob(shared);
			const made = [...shared.users.keys()];
			const {cli} = shared;
			assert.deepEqual(names(await cli.ask('users', 'list-users', '--sort', 'created_time,desc')), made.toReversed());
			assert.deepEqual(names(await cli.ask('users', 'list-users', '--sort', 'created_time,asc')), made);
		},
	},
	{
		id: 'properties',
		title: '`users list-users --properties` with JSON, which arrives as `properties.team`, filters',
		async run(shared) {
			await jane(shared);
			await bob(shared);
			assert.deepEqual(names(await shared.cli.ask('users', 'list-users', '--properties', '{"team":"blue"}')), ['jane']);
		},
	},
	{
		id: 'members',
		title: '`channels list-channels --members jane,bob --start-time 2024-01-01` filters by both',
		async run(shared) {
			await jane(shared);
			await bob(shared);
			const create = (name, ...members) => shared.cli.ask('channels', 'create-channel', '--create-channel-resource',
				JSON.stringify({type: 'PRIVATE', name, members: members.map(username => ({username}))}));
			const list = time =>
				shared.cli.ask('channels', 'list-channels', '--members', 'jane,bob', '--start-time', time);
			const both = await create('both', 'jane', 'bob');
			await create('one', 'jane');
			assert.deepEqual(listed(await list('2024-01-01'), 'channels').map(({id}) => id), [both.id]);
			assert.deepEqual(listed(await list('2999-01-01'), 'channels'), []);
		},
	},
	{
		id: 'unchanged',
		title: '`users update-user` without a change, which sends an empty text, changes nothing',
		async run(shared) {
			const id = String((await jane(shared)).id);
			const before = await shared.cli.ask('users', 'retrieve-user', '--id', id);
			assert.deepEqual(await shared.cli.ask('users', 'update-user', '--id', id), before);
		},
	},
	{
		id: 'variables',
		title: '`runtime update-nodejs-runtime-environment-variables --request-body.A 1` keeps text',
		async run({cli}) {
			const runtime = await cli.ask('runtime', 'update-nodejs-runtime-environment-variables', '--request-body.A', '1');
			assert.equal(runtime.environment_variables.A, '1');
		},
	},
	{
		id: 'dependencies',
		title: '`runtime update-nodejs-runtime-dependencies` needs no `default_dependency`',
		async run({cli}) {
			const runtime = await cli.ask('runtime', 'update-nodejs-runtime-dependencies',
				'--chat-runtime-dependency-properties', '[{"name":"firebase","version":"^9"}]');
			const own = runtime.dependencies.filter(dependency => !dependency.default_dependency);
			assert.deepEqual(own, [{name: 'firebase', version: '^9', default_dependency: false}]);
		},
	},
	{
		id: 'import',
		title: '`imports import-users --file`, which sends the name of the file, is refused with 400',
		async run({cli}) {
			await fails(cli, ['imports', 'import-users', '--file', './users.json'], 'status code 400');
		},
	},
	{
		id: 'ids',
		title: 'The id of a user just made is none that the command line takes for a date',
		async run(shared) {
			const {id, name} = await user(shared, 'newcomer');
			assert.equal((await shared.cli.ask('users', 'retrieve-user', '--id', String(id))).name, name);
		},
	},
	{
		id: 'summaries',
		title: '`application retrieve-application-message-read-receipt-summaries --pageable.page 0`',
		async run({cli}) {
			const words = ['application', 'retrieve-application-message-read-receipt-summaries'];
			await fails(cli, words, 'Required parameter pageable'); // which the client says by itself
			assert.equal((await cli.ask(...words, '--pageable.page', '0')).page.number, 0);
		},
	},
	{
		id: 'revoked',
		title: 'A revoked credential is told to log in again',
		async run({cli, revoke}) {
			await revoke();
			await fails(cli, ['application', 'retrieve-application'], 'Authentication failed. Please run "chatkitty login" again.');
		},
	},
];
