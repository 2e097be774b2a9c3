import {succeeded} from './result.mjs';

/**
 * One user of one package. It lives where the package lives, in a page or in a
 * Node process, and holds the package's objects; the conversation commands it
 * from outside, so what goes in and out of its methods is plain JSON.
 */
export class Actor {
	/** @type {import('./sign-in.mjs').Session | undefined} */
	#session;
	/** Channels as the package gave them, by id. */
	#channels = new Map();
	/** Messages as the package gave them, by id. */
	#messages = new Map();
	/** Users as the package gave them, by name. */
	#users = new Map();
	/** Entries of the block list as the package gave them, by the name of the user. */
	#blocks = new Map();
	/** Threads as the package gave them, by id. */
	#threads = new Map();
	/** Entries of block lists of channels as the package gave them, by the name of the user. */
	#records = new Map();
	/** Open chat sessions by the id of their channel. */
	#chats = new Map();
	#client;
	#report;

	/**
	 * @param {{signIn: import('./sign-in.mjs').SignIn, generation: any}} client a folder of `clients`
	 * @param {(event: {kind: string, [key: string]: unknown}) => void} report is told what the package's listeners hear
	 */
	constructor(client, report) {
		this.#client = client;
		this.#report = report;
	}

	/** @param {import('./sign-in.mjs').Credentials} credentials */
	async signIn(credentials) {
		this.#session = await this.#client.signIn(credentials);
		this.#listen();
		return person(this.#session.user);
	}

	async signOut() {
		await this.#session.signOut();
	}

	/** Tries to start a session that must not come about. */
	async signInElsewhere(credentials) {
		return person((await this.#client.signIn(credentials)).user);
	}

	async currentUser() {
		return person(succeeded(await this.#call('currentUser')).user);
	}

	/** Changes the current user as applications do: a function makes the new one of the old. */
	async updateCurrentUser(change) {
		return person(succeeded(await this.#session.sdk.updateCurrentUser(user => ({...user, ...change}))).user);
	}

	/** Changes the current user through the connection, which shows it afterwards. */
	async updateByConnection(change) {
		const {connection} = this.#session;
		const seen = new Promise(resolve => connection.user.watch(user => {
			if (Object.entries(change).every(([name, value]) => user?.[name] === value)) {
				resolve(user);
			}
		}));
		await connection.updateUser(change);
		return person(await seen);
	}

	async updatePicture(file) {
		return person(succeeded(await this.#session.sdk.updateCurrentUserDisplayPicture({file})).user);
	}

	/** @param {object} [filter] */
	async users(filter) {
		return succeeded(await this.#call('users', filter)).paginator.items.map(user => this.#meet(user));
	}

	async usersCount(filter) {
		return succeeded(await this.#call('usersCount', filter)).count;
	}

	async user(id) {
		return person(succeeded(await this.#call('user', id)).user);
	}

	/** Whether a user, met before, is a member of a channel. */
	async isMember(name, channel) {
		return this.#call('isMember', this.#users.get(name), this.#channels.get(channel));
	}

	async block(name) {
		return person(succeeded(await this.#session.sdk.blockUser({user: this.#users.get(name)})).user);
	}

	async blocks() {
		const {items} = succeeded(await this.#call('blocks')).paginator;
		for (const item of items) {
			this.#blocks.set(item.user.name, item);
		}
		return items.map(({user}) => person(user));
	}

	/** Unblocks a user of the list of blocked users, which was read before. */
	async unblock(name) {
		return person(succeeded(await this.#call('unblock', this.#blocks.get(name))).user);
	}

	/** Deletes a user met before, or itself. */
	async deleteUser(name) {
		const user = this.#users.get(name) ?? this.#session.user;
		return person(succeeded(await this.#session.sdk.deleteUser({user})).user);
	}

	async createChannel(request) {
		return this.#keep(succeeded(await this.#session.sdk.createChannel(request)).channel);
	}

	async joinedChannels() {
		return this.#keepAll(succeeded(await this.#call('joinedChannels')).paginator);
	}

	async joinableChannels() {
		return this.#keepAll(succeeded(await this.#call('joinableChannels')).paginator);
	}

	async channel(id) {
		return this.#keep(succeeded(await this.#call('channel', id)).channel);
	}

	async unreadChannels() {
		return this.#keepAll(succeeded(await this.#call('unreadChannels')).paginator);
	}

	async unreadChannelsCount() {
		return succeeded(await this.#call('unreadChannelsCount')).count;
	}

	async isUnread(id) {
		return succeeded(await this.#call('isUnread', this.#channels.get(id))).unread;
	}

	/** Of one channel, or without one of all. */
	async unreadMessagesCount(id) {
		return succeeded(await this.#call('unreadMessagesCount', id && this.#channels.get(id))).count;
	}

	/** The oldest packages return nothing. */
	async readChannel(id) {
		succeeded(await this.#session.sdk.readChannel({channel: this.#channels.get(id)}) ?? {});
	}

	async readMessage(id) {
		succeeded(await this.#call('readMessage', this.#messages.get(id)) ?? {});
	}

	async unreadMessage(id) {
		succeeded(await this.#call('unreadMessage', this.#messages.get(id)));
	}

	/** The id of the message that a member has read last, or null. */
	async lastRead(id, username) {
		return succeeded(await this.#call('lastRead', this.#channels.get(id), username)).message?.id ?? null;
	}

	/** The usernames of who has read a message. */
	async receipts(id) {
		return succeeded(await this.#call('receipts', this.#messages.get(id))).paginator.items.map(({user}) => user.name);
	}

	/** The whole resource of a message, to hand to somebody else. */
	async messageResource(id) {
		return JSON.parse(JSON.stringify(this.#messages.get(id)));
	}

	/** Takes a message that the package did not give to this user. */
	async adoptMessage(resource) {
		this.#messages.set(resource.id, resource);
	}

	/** The whole resource of a channel, to hand to somebody else. */
	async resource(id) {
		return JSON.parse(JSON.stringify(this.#channels.get(id)));
	}

	/** Takes a channel that this user was never given by the server. */
	async adopt(resource) {
		return this.#keep(resource);
	}

	async members(id) {
		const {paginator} = succeeded(await this.#call('members', this.#channels.get(id)));
		return paginator.items.map(user => this.#meet(user));
	}

	async moderators(id) {
		const {paginator} = succeeded(await this.#call('moderators', this.#channels.get(id)));
		return paginator.items.map(person);
	}

	/**
	 * Changes who is in a channel, or what it is to this user, and returns the
	 * channel or the user that the package makes of the answer.
	 */
	async change(name, id, {user, ...fields} = {}) {
		const channel = {...this.#channels.get(id), ...fields};
		const result = succeeded(await this.#client.generation.memberships[name](this.#session.sdk, {channel, user}));
		if (result.user) {
			return person(result.user);
		}
		return result.channel && this.#keep(result.channel);
	}

	/** Starts a chat session and reports what its handlers hear. */
	async startChat(id) {
		const request = {channel: this.#channels.get(id)};
		for (const [kind, handler] of Object.entries(this.#client.generation.handlers)) {
			request[handler] = (subject, second) => {
				if (kind === 'message') {
					this.#messages.set(subject.id, subject);
				}
				this.#report({kind, channel: id, ...plain(subject), second: second?.emoji?.character ?? second?.id});
			};
		}
		const {session} = succeeded(this.#session.sdk.startChatSession(request));
		this.#chats.set(id, session);
	}

	async endChat(id) {
		const session = this.#chats.get(id);
		await (session.end ? session.end() : this.#session.sdk.endChatSession(session));
	}

	/** Types as a person does: one call for every key. */
	async type(id, text) {
		const channel = this.#channels.get(id);
		for (let length = 1; length <= text.length; length++) {
			this.#session.sdk.sendKeystrokes({channel, keys: text.slice(0, length)});
		}
	}

	async send(id, body) {
		const {message} = succeeded(await this.#session.sdk.sendMessage({channel: this.#channels.get(id), body}));
		this.#messages.set(message.id, message);
		return plain(message);
	}

	/** Sends a file that is elsewhere to a channel or a thread, or as a reply to a message. */
	async sendFile(to, file) {
		const {message} = succeeded(await this.#session.sdk.sendMessage({...this.#target(to), file}));
		this.#messages.set(message.id, message);
		return plain(message);
	}

	/** Uploads a file to a channel or a thread, or as a reply to a message. */
	async upload(to, name, type, text) {
		const progress = [];
		const {message} = succeeded(await this.#session.sdk.sendMessage({
			...this.#target(to),
			file: this.#client.generation.file(new File([text], name, {type}), text),
			progressListener: {
				onStarted: () => progress.push('started'),
				onProgress() {},
				onCompleted: () => progress.push('completed'),
				onFailed: () => progress.push('failed'),
				onCancelled: () => progress.push('cancelled'),
			},
		}));
		this.#messages.set(message.id, message);
		return {message: plain(message), progress};
	}

	/** Uploads the smallest GIF there is as the display picture. */
	async uploadPicture() {
		const data = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
		const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
		const file = this.#client.generation.picture(new File([bytes], 'me.gif', {type: 'image/gif'}), `data:image/gif;base64,${data}`);
		return person(succeeded(await this.#session.sdk.updateCurrentUserDisplayPicture({file})).user);
	}

	async files(id) {
		return succeeded(await this.#call('files', this.#channels.get(id))).paginator.items.map(plain);
	}

	/** Loads an address as the environment does, without the package. */
	async download(url) {
		const response = await fetch(url);
		return {status: response.status, text: await response.text()};
	}

	async trigger(id, type, properties) {
		succeeded(await this.#session.sdk.triggerEvent({channel: this.#channels.get(id), type, properties}));
	}

	/** Sends without waiting for one answer before the next message. */
	async sendAll(id, bodies) {
		return Promise.all(bodies.map(body => this.send(id, body)));
	}

	/** The first page of a channel's messages. */
	async messages(id) {
		return (await this.#pages(id)).items.map(plain);
	}

	/** The first page of a channel's messages without replies. */
	async mainThread(id) {
		return succeeded(await this.#call('mainThread', this.#channels.get(id))).paginator.items.map(plain);
	}

	/** Makes a call about a message that was sent or received, and returns what came of it. */
	async about(id, call, ...values) {
		const {message, reaction, channel, count, paginator} = succeeded(await this.#call(call, this.#messages.get(id), ...values));
		if (message) {
			this.#messages.set(message.id, message);
		}
		return {
			message: message && plain(message),
			reaction: reaction && reactionOf(reaction),
			channel: channel?.id,
			count,
			items: paginator?.items.map(item => item.emoji ? reactionOf(item) : plain(item)),
		};
	}

	async createThread(id, request) {
		const {thread} = succeeded(await this.#session.sdk.createThread({channel: this.#channels.get(id), ...request}));
		return this.#keepThread(thread);
	}

	async threads(id, filter) {
		const {paginator} = succeeded(await this.#call('threads', this.#channels.get(id), filter));
		return paginator.items.map(thread => this.#keepThread(thread));
	}

	async sendToThread(id, body) {
		const {message} = succeeded(await this.#session.sdk.sendMessage({thread: this.#threads.get(id), body}));
		this.#messages.set(message.id, message);
		return plain(message);
	}

	async typeInThread(id, keys) {
		this.#session.sdk.sendKeystrokes({thread: this.#threads.get(id), keys});
	}

	async setThread(channel, id) {
		this.#chats.get(channel).setThread(this.#threads.get(id));
	}

	async threadChannel(id) {
		return succeeded(await this.#call('threadChannel', this.#threads.get(id))).channel.id;
	}

	async threadMessage(id) {
		return succeeded(await this.#call('threadMessage', this.#threads.get(id))).message.id;
	}

	async readThread(id) {
		return succeeded(await this.#session.sdk.readThread({thread: this.#threads.get(id)})).thread.id;
	}

	async context(id) {
		return succeeded(await this.#session.sdk.retrieveChannelContext({channel: this.#channels.get(id)})).context;
	}

	/** The first page of the messages of all channels. */
	async allMessages() {
		return succeeded(await this.#session.sdk.listMessages({})).paginator.items.map(plain);
	}

	async reportMessage(id, reason, properties) {
		const {report} = succeeded(await this.#session.sdk.reportMessage({message: this.#messages.get(id), reason, properties}));
		return {author: report.user.name, reason: report.reason, properties: report.properties};
	}

	async blockInChannel(id, user) {
		const {record} = succeeded(await this.#session.sdk.blockChannelUser({channel: this.#channels.get(id), user}));
		return record.user.name;
	}

	async channelBlocks(id, filter) {
		const {paginator} = succeeded(await this.#session.sdk.listChannelBlockRecords({channel: this.#channels.get(id), filter}));
		return paginator.items.map(record => {
			this.#records.set(record.user.name, record);
			return record.user.name;
		});
	}

	/** Ends a block of the list of a channel, which was read before. */
	async unblockInChannel(name) {
		return succeeded(await this.#session.sdk.unblockChannelUser({record: this.#records.get(name)})).record.user.name;
	}

	/** Turns all pages of a channel's messages, to the last and back to the first. */
	async turnPages(id) {
		const forth = [];
		const back = [];
		let page = await this.#pages(id);
		for (forth.push(page); page.hasNextPage; forth.push(page)) {
			page = await page.nextPage();
		}
		for (back.push(page); page.hasPrevPage; back.push(page)) {
			page = await page.prevPage();
		}
		return {forth: forth.map(contents), back: back.map(contents)};
	}

	/** Whether this package has a listener or a handler for a kind of event. */
	async hearsOf(kind) {
		const {listeners, handlers} = this.#client.generation;
		return kind in listeners || kind in handlers;
	}

	/** Where a message goes, as the package takes it. */
	#target({channel, message, thread}) {
		return channel ? {channel: this.#channels.get(channel)}
			: message ? {message: this.#messages.get(message)} : {thread: this.#threads.get(thread)};
	}

	#call(name, ...values) {
		return this.#client.generation[name](this.#session.sdk, ...values);
	}

	#listen() {
		for (const [kind, listener] of Object.entries(this.#client.generation.listeners)) {
			this.#session.sdk[listener](subject => this.#report({kind, ...reported(kind, subject)}));
		}
		const {connection} = this.#session;
		connection?.unreadChannelsCount?.watch(count => this.#report({kind: 'unreadChannelsCount', count}));
		connection?.unreadMessagesCount?.watch(count => this.#report({kind: 'unreadMessagesCount', count}));
		connection?.notifications?.watch(notification => this.#report({kind: 'watchedNotification', ...noticeOf(notification)}));
	}

	async #pages(id) {
		return succeeded(await this.#call('messages', this.#channels.get(id))).paginator;
	}

	#meet(user) {
		this.#users.set(user.name, user);
		return person(user);
	}

	#keep(channel) {
		this.#channels.set(channel.id, channel);
		return {
			id: channel.id,
			type: channel.type,
			name: channel.name,
			displayName: channel.displayName,
			properties: channel.properties,
			last: channel.lastReceivedMessage?.id,
			may: PERMISSIONS.filter(action => channel._actions?.[action]),
			members: (channel.members ?? []).map(person),
		};
	}

	#keepThread(thread) {
		this.#threads.set(thread.id, thread);
		return {id: thread.id, type: thread.type, name: thread.name, properties: thread.properties};
	}

	#keepAll(paginator) {
		return paginator.items.map(channel => this.#keep(channel));
	}
}

/** The links of a channel that are permissions. */
const PERMISSIONS = ['join', 'leave', 'invite', 'addModerator', 'deleteModerator'];

/** Who somebody is, and whether they are here. */
const person = user => ({
	id: user.id,
	name: user.name,
	displayName: user.displayName,
	picture: user.displayPictureUrl,
	properties: user.properties,
	status: user.presence?.status,
	online: user.presence?.online,
});

/** What is told of what a listener heard: all that steps ask for. */
const reported = (kind, subject) => {
	switch (kind) {
		case 'notification':
			return noticeOf(subject);
		case 'elementsChanged':
		case 'featuresChanged':
		case 'stylesChanged':
			return {resource: subject};
		default:
			return plain(subject);
	}
};

/** The fields of a resource that the conversation looks at. */
const plain = resource => {
	const {id, type, name, displayName, body, keys, username, presence, properties, user, links, mentions, file} = resource ?? {};
	return {
		id, type, name, displayName, body, keys, username, properties,
		status: presence?.status, online: presence?.online, author: user?.name,
		pinned: properties?.pinned?.[0], links, file,
		mentions: mentions?.map(({type, tag, startPosition, endPosition}) => ({type, tag, startPosition, endPosition})),
	};
};

const noticeOf = ({title, body, channel, muted, data}) => ({
	title, body, channel: channel?.id, muted, type: data?.type,
	message: data?.message?.id, recipient: data?.recipient?.name, sender: data?.message?.user?.displayName,
});

const reactionOf = ({emoji, user}) => `${emoji.character} ${user.name}`;

const contents = page => page.items.map(({id, body}) => ({id, body}));
