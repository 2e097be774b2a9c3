import assert from 'node:assert/strict';
import {appearanceSteps, returningAppearanceSteps} from './appearance.mjs';
import {among, directWith, enters, ids, notAmong, refuses} from './assertions.mjs';
import {fileSteps} from './files.mjs';
import {membership} from './membership.mjs';
import {messageSteps} from './message-steps.mjs';
import {readSteps} from './read-steps.mjs';
import {restartSteps} from './restart-steps.mjs';
import {threadSteps} from './thread-steps.mjs';
import {typingSteps} from './typing-steps.mjs';
import {deletionSteps, userSteps} from './users.mjs';

/**
 * The conversation, written once for all packages.
 *
 * @typedef {object} Conversation what the steps share and leave for later ones
 * @property {import('./versions.mjs').Version} version
 * @property {string} host
 * @property {string} apiKey
 * @property {import('./environments/remote.mjs').RemoteActor} alice
 * @property {import('./environments/remote.mjs').RemoteActor} bob
 * @property {import('./environments/remote.mjs').RemoteActor} carol
 * @property {import('./environments/line.mjs').Line} line the network between Carol and the server
 * @property {string[]} uncaught what was thrown in any page or process and caught by nobody
 * @property {number} [direct] the channel of the two
 * @property {number} [open] Alice's public channel
 * @property {number} [closed] Alice's private channel
 * @property {{id: number, body: string}} [message] the message that must survive
 * @property {number} [square] Bob's public channel
 * @property {number} [den] Bob's private channel
 */

/** Names and words that a careless codec of URLs, headers, bodies or bytes would change. */
const BOB = 'bob+1: böb@example.org';
const HELLO = 'Hello, Bob! 👋\n\\n: "ça va?"';

/** How many messages fill more than two pages of any usual size. */
const MANY = 60;

