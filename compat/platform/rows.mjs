/**
 * What the published Platform API clients do, an operation a row. The rows build
 * on one another, so they stand in the order in which they are taken; the table
 * of results has them by number.
 */
import {deepEqual, equal, match, ok} from 'node:assert/strict';

/** @typedef {{number: number, title: string, take: (state: object) => Promise<void>}} Row */

/** @type {Row[]} */
export const rows = [];

const row = (number, title, take) => rows.push({number, title, take});

/** Fails unless a call is refused with a status and a documented body. */
export const refused = async (call, ...statuses) => {
	const error = await call.then(() => undefined, error => error);
	ok(error?.response, `the call was answered, or broke: ${error}`);
	ok(statuses.includes(error.response.status), `the status is ${error.response.status}`);
	const {data} = error.response;
	if (error.config?.method !== 'head') {
		equal(typeof data.error, 'string');
		equal(typeof (data.message ?? data.error_description), 'string');
	}
	return data;
};

/** Fails if a body that is not the caller's own holds null. */
export const complete = value => {
	for (const [name, part] of Object.entries(value ?? {})) {
		ok(part !== null, `${name} is null`);
		if (typeof part === 'object' && name !== 'properties') {
			complete(part);
		}
	}
	return value;
};

const body = async call => {
	const {status, data, headers} = await call;
	equal(status, 200);
	match(headers['content-type'], /json/);
	return complete(data);
};

/** A picture of one pixel. */
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

/** Uploads a file, which the generated client cannot: it sends JSON alone. */
const uploaded = async ({kitty, host}, path, fields = {}) => {
	const {config} = await kitty.ApplicationApi.retrieveApplication();
	const form = new FormData();
	form.set('file', new File([PIXEL], 'pixel.png', {type: 'image/png'}));
	Object.entries(fields).forEach(([name, value]) => form.set(name, value));
	const answer = await fetch(`http://${host}${path}`, {method: 'POST', body: form, headers: {Authorization: config.headers.Authorization}});
	const sent = complete(await answer.json());
	equal(answer.status, 200, JSON.stringify(sent));
	return sent;
};

const isUser = user => {
	equal(user.type, 'PERSON');
	ok(Number.isInteger(user.id) && user.id < 1e9);
	equal(typeof user.isGuest, 'boolean');
	ok(user.display_picture_url.startsWith('http'));
	equal(typeof user.presence.online, 'boolean');
	equal(typeof user.presence.status, 'string');
	equal(typeof user.properties, 'object');
	return user;
};

