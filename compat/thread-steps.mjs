import assert from 'node:assert/strict';
import {among, enters, ids, notAmong, refuses} from './assertions.mjs';
import {until} from './bounded.mjs';

/**
 * Threads, reports, who is kept out of a channel, and lists over all of them.
 * Taken with Alice and Bob in a channel of its own.
 *
 * @param {string} bob Bob's username
 * @returns {import('./judge.mjs').Row[]}
 */
export const threadSteps = bob => {
	/** The channel, the thread and the messages of a conversation. */
	const within = new WeakMap();
	return [
		{
			id: 'threadCreated',
			title: 'A creates a thread, and both list it',
			async run(conversation) {
				const {alice} = conversation;
				const channel = await alice.do('createChannel', {type: 'PRIVATE', name: 'forum', members: [{username: bob}]});
				await conversation.bob.do('channel', channel.id);
				await enters(alice, channel.id);
				await enters(conversation.bob, channel.id);
				const thread = await alice.do('createThread', channel.id, {name: 'aside', properties: {colour: 'red'}});
				assert.deepEqual([thread.type, thread.name, thread.properties], ['STANDALONE', 'aside', {colour: 'red'}]);
				within.set(conversation, {channel: channel.id, thread: thread.id});
				const listed = await conversation.bob.do('threads', channel.id);
				assert.deepEqual(listed.map(({type}) => type), ['MAIN', 'STANDALONE']);
				assert.deepEqual(ids(await conversation.bob.do('threads', channel.id, {includeMainThread: false})), [thread.id]);
				assert.deepEqual(ids(await conversation.bob.do('threads', channel.id, {standalone: true})), [thread.id]);
			},
		},
		{
			id: 'threadMessage',
			title: 'A sends to the thread, and B receives it in the channel',
			async run(conversation) {
				const {channel, thread} = within.get(conversation);
				const {id} = await conversation.alice.do('sendToThread', thread, 'psst');
				await conversation.bob.hears('message', {channel, id, body: 'psst'});
				const {id: aloud} = await conversation.alice.do('send', channel, 'aloud');
				await conversation.bob.hears('message', {channel, id: aloud});
				assert.deepEqual(ids(await conversation.bob.do('mainThread', channel)), [aloud]);
				Object.assign(within.get(conversation), {message: aloud});
			},
		},
		{
			id: 'threadTyping',
			title: 'A types in the thread, and B sees it in the channel',
			async run(conversation) {
				const {channel, thread} = within.get(conversation);
				await conversation.alice.do('typeInThread', thread, 'in the thread');
				await conversation.bob.hears('keystrokes', {channel, username: 'alice', keys: 'in the thread'});
			},
		},
		{
			id: 'threadSet',
			title: "B's chat session takes the thread, whose handlers never run: the package does not subscribe to its topics",
			async run(conversation) {
				const {channel, thread} = within.get(conversation);
				await conversation.bob.do('setThread', channel, thread);
				const {id} = await conversation.alice.do('sendToThread', thread, 'hello, thread');
				await conversation.bob.hears('message', {channel, id});
				assert.deepEqual(conversation.bob.heard('threadMessage'), []);
			},
		},
		{
			id: 'threadRead',
			title: 'B retrieves the channel of the thread, and marks it read',
			async run(conversation) {
				const {channel, thread} = within.get(conversation);
				assert.equal(await conversation.bob.do('threadChannel', thread), channel);
				assert.equal(await conversation.bob.do('readThread', thread), thread);
			},
		},
		{
			id: 'threadReplies',
			title: 'Replies are a thread, of which B retrieves the message',
			async run(conversation) {
				const {channel, message} = within.get(conversation);
				await conversation.bob.do('about', message, 'reply', 'well said');
				const replies = (await conversation.bob.do('threads', channel)).at(-1);
				assert.equal(replies.type, 'MESSAGE');
				assert.equal(await conversation.bob.do('threadMessage', replies.id), message);
				await refuses(conversation.bob.do('threadMessage', within.get(conversation).thread), 'MessageNotFoundError');
			},
		},
		{
			id: 'context',
			title: 'B retrieves the context of the channel',
			async run(conversation) {
				const {channel} = within.get(conversation);
				const messages = ids(await conversation.bob.do('messages', channel)).map(String);
				const {startCursor, endCursor, readBy} = await conversation.bob.do('context', channel);
				assert.deepEqual([startCursor, endCursor], [messages[0], messages.at(-1)]);
				assert.equal(typeof readBy, 'object');
			},
		},
		{
			id: 'everything',
			title: 'B lists the messages of all channels',
			async run(conversation) {
				const {channel} = within.get(conversation);
				const newest = ids(await conversation.bob.do('messages', channel));
				assert.deepEqual(ids(await conversation.bob.do('allMessages')).slice(0, newest.length), newest);
			},
		},
		{
			id: 'reported',
			title: 'B reports a message',
			async run(conversation) {
				const {message} = within.get(conversation);
				const report = await conversation.bob.do('reportMessage', message, 'too loud', {volume: 11});
				assert.deepEqual(report, {author: bob, reason: 'too loud', properties: {volume: 11}});
				await refuses(conversation.bob.do('reportMessage', message, ''), 'InvalidRequestError');
			},
		},
		{
			id: 'openChannel',
			title: 'B may join an open channel of A',
			async run({alice, bob}) {
				const {id, type} = await alice.do('createChannel', {type: 'OPEN', name: 'stage'});
				assert.equal(type, 'PUBLIC');
				among(await bob.do('joinableChannels'), id);
			},
		},
		{
			id: 'channelBlocked',
			title: 'A blocks B in a channel, and both hear of it',
			async run(conversation) {
				const {channel} = within.get(conversation);
				const {alice} = conversation;
				assert.equal(await alice.do('blockInChannel', channel, {username: bob}), bob);
				await alice.hears('memberBlocked', {channel, author: bob});
				await alice.hears('memberLeft', {channel, name: bob});
				await conversation.bob.hears('channelLeft', {id: channel});
				notAmong(await conversation.bob.do('joinedChannels'), channel);
				await refuses(alice.do('change', 'invite', channel, {user: {username: bob}}), 'BlockedInChannelError');
				assert.deepEqual(await alice.do('channelBlocks', channel, {displayName: bob.slice(0, 3)}), [bob]);
				assert.deepEqual(await alice.do('channelBlocks', channel, {displayName: 'nobody'}), []);
			},
		},
		{
			id: 'channelUnblocked',
			title: 'A unblocks B, who may be invited again',
			async run(conversation) {
				const {channel} = within.get(conversation);
				const {alice} = conversation;
				assert.equal(await alice.do('unblockInChannel', bob), bob);
				await alice.hears('memberUnblocked', {channel, author: bob});
				await alice.do('change', 'invite', channel, {user: {username: bob}});
				await until(async () => (await conversation.bob.do('joinedChannels')).some(({id}) => id === channel), 'B is not back');
			},
		},
	];
};
