import assert from 'node:assert/strict';
import {among, notAmong, refuses} from './assertions.mjs';
import {until} from './bounded.mjs';

/**
 * What is unread, who has read it, and who is notified. Bob is not in the chat
 * session, in a channel of its own: other steps leave much unread.
 *
 * @param {string} bob Bob's username
 * @param {(actor: import('./environments/remote.mjs').RemoteActor, channel: number) => Promise<void>} enters starts a chat session
 * @returns {import('./judge.mjs').Row[]}
 */
export const readSteps = (bob, enters) => {
	/** The channel, the messages in it, and what Bob counted before them. */
	const within = new WeakMap();
	const send = async ({alice, bob}, channel, body) => {
		const message = await alice.do('send', channel, body);
		await bob.do('adoptMessage', await alice.do('messageResource', message.id));
		return message;
	};
	return [
		{
			id: 'unread',
			title: 'A writes where B does not chat, and B finds one more channel unread',
			async run(conversation) {
				const {alice} = conversation;
				const channel = await alice.do('createChannel', {type: 'PRIVATE', name: 'reading', members: [{username: bob}]});
				await conversation.bob.do('channel', channel.id);
				await enters(alice, channel.id);
				const before = await conversation.bob.do('unreadChannelsCount');
				notAmong(await conversation.bob.do('unreadChannels'), channel.id);
				assert.equal(await conversation.bob.do('isUnread', channel.id), false);
				const first = await send(conversation, channel.id, 'first');
				const second = await send(conversation, channel.id, 'second');
				within.set(conversation, {channel: channel.id, before, first, second});
				assert.equal(await conversation.bob.do('isUnread', channel.id), true);
				assert.equal(await alice.do('isUnread', channel.id), false);
				among(await conversation.bob.do('unreadChannels'), channel.id);
				assert.equal(await conversation.bob.do('unreadChannelsCount'), before + 1);
			},
		},
		{
			id: 'notified',
			title: 'B is notified of each message, and A, who chats there, of none',
			async run(conversation) {
				const {channel, first, second} = within.get(conversation);
				for (const {id, body} of [first, second]) {
					const heard = await conversation.bob.hears('notification', {type: 'USER:SENT:MESSAGE', message: id, body});
					assert.deepEqual([heard.channel, heard.title, heard.recipient], [channel, heard.sender, bob]);
				}
				assert.deepEqual(conversation.alice.heard('notification', {channel}), []);
			},
		},
		{
			id: 'notifiedMention',
			title: 'B is notified of being mentioned, and of nothing else about that message',
			async run(conversation) {
				const {channel} = within.get(conversation);
				const {id} = await send(conversation, channel, `<@${bob}>`);
				await conversation.bob.hears('notification', {type: 'USER:MENTIONED:USER', message: id});
				const last = await send(conversation, channel, 'and last');
				await conversation.bob.hears('notification', {message: last.id});
				assert.equal(conversation.bob.heard('notification', {message: id}).length, 1);
			},
		},
		{
			id: 'unreadMessages',
			title: 'B counts the unread messages of the channel',
			async run(conversation) {
				const {channel} = within.get(conversation);
				assert.equal(await conversation.bob.do('unreadMessagesCount', channel), 4);
				assert.equal(await conversation.alice.do('unreadMessagesCount', channel), 0);
			},
		},
		{
			id: 'unreadEverywhere',
			title: 'B counts the unread messages of all channels',
			async run(conversation) {
				assert.ok(await conversation.bob.do('unreadMessagesCount') >= 4);
			},
		},
		{
			id: 'readNothing',
			title: 'There is no message that B has read last',
			async run(conversation) {
				const {channel} = within.get(conversation);
				const asked = conversation.alice.do('lastRead', channel, bob);
				if (conversation.version.throwsOnNull) {
					await refuses(asked, 'MessageNotFoundError');
				} else {
					assert.equal(await asked, null);
				}
			},
		},
		{
			id: 'readMessage',
			title: 'B reads the first message, and the channel is still unread',
			async run(conversation) {
				const {channel, first} = within.get(conversation);
				await conversation.bob.do('readMessage', first.id);
				assert.equal(await conversation.bob.do('isUnread', channel), true);
			},
		},
		{
			id: 'readSeen',
			title: 'A sees in the chat session that B read it',
			async run(conversation) {
				const {channel, first} = within.get(conversation);
				await conversation.alice.hears('messageRead', {channel, id: first.id});
			},
		},
		{
			id: 'receipts',
			title: 'A lists the receipt, and finds the message that B has read last',
			async run(conversation) {
				const {channel, first, second} = within.get(conversation);
				assert.deepEqual(await conversation.alice.do('receipts', first.id), [bob]);
				assert.deepEqual(await conversation.alice.do('receipts', second.id), []);
				assert.equal(await conversation.alice.do('lastRead', channel, bob), first.id);
			},
		},
		{
			id: 'receiptHeard',
			title: 'Both are told of the receipt outside of chat sessions',
			async run({alice, bob: reader}) {
				await alice.hears('receiptCreated', {author: bob});
				await reader.hears('receiptCreated', {author: bob});
			},
		},
		{
			id: 'readChannel',
			title: 'B reads the channel, and nothing in it is unread',
			async run(conversation) {
				const {channel, before} = within.get(conversation);
				await conversation.bob.do('readChannel', channel);
				await until(async () => !(await conversation.bob.do('isUnread', channel)), 'the channel is unread');
				notAmong(await conversation.bob.do('unreadChannels'), channel);
				assert.equal(await conversation.bob.do('unreadChannelsCount'), before);
			},
		},
		{
			id: 'unreadAgain',
			title: 'B sets the second message unread, and A sees it',
			async run(conversation) {
				const {channel, first, second} = within.get(conversation);
				await conversation.bob.do('unreadMessage', second.id);
				assert.equal(await conversation.bob.do('unreadMessagesCount', channel), 3);
				await conversation.alice.hears('messageUnread', {channel, id: second.id});
				assert.equal(await conversation.alice.do('lastRead', channel, bob), first.id);
			},
		},
		{
			id: 'receiptGone',
			title: 'Both are told outside of chat sessions that the receipt is gone',
			async run({alice, bob: reader}) {
				await alice.hears('receiptDeleted', {author: bob});
				await reader.hears('receiptDeleted', {author: bob});
			},
		},
		{
			id: 'countsWatched',
			title: "The connection's count of unread channels follows for B",
			async run(conversation) {
				const {before} = within.get(conversation);
				await conversation.bob.hears('unreadChannelsCount', {count: before + 1});
				const counts = () => conversation.bob.heard('unreadChannelsCount').map(({count}) => count);
				await until(() => counts().lastIndexOf(before) > counts().indexOf(before + 1), `the count is not ${before} again`);
			},
		},
		{
			id: 'messagesCountWatched',
			title: "The connection's count of unread messages rises and falls for B",
			async run(conversation) {
				const counts = () => conversation.bob.heard('unreadMessagesCount').map(({count}) => count);
				const changed = compare => counts().some((count, index, all) => index > 0 && compare(count, all[index - 1]));
				await until(() => changed((now, before) => now > before), 'the count has not risen');
				await until(() => changed((now, before) => now < before), 'the count has not fallen');
			},
		},
		{
			id: 'notificationWatched',
			title: "The connection's notifications are B's",
			async run(conversation) {
				const {first} = within.get(conversation);
				await conversation.bob.hears('watchedNotification', {message: first.id});
			},
		},
	];
};