const isApplication = (application, {id}) => {
	equal(application.id, id);
	equal(typeof application.key, 'string');
	match(application.created_time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
	equal(typeof application.properties, 'object');
};

row(1, 'retrieveApplication', async state => {
	const application = await body(state.kitty.ApplicationApi.retrieveApplication());
	state.id = application.id;
	isApplication(application, state);
});
row(2, 'retrieveApplicationSettings', async ({kitty}) => {
	const settings = await body(kitty.ApplicationApi.retrieveApplicationSettings());
	deepEqual([settings.guest_users, settings.user_created_channels], ['ENABLED', 'ENABLED']);
});
row(3, 'updateApplicationSettings', async ({kitty}) => {
	const changed = await body(kitty.ApplicationApi.updateApplicationSettings({guest_users: 'DISABLED', user_created_channels: 'ENABLED'}));
	equal(changed.guest_users, 'DISABLED');
	const now = await body(kitty.ApplicationApi.retrieveApplicationSettings());
	equal(now.guest_users, 'DISABLED');
	await refused(kitty.ApplicationApi.updateApplicationSettings({guest_users: 'MAYBE', user_created_channels: 'ENABLED'}), 400);
	await body(kitty.ApplicationApi.updateApplicationSettings({features: {guest_users: 'ENABLED', user_created_channels: 'ENABLED'}, _links: {}}));
});
row(6, 'createUser', async state => {
	const {kitty} = state;
	const create = {name: 'jane', display_name: 'Jane', is_guest: false, properties: {n: 42, nested: {a: null}}};
	state.jane = isUser(await body(kitty.UsersApi.createUser(create)));
	deepEqual(state.jane.properties, create.properties);
	equal(state.jane.presence.online, false);
	await refused(kitty.UsersApi.createUser(create), 400);
	await refused(kitty.UsersApi.createUser({name: 'nobody'}), 400);
	await refused(kitty.UsersApi.createUser({display_name: 'Nobody'}), 400);
	state.bob = isUser(await body(kitty.UsersApi.createUser({name: 'bob', display_name: 'Bob'})));
	state.carl = isUser(await body(kitty.UsersApi.createUser({name: 'jane doe+1@x.com', display_name: 'Carl', guest: true})));
	equal(state.carl.isGuest, true);
});
row(7, 'checkUserExists', async ({kitty}) => {
	const {status} = await kitty.UsersApi.checkUserExists('jane doe+1@x.com');
	equal(status, 200);
	await refused(kitty.UsersApi.checkUserExists('jane doe'), 404);
});
row(8, 'retrieveUser', async ({kitty, jane}) => {
	deepEqual(await body(kitty.UsersApi.retrieveUser(jane.id)), jane);
	await refused(kitty.UsersApi.retrieveUser(999_999_999), 404);
	await refused(kitty.UsersApi.retrieveUser('x'), 400, 404);
});
row(5, 'listUsers', async ({kitty, jane}) => {
	const names = async (...options) => (await body(kitty.UsersApi.listUsers(...options)))._embedded.users.map(({name}) => name);
	deepEqual(await names(0, 0, undefined, 'jane'), ['jane']);
	deepEqual(await names(0, 25, ['name,desc']), ['jane doe+1@x.com', 'jane', 'bob']);
	deepEqual(await names(0, 25, ['name', 'desc']), ['jane doe+1@x.com', 'jane', 'bob']);
	deepEqual(await names(0, 25, undefined, undefined, undefined, '{"n":42}'), ['jane']);
	deepEqual(await names(9), []);
	const page = await body(kitty.UsersApi.listUsers(1, 2));
	deepEqual(page.page, {number: 1, size: 2, total_elements: 3, total_pages: 2});
	ok(page._links.prev && !page._links.next);
	ok(jane);
});
row(9, 'updateUser', async ({kitty, jane}) => {
	const changed = await body(kitty.UsersApi.updateUser(jane.id, {display_name: 'J', presence: {status: 'AWAY'}, properties: {n: null, m: 1}}));
	equal(changed.display_name, 'J');
	deepEqual(changed.properties, {nested: {a: null}, m: 1});
	const same = await body(kitty.UsersApi.updateUser(jane.id));
	deepEqual(same, changed);
});
row(11, 'updateUserDisplayPicture', async state => {
	const {kitty, jane} = state;
	const url = 'https://pictures.example/jane.png';
	const changed = await body(kitty.UsersApi.updateUserDisplayPicture(jane.id, {url, name: 'jane.png', content_type: 'image/png', size: 12}));
	equal(changed.display_picture_url, url);
	ok((await uploaded(state, `/users/${jane.id}/display-picture`)).display_picture_url.startsWith(`http://${state.host}/files/`));
});
row(17, 'setUserSecret', async ({kitty, jane}) => {
	const user = await body(kitty.UsersApi.setUserSecret(jane.id, 'Secret Name/é', {secret: 's3cr3t'}));
	equal(user.id, jane.id);
	ok(!JSON.stringify(user).includes('s3cr3t'));
});
row(16, 'retrieveUserSecret', async ({kitty, jane}) => {
	deepEqual(await body(kitty.UsersApi.retrieveUserSecret(jane.id, 'Secret Name/é')), {secret: 's3cr3t'});
	await refused(kitty.UsersApi.retrieveUserSecret(jane.id, 'other'), 404);
});
row(18, 'removeUserSecret', async ({kitty, jane}) => {
	equal((await body(kitty.UsersApi.removeUserSecret(jane.id, 'Secret Name/é'))).id, jane.id);
	await refused(kitty.UsersApi.retrieveUserSecret(jane.id, 'Secret Name/é'), 404);
});
row(20, 'createChannel', async state => {
	const {kitty, jane, bob} = state;
	const create = channel => body(kitty.ChannelsApi.createChannel(channel));
	state.direct = await create({type: 'DIRECT', members: [{username: 'jane'}, {id: bob.id}]});
	deepEqual(state.direct.members.map(({id}) => id).sort(), [jane.id, bob.id].sort());
	equal((await create({type: 'DIRECT', members: [{id: bob.id}, {id: jane.id}]})).id, state.direct.id);
	state.group = await create({type: 'PUBLIC', name: 'general', creator: {username: 'bob'}, properties: {a: 1}});
	equal(state.group.display_name, 'general');
	equal(state.group.creator.id, bob.id);
	equal((await create({type: 'PUBLIC', name: 'general'})).id, state.group.id);
	const unnamed = await create({type: 'PRIVATE', members: {}});
	match(unnamed.name, /^[0-9a-f-]{36}$/);
	equal(unnamed.creator, undefined);
	await refused(kitty.ChannelsApi.createChannel({type: 'DIRECT', members: new Set([1])}), 400);
	await refused(kitty.ChannelsApi.createChannel({type: 'PUBLIC', members: [{username: 'ghost'}]}), 400, 404);
	await refused(kitty.ChannelsApi.createChannel({type: 'OTHER'}), 400);
});
row(21, 'retrieveChannel', async ({kitty, group}) => {
	const {last_received_message, ...channel} = await body(kitty.ChannelsApi.retrieveChannel(group.id));
	equal(channel.name, 'general');
	equal(last_received_message, undefined);
	await refused(kitty.ChannelsApi.retrieveChannel(999_999_999), 404);
});
row(22, 'updateChannel', async ({kitty, group}) => {
	const changed = await body(kitty.ChannelsApi.updateChannel(group.id, {display_name: 'General', properties: {b: 2}}));
	deepEqual([changed.display_name, changed.properties], ['General', {a: 1, b: 2}]);
});
row(19, 'listChannels', async ({kitty, group, direct}) => {
	const ids = async (...options) => (await body(kitty.ChannelsApi.listChannels(...options)))._embedded.channels.map(({id}) => id);
	deepEqual(await ids(0, 25, ['id,desc', 'name'], 'PUBLIC', new Set(['bob']), new Date(0), '2124-01-02T03:04:05Z', '{"a":1}'), [group.id]);
	deepEqual(await ids(0, 25, undefined, undefined, new Set(['jane', 'bob'])), [direct.id]);
	deepEqual(await ids(0, 25, undefined, undefined, undefined, undefined, '2001-01-01'), []);
	equal((await ids()).length, 3);
});
row(25, 'addChannelMember', async ({kitty, group, direct, carl}) => {
	equal((await body(kitty.ChannelsApi.addChannelMember(group.id, {username: 'jane'}))).id, group.id);
	equal((await body(kitty.ChannelsApi.addChannelMember(group.id, {username: 'jane'}))).id, group.id);
	await refused(kitty.ChannelsApi.addChannelMember(direct.id, {id: carl.id}), 400);
	await refused(kitty.ChannelsApi.addChannelMember(group.id, {username: 'ghost'}), 400, 404);
	await refused(kitty.ChannelsApi.addChannelMember(group.id, {}), 400);
});
row(24, 'listChannelMembers', async ({kitty, group, jane, bob}) => {
	const {_embedded: {users}} = await body(kitty.ChannelsApi.listChannelMembers(group.id));
	deepEqual(users.map(({id}) => id), [jane.id, bob.id].sort((a, b) => a - b));
	const second = await body(kitty.ChannelsApi.listChannelMembers(group.id, 1, 1));
	equal(second._embedded.users.length, 1);
});
row(27, 'listChannelMemberships', async ({kitty, group}) => {
	const {_embedded: {memberships}} = await body(kitty.ChannelsApi.listChannelMemberships(group.id));
	equal(memberships.length, 2);
	deepEqual(Object.keys(memberships[0]._links).sort(), ['application', 'channel', 'member', 'user']);
});
row(29, 'addChannelModerator', async ({kitty, group, jane, carl}) => {
	equal((await body(kitty.ChannelsApi.addChannelModerator(group.id, {id: jane.id}))).id, jane.id);
	equal((await body(kitty.ChannelsApi.addChannelModerator(group.id, {id: jane.id}))).id, jane.id);
	await refused(kitty.ChannelsApi.addChannelModerator(group.id, {id: carl.id}), 400, 404);
});
row(28, 'listChannelModerators', async ({kitty, group, jane}) => {
	const {_embedded: {users}} = await body(kitty.ChannelsApi.listChannelModerators(group.id));
	ok(users.some(({id}) => id === jane.id));
});
row(30, 'removeChannelModerator', async ({kitty, group, jane}) => {
	equal((await body(kitty.ChannelsApi.removeChannelModerator(group.id, jane.id))).id, group.id);
	const {_embedded: {users}} = await body(kitty.ChannelsApi.listChannelModerators(group.id));
	ok(!users.some(({id}) => id === jane.id));
});
row(33, 'sendChannelInvite', async ({kitty, group, carl}) => {
	const invite = await body(kitty.ChannelsApi.sendChannelInvite(group.id, {user: {id: carl.id}}));
	deepEqual(Object.keys(invite._links).sort(), ['application', 'channel', 'invitee']);
});
row(32, 'listChannelInvites', async ({kitty, group}) => {
	const {_embedded: {invites}} = await body(kitty.ChannelsApi.listChannelInvites(group.id, 0, 25, ['created_time,desc']));
	equal(invites.length, 1);
});
row(26, 'removeChannelMember', async ({kitty, group, carl}) => {
	equal((await body(kitty.ChannelsApi.removeChannelMember(group.id, carl.id))).id, group.id);
	await refused(kitty.ChannelsApi.removeChannelMember(group.id, carl.id), 404);
});
row(12, 'listUserChannels', async ({kitty, jane, direct, group}) => {
	const {_embedded: {channels}} = await body(kitty.UsersApi.listUserChannels(jane.id));
	deepEqual(channels.map(({id}) => id).sort(), [direct.id, group.id].sort());
});
row(31, 'listChannelParticipants', async ({kitty, group}) => {
	const {_embedded: {users}} = await body(kitty.ChannelsApi.listChannelParticipants(group.id));
	deepEqual(users, []);
});
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
});
row(13, 'listUserMessages', async ({kitty, jane, bob, said, file, system}) => {
	const ids = async (...options) => (await body(kitty.UsersApi.listUserMessages(...options)))._embedded.messages.map(({id}) => id);
	deepEqual(await ids(jane.id), [file.id, said.id]);
	ok((await ids(bob.id, 5, undefined, undefined, undefined, true)).includes(system.id));
	const [first, ...others] = await ids(bob.id, undefined, undefined, undefined, undefined, true);
	const page = await body(kitty.UsersApi.listUserMessages(bob.id, 1, undefined, undefined, undefined, true));
	equal(page._embedded.messages[0].id, first);
	const next = await body(kitty.UsersApi.listUserMessages(bob.id, 1, Number(page.page.start), Number(page.page.next), 'NEXT', true));
	equal(next._embedded.messages[0].id, others[0]);
});
row(14, 'countUserUnreadMessages', async ({kitty, bob}) => {
	const {count} = await body(kitty.UsersApi.countUserUnreadMessages(bob.id));
	equal(count, (await body(kitty.UsersApi.listUserMessages(bob.id, 5, undefined, undefined, undefined, true))).page.total);
	deepEqual((await body(kitty.UsersApi.listUsers(0, 25, undefined, undefined, true)))._embedded.users.some(({id}) => id === bob.id), count > 0);
});
row(4, 'retrieveApplicationMessageReadReceiptSummaries', async ({kitty, bob, group}) => {
	const {_embedded: {summaries}, page} = await body(
		kitty.ApplicationApi.retrieveApplicationMessageReadReceiptSummaries({page: 0, size: 5, sort: ['count,desc']}),
	);
	const {count} = await body(kitty.UsersApi.countUserUnreadMessages(bob.id));
	const mine = summaries.find(({user}) => user.id === bob.id);
	deepEqual([mine.channel.id, mine.channel.name, mine.count, page.size], [group.id, 'general', count, 5]);
	equal((await body(kitty.ApplicationApi.retrieveApplicationMessageReadReceiptSummaries({}))).page.size, 25);
});
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
});
row(44, 'listMessageReadReceipts', async ({kitty, said}) => {
	const page = await body(kitty.MessagesApi.listMessageReadReceipts(said.id));
	deepEqual([page._embedded.receipts, page.page.total_elements], [[], 0]);
	await refused(kitty.MessagesApi.listMessageReadReceipts(999_999_999), 404);
});
row(49, 'listUserSessions', async ({kitty}) => {
	const ended = await body(kitty.UserSessionsApi.listUserSessions(0, 25, ['id'], 'ENDED'));
	ok(ended._embedded.sessions.every(({state, end_time: end}) => state === 'ENDED' && end));
	ok((await body(kitty.UserSessionsApi.listUserSessions()))._embedded.sessions);
});
row(50, 'listChatSessions', async ({kitty}) => {
	const active = await body(kitty.ChatSessionsApi.listChatSessions(0, 5, undefined, 'ACTIVE'));
	ok(active._embedded.sessions.every(({state, session}) => state === 'ACTIVE' && session.user));
});
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
});
row(37, 'sendChannelKeystrokes', async ({kitty, group, jane}) => {
	const sent = await body(kitty.ChannelsApi.sendChannelKeystrokes(group.id, {keys: 'hel', user: {id: jane.id}}));
	deepEqual([sent.keys, sent.username], ['hel', 'jane']);
});
row(38, 'sendChannelEvent', async ({kitty, group}) => {
	const sent = await body(kitty.ChannelsApi.sendChannelEvent(group.id, {type: 'My Event', properties: {a: 1}}));
	deepEqual([sent.type, sent.properties, sent.user], ['My Event', {a: 1}, undefined]);
});
row(39, 'listMessages', async ({kitty}) => {
	const found = await body(kitty.MessagesApi.listMessages(5, undefined, undefined, undefined, 'jane', 'hello'));
	equal(found._embedded.messages.length, 1);
	equal((await body(kitty.MessagesApi.listMessages(2))).page.total, 9);
});
row(41, 'retrieveMessage', async ({kitty, said}) => {
	equal((await body(kitty.MessagesApi.retrieveMessage(said.id))).body, said.body);
	await refused(kitty.MessagesApi.retrieveMessage(999_999_999), 404);
});
row(42, 'updateMessage', async ({kitty, said, system}) => {
	const changed = await body(kitty.MessagesApi.updateMessage(said.id, {body: 'x', properties: {a: null, b: 1}}));
	deepEqual([changed.body, changed.properties], ['x', {b: 1}]);
	ok(changed.last_edited_time);
	equal((await body(kitty.MessagesApi.updateMessage(system.id))).last_edited_time, undefined);
});
row(43, 'deleteMessage', async state => {
	const {kitty, said} = state;
	state.main = await body(kitty.MessagesApi.deleteMessage(said.id));
	deepEqual([state.main.type, typeof state.main.id], ['MAIN', 'number']);
	await refused(kitty.MessagesApi.retrieveMessage(said.id), 404);
});
row(45, 'retrieveThread', async ({kitty, main}) => {
	deepEqual(await body(kitty.ThreadsApi.retrieveThread(main.id)), main);
	await refused(kitty.ThreadsApi.retrieveThread(999_999_999), 404);
});
row(47, 'sendThreadMessage', async state => {
	const {kitty, main, group} = state;
	equal((await uploaded(state, `/threads/${main.id}/messages`)).file.type, 'HOSTED');
	const sent = await body(kitty.ThreadsApi.sendThreadMessage(main.id, {type: 'TEXT', body: 'in the thread', user: {username: 'bob'}}));
	deepEqual([sent.channel_id, sent.user.name], [group.id, 'bob']);
	const system = await body(kitty.ThreadsApi.sendThreadMessage(main.id, {type: 'TEXT', body: 'from nobody'}));
	equal(system.type, 'SYSTEM_TEXT');
	state.last = system;
});
row(46, 'listThreadMessages', async ({kitty, main, last}) => {
	const page = await body(kitty.ThreadsApi.listThreadMessages(main.id, 5));
	equal(page._embedded.messages[0].id, last.id);
	equal(page._embedded.messages.length, 5);
});
row(48, 'sendThreadKeystrokes', async ({kitty, main}) => {
	const sent = await body(kitty.ThreadsApi.sendThreadKeystrokes(main.id, {keys: 'h', user: {username: 'jane'}}));
	deepEqual([sent.keys, sent.username], ['h', 'jane']);
});
row(36, 'listChannelReportedMessages', async ({kitty, group}) => {
	const page = await body(kitty.ChannelsApi.listChannelReportedMessages(group.id));
	deepEqual([page._embedded.messages, page.page.total_elements], [[], 0]);
});
row(10, 'deleteUser', async state => {
	const {kitty, carl} = state;
	isApplication(await body(kitty.UsersApi.deleteUser(carl.id)), state);
	await refused(kitty.UsersApi.retrieveUser(carl.id), 404);
	await refused(kitty.UsersApi.checkUserExists(carl.name), 404);
	await refused(kitty.UsersApi.deleteUser(carl.id), 404);
});
row(23, 'deleteChannel', async state => {
	const {kitty, direct} = state;
	isApplication(await body(kitty.ChannelsApi.deleteChannel(direct.id)), state);
	await refused(kitty.ChannelsApi.retrieveChannel(direct.id), 404);
});
row(40, 'deleteMessages', async state => {
	isApplication(await body(state.kitty.MessagesApi.deleteMessages()), state);
	const page = await body(state.kitty.MessagesApi.listMessages());
	deepEqual([page._embedded.messages, page.page.total], [[], 0]);
});
