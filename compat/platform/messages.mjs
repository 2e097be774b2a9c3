import {deepEqual, equal, ok} from 'node:assert/strict';
import {body, isApplication, refused, row, uploaded} from './row.mjs';

/** Messages, threads, and what becomes of them. @type {import('../judge.mjs').Row[]} */
export const messages = [
	row(35, 'sendChannelMessage', async state => {
		const {kitty, group, carl} = state;
		const send = message => body(kitty.ChannelsApi.sendChannelMessage(group.id, message));
		state.said = await send({type: 'TEXT', body: '🌞 <@bob> hello world&x', user: {username: 'jane'}, group_tag: 'tag'});
		deepEqual([state.said.type, state.said.user.name, state.said.group_tag, state.said.nested_level], ['TEXT', 'jane', 'tag', 0]);
		deepEqual([state.said.mentions[0].start_position, state.said.mentions[0].user.name], [3, 'bob']);
		state.system = await send({type: 'TEXT', body: 42, properties: {k: 'v'}});
		deepEqual([state.system.type, state.system.user, state.system.body], ['SYSTEM_TEXT', undefined, '42']);
		const file = {url: 'https://files.example/a.pdf', name: 'a.pdf', content_type: 'application/pdf', size: 7};
		state.file = await send({type: 'FILE', file, user: {username: 'jane'}});
		deepEqual([state.file.type, state.file.file], ['FILE', {type: 'EXTERNAL', ...file}]);
		equal((await uploaded(state, `/channels/${group.id}/messages`, {groupTag: 'album', properties: '{"a":1}'})).type, 'SYSTEM_FILE');
		await refused(kitty.ChannelsApi.sendChannelMessage(group.id, {type: 'TEXT', body: 'x', user: {id: carl.id}}), 400);
		await refused(kitty.ChannelsApi.sendChannelMessage(group.id, {type: 'FILE'}), 400);
		await refused(kitty.ChannelsApi.sendChannelMessage(group.id, {type: 'TEXT', body: ['Hello', 'World!']}), 400);
		await refused(kitty.ChannelsApi.sendChannelMessage(group.id, {type: 'TEXT'}), 400);
	}),
	row(13, 'listUserMessages', async ({kitty, jane, bob, said, file, system}) => {
		const ids = async (...options) => (await body(kitty.UsersApi.listUserMessages(...options)))._embedded.messages.map(({id}) => id);
		deepEqual(await ids(jane.id), [file.id, said.id]);
		ok((await ids(bob.id, 5, undefined, undefined, undefined, true)).includes(system.id));
		const [first, ...others] = await ids(bob.id, undefined, undefined, undefined, undefined, true);
		const page = await body(kitty.UsersApi.listUserMessages(bob.id, 1, undefined, undefined, undefined, true));
		equal(page._embedded.messages[0].id, first);
		const next = await body(kitty.UsersApi.listUserMessages(bob.id, 1, Number(page.page.start), Number(page.page.next), 'NEXT', true));
		equal(next._embedded.messages[0].id, others[0]);
	}),
	row(14, 'countUserUnreadMessages', async ({kitty, bob}) => {
		const {count} = await body(kitty.UsersApi.countUserUnreadMessages(bob.id));
		equal(count, (await body(kitty.UsersApi.listUserMessages(bob.id, 5, undefined, undefined, undefined, true))).page.total);
		deepEqual((await body(kitty.UsersApi.listUsers(0, 25, undefined, undefined, true)))._embedded.users.some(({id}) => id === bob.id), count > 0);
	}),
	row(4, 'retrieveApplicationMessageReadReceiptSummaries', async ({kitty, bob, group}) => {
		const {_embedded: {summaries}, page} = await body(
			kitty.ApplicationApi.retrieveApplicationMessageReadReceiptSummaries({page: 0, size: 5, sort: ['count,desc']}),
		);
		const {count} = await body(kitty.UsersApi.countUserUnreadMessages(bob.id));
		const mine = summaries.find(({user}) => user.id === bob.id);
		deepEqual([mine.channel.id, mine.channel.name, mine.count, page.size], [group.id, 'general', count, 5]);
		equal((await body(kitty.ApplicationApi.retrieveApplicationMessageReadReceiptSummaries({}))).page.size, 25);
	}),
	row(15, 'listUserNotifications', async state => {
		const {kitty, bob, said} = state;
		let list;
		do { // they are made in the background; the row's own time limit bounds it
			list = await body(kitty.UsersApi.listUserNotifications(bob.id, 5));
		} while (list.page.total < 4);
		const notifications = list._embedded.notifications;
		const mention = notifications.find(({data}) => data.message.id === said.id);
		deepEqual([mention.data.type, mention.data.mentioned_user.id, mention.channel.name], ['USER:MENTIONED:USER', bob.id, 'general']);
		deepEqual(notifications.map(({id}) => id), notifications.map(({id}) => id).sort((a, b) => b - a));
		ok(notifications.some(({data}) => data.type === 'SYSTEM:SENT:MESSAGE'));
	}),
	row(44, 'listMessageReadReceipts', async ({kitty, said}) => {
		const page = await body(kitty.MessagesApi.listMessageReadReceipts(said.id));
		deepEqual([page._embedded.receipts, page.page.total_elements], [[], 0]);
		await refused(kitty.MessagesApi.listMessageReadReceipts(999_999_999), 404);
	}),
	row(49, 'listUserSessions', async ({kitty}) => {
		const ended = await body(kitty.UserSessionsApi.listUserSessions(0, 25, ['id'], 'ENDED'));
		ok(ended._embedded.sessions.every(({state, end_time: end}) => state === 'ENDED' && end));
		ok((await body(kitty.UserSessionsApi.listUserSessions()))._embedded.sessions);
	}),
	row(50, 'listChatSessions', async ({kitty}) => {
		const active = await body(kitty.ChatSessionsApi.listChatSessions(0, 5, undefined, 'ACTIVE'));
		ok(active._embedded.sessions.every(({state, session}) => state === 'ACTIVE' && session.user));
	}),
	row(34, 'listChannelMessages', async ({kitty, group}) => {
		for (let n = 0; n < 5; n++) {
			await body(kitty.ChannelsApi.sendChannelMessage(group.id, {type: 'TEXT', body: `message ${n}`}));
		}
		const walked = [];
		let page = await body(kitty.ChannelsApi.listChannelMessages(group.id, 3));
		equal(page.page.total, 9);
		for (;;) {
			walked.push(...page._embedded.messages.map(({id}) => id));
			if (!page._links.next) {
				break;
			}
			const {start, next} = page.page;
			page = await body(kitty.ChannelsApi.listChannelMessages(group.id, 3, start, next, 'NEXT'));
		}
		deepEqual(walked, [...new Set(walked)].sort((a, b) => b - a));
		equal(walked.length, 9);
		const back = await body(kitty.ChannelsApi.listChannelMessages(group.id, 3, page.page.start, undefined, 'PREVIOUS'));
		deepEqual(back._embedded.messages.map(({id}) => id), walked.slice(3, 6));
		const found = await body(kitty.ChannelsApi.listChannelMessages(group.id, 5, undefined, undefined, undefined, 'jane', 'hello world&x'));
		equal(found._embedded.messages.length, 1);
	}),
	row(37, 'sendChannelKeystrokes', async ({kitty, group, jane}) => {
		const sent = await body(kitty.ChannelsApi.sendChannelKeystrokes(group.id, {keys: 'hel', user: {id: jane.id}}));
		deepEqual([sent.keys, sent.username], ['hel', 'jane']);
	}),
	row(38, 'sendChannelEvent', async ({kitty, group}) => {
		const sent = await body(kitty.ChannelsApi.sendChannelEvent(group.id, {type: 'My Event', properties: {a: 1}}));
		deepEqual([sent.type, sent.properties, sent.user], ['My Event', {a: 1}, undefined]);
	}),
	row(39, 'listMessages', async ({kitty}) => {
		const found = await body(kitty.MessagesApi.listMessages(5, undefined, undefined, undefined, 'jane', 'hello'));
		equal(found._embedded.messages.length, 1);
		equal((await body(kitty.MessagesApi.listMessages(2))).page.total, 9);
	}),
	row(41, 'retrieveMessage', async ({kitty, said}) => {
		equal((await body(kitty.MessagesApi.retrieveMessage(said.id))).body, said.body);
		await refused(kitty.MessagesApi.retrieveMessage(999_999_999), 404);
	}),
	row(42, 'updateMessage', async ({kitty, said, system}) => {
		const changed = await body(kitty.MessagesApi.updateMessage(said.id, {body: 'x', properties: {a: null, b: 1}}));
		deepEqual([changed.body, changed.properties], ['x', {b: 1}]);
		ok(changed.last_edited_time);
		equal((await body(kitty.MessagesApi.updateMessage(system.id))).last_edited_time, undefined);
	}),
	row(43, 'deleteMessage', async state => {
		const {kitty, said} = state;
		state.main = await body(kitty.MessagesApi.deleteMessage(said.id));
		deepEqual([state.main.type, typeof state.main.id], ['MAIN', 'number']);
		await refused(kitty.MessagesApi.retrieveMessage(said.id), 404);
	}),
	row(45, 'retrieveThread', async ({kitty, main}) => {
		deepEqual(await body(kitty.ThreadsApi.retrieveThread(main.id)), main);
		await refused(kitty.ThreadsApi.retrieveThread(999_999_999), 404);
	}),
	row(47, 'sendThreadMessage', async state => {
		const {kitty, main, group} = state;
		equal((await uploaded(state, `/threads/${main.id}/messages`)).file.type, 'HOSTED');
		const sent = await body(kitty.ThreadsApi.sendThreadMessage(main.id, {type: 'TEXT', body: 'in the thread', user: {username: 'bob'}}));
		deepEqual([sent.channel_id, sent.user.name], [group.id, 'bob']);
		const system = await body(kitty.ThreadsApi.sendThreadMessage(main.id, {type: 'TEXT', body: 'from nobody'}));
		equal(system.type, 'SYSTEM_TEXT');
		state.last = system;
	}),
	row(46, 'listThreadMessages', async ({kitty, main, last}) => {
		const page = await body(kitty.ThreadsApi.listThreadMessages(main.id, 5));
		equal(page._embedded.messages[0].id, last.id);
		equal(page._embedded.messages.length, 5);
	}),
	row(48, 'sendThreadKeystrokes', async ({kitty, main}) => {
		const sent = await body(kitty.ThreadsApi.sendThreadKeystrokes(main.id, {keys: 'h', user: {username: 'jane'}}));
		deepEqual([sent.keys, sent.username], ['h', 'jane']);
	}),
	row(36, 'listChannelReportedMessages', async ({kitty, group}) => {
		const page = await body(kitty.ChannelsApi.listChannelReportedMessages(group.id));
		deepEqual([page._embedded.messages, page.page.total_elements], [[], 0]);
	}),
];

/** What comes last, since nothing is left of it. @type {import('../judge.mjs').Row[]} */
export const deletions = [
	row(10, 'deleteUser', async state => {
		const {kitty, carl} = state;
		isApplication(await body(kitty.UsersApi.deleteUser(carl.id)), state);
		await refused(kitty.UsersApi.retrieveUser(carl.id), 404);
		await refused(kitty.UsersApi.checkUserExists(carl.name), 404);
		await refused(kitty.UsersApi.deleteUser(carl.id), 404);
	}),
	row(23, 'deleteChannel', async state => {
		const {kitty, direct} = state;
		isApplication(await body(kitty.ChannelsApi.deleteChannel(direct.id)), state);
		await refused(kitty.ChannelsApi.retrieveChannel(direct.id), 404);
	}),
	row(40, 'deleteMessages', async state => {
		isApplication(await body(state.kitty.MessagesApi.deleteMessages()), state);
		const page = await body(state.kitty.MessagesApi.listMessages());
		deepEqual([page._embedded.messages, page.page.total], [[], 0]);
	}),
];