/** Up to where the server restarts. @type {import('./judge.mjs').Row[]} */
export const beforeRestart = [
	{
		id: 'start',
		title: 'A and B start sessions',
		essential: true,
		async run({alice, bob, host, apiKey}) {
			const names = await Promise.all([
				alice.do('signIn', {host, apiKey, username: 'alice'}),
				bob.do('signIn', {host, apiKey, username: BOB, authParams: {token: 'a:b/ü'}}),
			]);
			assert.deepEqual(names.map(({name}) => name), ['alice', BOB]);
		},
	},
	{
		id: 'refused',
		title: 'A wrong API key is refused',
		async run({alice, host, version}) {
			const credentials = {host, apiKey: 'no-such-key', username: 'alice'};
			await refuses(alice.do('signInElsewhere', credentials), version.refusal);
		},
	},
	{
		id: 'self',
		title: 'A reads the current user',
		async run({alice}) {
			assert.equal((await alice.do('currentUser')).name, 'alice');
		},
	},
	{
		id: 'observed',
		title: 'A observes the current user',
		async run({alice}) {
			await alice.hears('currentUser', {name: 'alice'});
		},
	},
	{
		id: 'direct',
		title: 'A creates a direct channel with B',
		essential: true,
		async run(conversation) {
			const channel = await conversation.alice.do('createChannel', directWith(BOB));
			assert.equal(channel.type, 'DIRECT');
			assert.deepEqual(channel.members.map(({name}) => name).sort(), ['alice', BOB]);
			conversation.direct = channel.id;
		},
	},
	{
		id: 'same',
		title: 'Creating it again gives the same channel',
		async run({alice, direct}) {
			assert.equal((await alice.do('createChannel', directWith(BOB))).id, direct);
		},
	},
	{
		id: 'learned',
		title: 'B is told of the channel',
		async run({bob, direct}) {
			await bob.hears('channelJoined', {id: direct});
		},
	},
	{
		id: 'listed',
		title: 'B finds it among the joined channels',
		async run({bob, direct}) {
			among(await bob.do('joinedChannels'), direct);
		},
	},
	{
		id: 'retrieved',
		title: 'B retrieves it by its id',
		async run({bob, direct}) {
			assert.equal((await bob.do('channel', direct)).id, direct);
		},
	},
	{
		id: 'members',
		title: 'B lists its members',
		async run({bob, direct}) {
			const members = await bob.do('members', direct);
			assert.deepEqual(members.map(({name}) => name).sort(), ['alice', BOB]);
		},
	},
	{
		id: 'public',
		title: 'B may join a public channel of A',
		async run(conversation) {
			const {alice, bob} = conversation;
			const channel = await alice.do('createChannel', {type: 'PUBLIC', name: 'open'});
			conversation.open = channel.id;
			assert.equal(channel.type, 'PUBLIC');
			assert.equal(channel.name, 'open');
			among(await bob.do('joinableChannels'), channel.id);
			notAmong(await bob.do('joinedChannels'), channel.id);
		},
	},
	{
		id: 'private',
		title: 'B sees nothing of a private channel of A',
		async run(conversation) {
			const {alice, bob} = conversation;
			const channel = await alice.do('createChannel', {type: 'PRIVATE', name: 'closed'});
			conversation.closed = channel.id;
			assert.equal(channel.type, 'PRIVATE');
			among(await alice.do('joinedChannels'), channel.id);
			notAmong(await bob.do('joinableChannels'), channel.id);
			notAmong(await bob.do('joinedChannels'), channel.id);
		},
	},
	{
		id: 'chat',
		title: 'Both start chat sessions',
		essential: true,
		async run({alice, bob, direct}) {
			await enters(alice, direct);
			await enters(bob, direct);
		},
	},
	{
		id: 'entered',
		title: 'A sees B enter',
		async run({alice, direct}) {
			await alice.hears('entered', {channel: direct, name: BOB});
			assert.deepEqual(alice.heard('entered', {name: 'alice'}), []);
		},
	},
	...typingSteps,
	{
		id: 'message',
		title: 'A sends, and B receives the same message with the same id',
		essential: true,
		async run(conversation) {
			const {alice, bob, direct} = conversation;
			const {id, body} = await alice.do('send', direct, HELLO);
			assert.equal(body, HELLO);
			await bob.hears('message', {channel: direct, id, body, author: 'alice'});
			conversation.message = {id, body};
		},
	},
	{
		id: 'found',
		title: 'B lists the messages and finds it',
		async run({bob, direct, message}) {
			const listed = await bob.do('messages', direct);
			assert.deepEqual(listed.map(({id, body}) => ({id, body})), [message]);
		},
	},
	{
		id: 'many',
		title: `B receives ${MANY} messages in the order of A's sending`,
		async run({alice, bob, direct, message}) {
			const sent = ids(await alice.do('sendAll', direct, Array.from({length: MANY}, (_, n) => `message ${n}`)));
			await bob.hears('message', {id: sent.at(-1)});
			assert.deepEqual(ids(bob.heard('message')), [message.id, ...sent]);
		},
	},
	{
		id: 'pages',
		title: 'B turns the pages of the messages, forth and back',
		async run({bob, direct}) {
			const received = ids(bob.heard('message'));
			const {forth, back} = await bob.do('turnPages', direct);
			assert.deepEqual(ids(forth.flat()), received.toReversed());
			assert.ok(forth.length > 1, 'all messages are on one page');
			assert.deepEqual(back.toReversed(), forth);
		},
	},
	{
		id: 'once',
		title: "A's own handler and B's ran once for the message",
		async run({alice, bob, message: {id}}) {
			assert.equal(alice.heard('message', {id}).length, 1, "A's handler");
			assert.equal(bob.heard('message', {id}).length, 1, "B's handler");
		},
	},
	{
		id: 'custom',
		title: "A triggers an event of the application's own, and B sees it",
		async run({alice, bob, direct}) {
			await alice.do('trigger', direct, 'wave', {hand: 'left'});
			const event = await bob.hears('custom', {channel: direct, type: 'wave', author: 'alice'});
			assert.deepEqual(event.properties, {hand: 'left'});
		},
	},
	{
		id: 'aside',
		title: 'A sends to a channel without a chat session there',
		async run({alice, open}) {
			const {id} = await alice.do('send', open, 'hello, everybody');
			assert.deepEqual(ids(await alice.do('messages', open)), [id]);
		},
	},
	{
		id: 'outsider',
		title: "B's message to the private channel fails",
		async run({alice, bob, closed}) {
			await bob.do('adopt', await alice.do('resource', closed));
			// The older packages send only to channels with a chat session.
			await bob.do('startChat', closed);
			await refuses(bob.do('send', closed, 'let me in'));
			assert.deepEqual(await alice.do('messages', closed), []);
		},
	},
	...messageSteps(BOB, (actor, channel) => enters(actor, channel)),
	...readSteps(BOB, (actor, channel) => enters(actor, channel)),
	...threadSteps(BOB),
	...fileSteps(BOB, (actor, channel) => enters(actor, channel)),
	...userSteps({refuses, directWith, BOB}),
	...appearanceSteps(),
	{
		id: 'left',
		title: 'B ends the chat session, and A sees B leave',
		async run({alice, bob, direct}) {
			await bob.do('endChat', direct);
			await alice.hears('left', {channel: direct, name: BOB});
		},
	},
	{
		id: 'offline',
		title: 'B ends the session, and A sees B offline',
		async run({alice, bob, direct}) {
			await bob.do('signOut');
			await alice.hears('presence', {channel: direct, name: BOB, online: false});
		},
	},
	{
		id: 'end',
		title: 'A ends the session',
		async run({alice}) {
			await alice.do('signOut');
		},
	},
	{
		id: 'remain',
		title: 'C starts a chat session with B, and stays',
		async run({carol, line, apiKey}) {
			await carol.do('signIn', {host: line.host, apiKey, username: 'carol'});
			const {id} = await carol.do('createChannel', directWith(BOB));
			await enters(carol, id);
		},
	},
];

/** With the server and B's page or process started anew, and C's as it was. @type {import('./judge.mjs').Row[]} */
export const afterRestart = [
	...restartSteps(BOB, MANY),
	...returningAppearanceSteps(),
	...membership,
	...deletionSteps,
	{
		id: 'quiet',
		title: 'The package threw nothing that nobody caught',
		async run({uncaught}) {
			assert.deepEqual(uncaught, []);
		},
	},
];
