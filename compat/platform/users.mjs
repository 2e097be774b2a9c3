import {deepEqual, equal, ok} from 'node:assert/strict';
import {body, isApplication, refused, row, uploaded} from './row.mjs';

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

/** Users, their secrets and pictures, and the application itself, in the order in which they are taken: the rows build on one another. @type {import('../judge.mjs').Row[]} */
export const users = [
	row(1, 'retrieveApplication', async state => {
		const application = await body(state.kitty.ApplicationApi.retrieveApplication());
		state.id = application.id;
		isApplication(application, state);
	}),
	row(2, 'retrieveApplicationSettings', async ({kitty}) => {
		const settings = await body(kitty.ApplicationApi.retrieveApplicationSettings());
		deepEqual([settings.guest_users, settings.user_created_channels], ['ENABLED', 'ENABLED']);
	}),
	row(3, 'updateApplicationSettings', async ({kitty}) => {
		const changed = await body(kitty.ApplicationApi.updateApplicationSettings({guest_users: 'DISABLED', user_created_channels: 'ENABLED'}));
		equal(changed.guest_users, 'DISABLED');
		const now = await body(kitty.ApplicationApi.retrieveApplicationSettings());
		equal(now.guest_users, 'DISABLED');
		await refused(kitty.ApplicationApi.updateApplicationSettings({guest_users: 'MAYBE', user_created_channels: 'ENABLED'}), 400);
		await body(kitty.ApplicationApi.updateApplicationSettings({features: {guest_users: 'ENABLED', user_created_channels: 'ENABLED'}, _links: {}}));
	}),
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
	}),
	row(7, 'checkUserExists', async ({kitty}) => {
		const {status} = await kitty.UsersApi.checkUserExists('jane doe+1@x.com');
		equal(status, 200);
		await refused(kitty.UsersApi.checkUserExists('jane doe'), 404);
	}),
	row(8, 'retrieveUser', async ({kitty, jane}) => {
		deepEqual(await body(kitty.UsersApi.retrieveUser(jane.id)), jane);
		await refused(kitty.UsersApi.retrieveUser(999_999_999), 404);
		await refused(kitty.UsersApi.retrieveUser('x'), 400, 404);
	}),
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
	}),
	row(9, 'updateUser', async ({kitty, jane}) => {
		const changed = await body(kitty.UsersApi.updateUser(jane.id, {display_name: 'J', presence: {status: 'AWAY'}, properties: {n: null, m: 1}}));
		equal(changed.display_name, 'J');
		deepEqual(changed.properties, {nested: {a: null}, m: 1});
		const same = await body(kitty.UsersApi.updateUser(jane.id));
		deepEqual(same, changed);
	}),
	row(11, 'updateUserDisplayPicture', async state => {
		const {kitty, jane} = state;
		const url = 'https://pictures.example/jane.png';
		const changed = await body(kitty.UsersApi.updateUserDisplayPicture(jane.id, {url, name: 'jane.png', content_type: 'image/png', size: 12}));
		equal(changed.display_picture_url, url);
		ok((await uploaded(state, `/users/${jane.id}/display-picture`)).display_picture_url.startsWith(`http://${state.host}/files/`));
	}),
	row(17, 'setUserSecret', async ({kitty, jane}) => {
		const user = await body(kitty.UsersApi.setUserSecret(jane.id, 'Secret Name/é', {secret: 's3cr3t'}));
		equal(user.id, jane.id);
		ok(!JSON.stringify(user).includes('s3cr3t'));
	}),
	row(16, 'retrieveUserSecret', async ({kitty, jane}) => {
		deepEqual(await body(kitty.UsersApi.retrieveUserSecret(jane.id, 'Secret Name/é')), {secret: 's3cr3t'});
		await refused(kitty.UsersApi.retrieveUserSecret(jane.id, 'other'), 404);
	}),
	row(18, 'removeUserSecret', async ({kitty, jane}) => {
		equal((await body(kitty.UsersApi.removeUserSecret(jane.id, 'Secret Name/é'))).id, jane.id);
		await refused(kitty.UsersApi.retrieveUserSecret(jane.id, 'Secret Name/é'), 404);
	}),
];
