import assert from 'node:assert/strict';
import {among, directWith, enters, ids, notAmong, refuses} from './assertions.mjs';

/**
 * Who is in a channel, and what it is to each. Bob makes the channels, and Carol
 * comes and goes. @type {import('./judge.mjs').Row[]}
 */
export const membership = [
	{
		id: 'joined',
		title: 'C joins a public channel of B',
		async run(conversation) {
			const {bob, carol} = conversation;
			const {id} = await bob.do('createChannel', {type: 'PUBLIC', name: 'square'});
			conversation.square = id;
			await enters(bob, id);
			assert.deepEqual((await carol.do('channel', id)).may, ['join']);
			assert.deepEqual((await carol.do('change', 'join', id)).may, ['leave', 'invite']);
			among(await carol.do('joinedChannels'), id);
			if (await bob.do('hearsOf', 'memberJoined')) {
				await bob.hears('memberJoined', {channel: id, name: 'carol'});
			}
		},
	},
	{
		id: 'departed',
		title: 'C leaves it, and hears nothing more of it',
		async run({bob, carol, square}) {
			await enters(carol, square);
			const {id: heard} = await bob.do('send', square, 'C hears this');
			await carol.hears('message', {channel: square, id: heard});
			await carol.do('change', 'leave', square);
			notAmong(await carol.do('joinedChannels'), square);
			if (await carol.do('hearsOf', 'channelLeft')) {
				await carol.hears('channelLeft', {id: square});
			}
			if (await bob.do('hearsOf', 'memberLeft')) {
				await bob.hears('memberLeft', {channel: square, name: 'carol'});
			}
			await bob.hears('left', {channel: square, name: 'carol'});
			const {id: unheard} = await bob.do('send', square, 'C does not hear this');
			await bob.hears('message', {channel: square, id: unheard});
			await carol.do('channel', square);
			assert.deepEqual(carol.heard('message', {channel: square, id: unheard}), []);
		},
	},
	{
		id: 'invited',
		title: 'B invites C to a private channel',
		async run(conversation) {
			const {bob, carol} = conversation;
			const {id} = await bob.do('createChannel', {type: 'PRIVATE', name: 'den'});
			conversation.den = id;
			assert.equal((await bob.do('change', 'invite', id, {user: {username: 'carol'}})).name, 'carol');
			await carol.hears('channelJoined', {id});
			assert.deepEqual((await carol.do('channel', id)).may, ['leave', 'invite']);
		},
	},
	{
		id: 'updated',
		title: 'B updates it, and C hears of it in the chat session and outside',
		async run({bob, carol, den}) {
			await enters(carol, den);
			const changes = {displayName: 'The Den', properties: {colour: 'red'}};
			const {displayName, properties} = await bob.do('change', 'update', den, changes);
			assert.deepEqual({displayName, properties}, changes);
			await carol.hears('updatedInside', {channel: den, displayName});
			await carol.hears('channelUpdated', {id: den, displayName});
			await refuses(carol.do('change', 'update', den, {displayName: 'Mine'}), 'NotPermittedError');
		},
	},
	{
		id: 'moderated',
		title: 'B makes C a moderator',
		async run({bob, carol, den}) {
			await enters(bob, den);
			assert.equal((await bob.do('change', 'addModerator', den, {user: {username: 'carol'}})).id, den);
			among([await carol.do('channel', den)], den);
			assert.ok((await carol.do('channel', den)).may.includes('addModerator'));
			if (await bob.do('hearsOf', 'moderatorAdded')) {
				await bob.hears('moderatorAdded', {channel: den, name: 'carol'});
			}
		},
	},
	{
		id: 'moderators',
		title: 'B lists the moderators, and dismisses C as one',
		async run({bob, carol, den}) {
			assert.ok((await bob.do('moderators', den)).some(({name}) => name === 'carol'));
			assert.equal((await bob.do('change', 'deleteModerator', den, {user: {username: 'carol'}})).id, den);
			await bob.hears('moderatorDeleted', {channel: den, name: 'carol'});
			assert.ok((await bob.do('moderators', den)).every(({name}) => name !== 'carol'));
			assert.deepEqual((await carol.do('channel', den)).may, ['leave', 'invite']);
		},
	},
	{
		id: 'muted',
		title: 'C mutes and unmutes it',
		async run({carol, den}) {
			assert.equal((await carol.do('change', 'mute', den)).id, den);
			assert.equal((await carol.do('change', 'unmute', den)).id, den);
		},
	},
	{
		id: 'hidden',
		title: 'B hides a direct channel, which a message of C brings back',
		async run({bob, carol}) {
			const request = directWith('carol');
			const {id} = await bob.do('createChannel', request);
			assert.equal((await bob.do('change', 'hide', id)).id, id);
			notAmong(await bob.do('joinedChannels'), id);
			among(await carol.do('joinedChannels'), id);
			await carol.do('send', id, 'where are you?');
			among(await bob.do('joinedChannels'), id);
			if (await bob.do('hearsOf', 'channelUnhidden')) {
				await bob.hears('channelHidden', {id});
				await bob.hears('channelUnhidden', {id});
			}
		},
	},
	{
		id: 'cleared',
		title: 'B clears its history, which C keeps',
		async run({bob, carol}) {
			const {id} = await bob.do('createChannel', directWith('carol'));
			const kept = ids(await carol.do('messages', id));
			assert.equal((await bob.do('change', 'clear', id)).last, undefined);
			assert.deepEqual(await bob.do('messages', id), []);
			assert.deepEqual(ids(await carol.do('messages', id)), kept);
			const {id: next} = await carol.do('send', id, 'a new beginning');
			assert.deepEqual(ids(await bob.do('messages', id)), [next]);
		},
	},
	{
		id: 'removed',
		title: 'B removes C from a channel',
		async run({bob, carol, square}) {
			await carol.do('channel', square);
			await carol.do('change', 'join', square);
			const before = carol.heard('channelLeft', {id: square}).length;
			assert.equal((await bob.do('change', 'remove', square, {user: {username: 'carol'}})).id, square);
			notAmong(await carol.do('joinedChannels'), square);
			assert.equal(carol.heard('channelLeft', {id: square}).length, before + 1);
		},
	},
	{
		id: 'deleted',
		title: 'B deletes the private channel, and it is gone',
		async run({bob, carol, den}) {
			await bob.do('change', 'delete', den);
			await refuses(carol.do('channel', den), 'ChannelNotFoundError');
			notAmong(await carol.do('joinedChannels'), den);
			if (await carol.do('hearsOf', 'channelDeleted')) {
				await carol.hears('channelDeleted', {id: den});
				await carol.hears('deletedInside', {channel: den, id: den});
			}
			await bob.do('createChannel', {type: 'PRIVATE', name: 'den'});
		},
	},
];
