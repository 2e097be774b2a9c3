import assert from 'node:assert/strict';
import {until} from './bounded.mjs';

/**
 * What users do with themselves and with each other. Taken after the messages,
 * with Alice and Bob in the direct channel.
 *
 * @returns {import('./judge.mjs').Row[]}
 */
export const userSteps = ({refuses, directWith, BOB}) => [
	{
		id: 'renamed',
		title: 'A changes its display name and properties, keeps its username, and observes that',
		async run({alice, bob, direct}) {
			const changed = await alice.do('updateCurrentUser', {
				name: 'mallory', displayName: 'Alice: "A" 👩', properties: {mood: {level: 7}},
			});
			const expected = {name: 'alice', displayName: 'Alice: "A" 👩', properties: {mood: {level: 7}}};
			assert.deepEqual(only(changed, expected), expected);
			assert.deepEqual(only(await alice.do('currentUser'), expected), expected);
			await alice.hears('currentUser', {name: 'alice', displayName: 'Alice: "A" 👩'});
			const seen = (await bob.do('members', direct)).find(({name}) => name === 'alice');
			assert.equal(seen.displayName, 'Alice: "A" 👩');
		},
	},
	{
		id: 'connection',
		title: 'B changes its display name through the connection, and sees it there',
		async run({bob}) {
			const {name, displayName} = await bob.do('updateByConnection', {displayName: 'Bob: "B"'});
			assert.deepEqual([name, displayName], [BOB, 'Bob: "B"']);
			await bob.do('updateByConnection', {displayName: BOB});
		},
	},
	{
		id: 'contactUpdated',
		title: 'B is told of the change',
		async run({bob}) {
			await bob.hears('userUpdated', {name: 'alice', displayName: 'Alice: "A" 👩'});
		},
	},
	{
		id: 'invisible',
		title: 'A becomes invisible: offline for B, and online for itself',
		async run({alice, bob, direct}) {
			const me = await alice.do('updateCurrentUser', {presence: {status: 'INVISIBLE'}});
			assert.deepEqual([me.status, me.online], ['INVISIBLE', true]);
			await bob.hears('presence', {channel: direct, name: 'alice', online: false});
			await alice.do('updateCurrentUser', {presence: {status: 'DO_NOT_DISTURB'}});
			await bob.hears('presence', {channel: direct, name: 'alice', status: 'DO_NOT_DISTURB', online: true});
			await alice.do('updateCurrentUser', {presence: {status: 'AVAILABLE'}});
			await bob.hears('presence', {channel: direct, name: 'alice', status: 'AVAILABLE', online: true});
		},
	},
	{
		id: 'contactPresence',
		title: 'B is told of A\'s presence outside of the chat session too',
		async run({bob}) {
			await bob.hears('contactPresence', {name: 'alice', status: 'DO_NOT_DISTURB'});
		},
	},
	{
		id: 'picture',
		title: 'A takes a picture from elsewhere',
		async run({alice}) {
			const url = 'https://pictures.example/alice.png?size=1';
			const file = {url, name: 'alice.png', contentType: 'image/png', size: 1234};
			assert.equal((await alice.do('updatePicture', file)).picture, url);
			assert.equal((await alice.do('currentUser')).picture, url);
		},
	},
	{
		id: 'pictureless',
		title: 'A picture that is not there is refused',
		async run({alice}) {
			await refuses(alice.do('updatePicture', {}), 'InvalidRequestError');
		},
	},
	{
		id: 'users',
		title: 'A lists and counts the other users',
		async run({alice}) {
			assert.deepEqual((await alice.do('users')).map(({name}) => name), [BOB]);
			assert.equal(await alice.do('usersCount'), 1);
		},
	},
	{
		id: 'usersByName',
		title: 'A filters them by name',
		async run({alice}) {
			assert.deepEqual((await alice.do('users', {name: 'BÖB'})).map(({name}) => name), [BOB]);
			assert.deepEqual(await alice.do('users', {name: 'nobody'}), []);
			assert.equal(await alice.do('usersCount', {name: 'nobody'}), 0);
		},
	},
	{
		id: 'usersByDisplayName',
		title: 'B filters them by display name',
		async run({bob}) {
			assert.deepEqual((await bob.do('users', {displayName: 'LICE'})).map(({name}) => name), ['alice']);
			assert.deepEqual(await bob.do('users', {displayName: 'mallory'}), []);
		},
	},
	{
		id: 'usersOnline',
		title: 'A filters them by presence',
		async run({alice}) {
			await until(async () => (await alice.do('users', {online: true}))[0], 'nobody is online');
			assert.deepEqual(await alice.do('users', {online: false}), []);
			assert.equal(await alice.do('usersCount', {online: true}), 1);
		},
	},
	{
		id: 'user',
		title: 'A retrieves B by id',
		async run({alice, direct}) {
			const {id} = (await alice.do('members', direct)).find(({name}) => name === BOB);
			assert.equal((await alice.do('user', id)).name, BOB);
		},
	},
	{
		id: 'isMember',
		title: 'A asks whether B is a member of channels',
		async run({alice, direct, open}) {
			assert.equal(await alice.do('isMember', BOB, direct), true);
			assert.equal(await alice.do('isMember', BOB, open), false);
		},
	},
	{
		id: 'block',
		title: 'A blocks B',
		async run({alice}) {
			assert.equal((await alice.do('block', BOB)).name, BOB);
		},
	},
	{
		id: 'blocked',
		title: 'Neither of them can write in or open the direct channel',
		async run({alice, bob, direct}) {
			await refuses(alice.do('send', direct, 'hello?'), 'UserBlockedError');
			await refuses(bob.do('send', direct, 'hello?'), 'UserBlockedError');
			await refuses(bob.do('createChannel', directWith('alice')), 'UserBlockedError');
		},
	},
	{
		id: 'blockList',
		title: 'A lists the blocked users, and B lists none',
		async run({alice, bob}) {
			assert.deepEqual((await alice.do('blocks')).map(({name}) => name), [BOB]);
			assert.deepEqual(await bob.do('blocks'), []);
		},
	},
	{
		id: 'blockHeard',
		title: 'A is told of the block, once',
		async run({alice}) {
			await alice.hears('blocked', {author: BOB});
			assert.equal(alice.heard('blocked').length, 1);
		},
	},
	{
		id: 'unblock',
		title: 'A unblocks B',
		async run({alice}) {
			assert.equal((await alice.do('unblock', BOB)).name, BOB);
			assert.deepEqual(await alice.do('blocks'), []);
		},
	},
	{
		id: 'unblocked',
		title: 'B can open the direct channel again',
		async run({bob, direct}) {
			assert.equal((await bob.do('createChannel', directWith('alice'))).id, direct);
		},
	},
	{
		id: 'unblockHeard',
		title: 'A is told of the end of the block',
		async run({alice}) {
			await alice.hears('unblocked', {name: BOB});
		},
	},
	{
		id: 'deleteOther',
		title: 'A cannot delete B',
		async run({alice}) {
			await refuses(alice.do('deleteUser', BOB), 'NotPermittedError');
		},
	},
];

/** Of a resource, the fields that are expected. */
const only = (resource, expected) => Object.fromEntries(Object.keys(expected).map(key => [key, resource[key]]));

/** Deleting oneself ends the session for good, so this is the last step of an actor. @type {import('./judge.mjs').Row[]} */
export const deletionSteps = [
	{
		id: 'userDeleted',
		title: 'C deletes itself, and is no longer among the users',
		async run({bob, carol}) {
			assert.equal((await carol.do('deleteUser', 'carol')).displayName, 'Deleted user');
			await until(async () => {
				const names = (await bob.do('users')).map(({name}) => name);
				return !names.includes('carol');
			}, 'carol is still listed');
		},
	},
];
