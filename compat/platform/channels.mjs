import {deepEqual, equal, match, ok} from 'node:assert/strict';
import {body, refused, row} from './row.mjs';

/** Channels, who is in them, and who is invited. @type {import('../judge.mjs').Row[]} */
export const channels = [
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
	}),
	row(21, 'retrieveChannel', async ({kitty, group}) => {
		const {last_received_message, ...channel} = await body(kitty.ChannelsApi.retrieveChannel(group.id));
		equal(channel.name, 'general');
		equal(last_received_message, undefined);
		await refused(kitty.ChannelsApi.retrieveChannel(999_999_999), 404);
	}),
	row(22, 'updateChannel', async ({kitty, group}) => {
		const changed = await body(kitty.ChannelsApi.updateChannel(group.id, {display_name: 'General', properties: {b: 2}}));
		deepEqual([changed.display_name, changed.properties], ['General', {a: 1, b: 2}]);
	}),
	row(19, 'listChannels', async ({kitty, group, direct}) => {
		const ids = async (...options) => (await body(kitty.ChannelsApi.listChannels(...options)))._embedded.channels.map(({id}) => id);
		deepEqual(await ids(0, 25, ['id,desc', 'name'], 'PUBLIC', new Set(['bob']), new Date(0), '2124-01-02T03:04:05Z', '{"a":1}'), [group.id]);
		deepEqual(await ids(0, 25, undefined, undefined, new Set(['jane', 'bob'])), [direct.id]);
		deepEqual(await ids(0, 25, undefined, undefined, undefined, undefined, '2001-01-01'), []);
		equal((await ids()).length, 3);
	}),
	row(25, 'addChannelMember', async ({kitty, group, direct, carl}) => {
		equal((await body(kitty.ChannelsApi.addChannelMember(group.id, {username: 'jane'}))).id, group.id);
		equal((await body(kitty.ChannelsApi.addChannelMember(group.id, {username: 'jane'}))).id, group.id);
		await refused(kitty.ChannelsApi.addChannelMember(direct.id, {id: carl.id}), 400);
		await refused(kitty.ChannelsApi.addChannelMember(group.id, {username: 'ghost'}), 400, 404);
		await refused(kitty.ChannelsApi.addChannelMember(group.id, {}), 400);
	}),
	row(24, 'listChannelMembers', async ({kitty, group, jane, bob}) => {
		const {_embedded: {users}} = await body(kitty.ChannelsApi.listChannelMembers(group.id));
		deepEqual(users.map(({id}) => id), [jane.id, bob.id].sort((a, b) => a - b));
		const second = await body(kitty.ChannelsApi.listChannelMembers(group.id, 1, 1));
		equal(second._embedded.users.length, 1);
	}),
	row(27, 'listChannelMemberships', async ({kitty, group}) => {
		const {_embedded: {memberships}} = await body(kitty.ChannelsApi.listChannelMemberships(group.id));
		equal(memberships.length, 2);
		deepEqual(Object.keys(memberships[0]._links).sort(), ['application', 'channel', 'member', 'user']);
	}),
	row(29, 'addChannelModerator', async ({kitty, group, jane, carl}) => {
		equal((await body(kitty.ChannelsApi.addChannelModerator(group.id, {id: jane.id}))).id, jane.id);
		equal((await body(kitty.ChannelsApi.addChannelModerator(group.id, {id: jane.id}))).id, jane.id);
		await refused(kitty.ChannelsApi.addChannelModerator(group.id, {id: carl.id}), 400, 404);
	}),
	row(28, 'listChannelModerators', async ({kitty, group, jane}) => {
		const {_embedded: {users}} = await body(kitty.ChannelsApi.listChannelModerators(group.id));
		ok(users.some(({id}) => id === jane.id));
	}),
	row(30, 'removeChannelModerator', async ({kitty, group, jane}) => {
		equal((await body(kitty.ChannelsApi.removeChannelModerator(group.id, jane.id))).id, group.id);
		const {_embedded: {users}} = await body(kitty.ChannelsApi.listChannelModerators(group.id));
		ok(!users.some(({id}) => id === jane.id));
	}),
	row(33, 'sendChannelInvite', async ({kitty, group, carl}) => {
		const invite = await body(kitty.ChannelsApi.sendChannelInvite(group.id, {user: {id: carl.id}}));
		deepEqual(Object.keys(invite._links).sort(), ['application', 'channel', 'invitee']);
	}),
	row(32, 'listChannelInvites', async ({kitty, group}) => {
		const {_embedded: {invites}} = await body(kitty.ChannelsApi.listChannelInvites(group.id, 0, 25, ['created_time,desc']));
		equal(invites.length, 1);
	}),
	row(26, 'removeChannelMember', async ({kitty, group, carl}) => {
		equal((await body(kitty.ChannelsApi.removeChannelMember(group.id, carl.id))).id, group.id);
		await refused(kitty.ChannelsApi.removeChannelMember(group.id, carl.id), 404);
	}),
	row(12, 'listUserChannels', async ({kitty, jane, direct, group}) => {
		const {_embedded: {channels}} = await body(kitty.UsersApi.listUserChannels(jane.id));
		deepEqual(channels.map(({id}) => id).sort(), [direct.id, group.id].sort());
	}),
	row(31, 'listChannelParticipants', async ({kitty, group}) => {
		const {_embedded: {users}} = await body(kitty.ChannelsApi.listChannelParticipants(group.id));
		deepEqual(users, []);
	}),
];
