/**
 * What the conversation needs of a package, under one set of names.
 *
 * Every generation is the next newer one with what was called differently. A
 * call returns the package's own result; `handlers` and `listeners` map our
 * names of events to the package's; `unbuilt` are calls that the server refuses
 * until it has them.
 */

/** `@chatkitty/core`, and `chatkitty` from 2.0. */
export const generation2 = {
	currentUser: sdk => sdk.retrieveCurrentUser(),
	joinedChannels: sdk => sdk.listChannels({filter: {joined: true}}),
	joinableChannels: sdk => sdk.listChannels({filter: {joined: false}}),
	channel: (sdk, id) => sdk.retrieveChannel(id),
	members: (sdk, channel) => sdk.listChannelMembers({channel}),
	messages: (sdk, channel) => sdk.listMessages({channel}),
	users: (sdk, filter) => sdk.listUsers({filter}),
	usersCount: (sdk, filter) => sdk.listUsersCount({filter}),
	user: (sdk, id) => sdk.retrieveUser(id),
	isMember: async (sdk, user, channel) => (await sdk.checkUserIsChannelMember({user, channel})).isChannelMember,
	blocks: sdk => sdk.listUserBlockedRecords({}),
	unblock: (sdk, item) => sdk.deleteUserBlockedRecord({item}),
	handlers: {
		message: 'onMessageReceived',
		keystrokes: 'onKeystrokesReceived',
		typingStarted: 'onTypingStarted',
		typingStopped: 'onTypingStopped',
		entered: 'onParticipantEnteredChat',
		left: 'onParticipantLeftChat',
		presence: 'onParticipantPresenceChanged',
		custom: 'onEventTriggered',
	},
	listeners: {
		currentUser: 'onCurrentUserChanged',
		channelJoined: 'onChannelJoined',
		participantTyping: 'onParticipantStartedTyping',
		contactPresence: 'onUserPresenceChanged',
	},
	unbuilt: {
		muteChannel: (sdk, {channel}) => sdk.muteChannel({channel}),
		reactToMessage: (sdk, {message}) => sdk.reactToMessage({message, emoji: 'thumbsup'}),
	},
};

/** `@chatkitty/core` 2.106: more is listened to. */
export const generation2v106 = {
	...generation2,
	listeners: {
		...generation2.listeners,
		userUpdated: 'onUserUpdated',
		blocked: 'onUserBlocked',
		unblocked: 'onUserUnblocked',
	},
};

/** `chatkitty` 1.58: reads are called `get…`. */
export const generation1v58 = {
	...generation2,
	currentUser: sdk => sdk.getCurrentUser(),
	joinedChannels: sdk => sdk.getChannels({filter: {joined: true}}),
	joinableChannels: sdk => sdk.getChannels({filter: {joined: false}}),
	channel: (sdk, id) => sdk.getChannel(id),
	members: (sdk, channel) => sdk.getChannelMembers({channel}),
	messages: (sdk, channel) => sdk.getMessages({channel}),
	users: (sdk, filter) => sdk.getUsers({filter}),
	usersCount: (sdk, filter) => sdk.getUsersCount({filter}),
	user: (sdk, id) => sdk.getUser(id),
	isMember: async (sdk, user, channel) => (await sdk.getUserIsChannelMember({user, channel})).isMember,
	blocks: sdk => sdk.getUserBlockList(),
	unblock: (sdk, item) => sdk.deleteUserBlockListItem({item}),
	handlers: {
		...generation2.handlers,
		message: 'onReceivedMessage',
		keystrokes: 'onReceivedKeystrokes',
	},
	unbuilt: {
		muteChannel: (sdk, {channel}) => sdk.muteChannel({channel}),
		reactToMessage: (sdk, {message}) => sdk.reactToMessage({message, emoji: 'thumbsup'}),
	},
};

/** `chatkitty` 1.27: no reactions yet. */
export const generation1v27 = {
	...generation1v58,
	unbuilt: {
		muteChannel: (sdk, {channel}) => sdk.muteChannel({channel}),
		hideChannel: (sdk, {channel}) => sdk.hideChannel({channel}),
	},
};

/** `chatkitty` 1.10: other filters of channels, and no event for a joined one. */
export const generation1v10 = {
	...generation1v27,
	joinedChannels: sdk => sdk.getChannels(),
	joinableChannels: sdk => sdk.getChannels({joinable: true}),
	users: (sdk, filter) => sdk.getContacts({filter}),
	usersCount: (sdk, filter) => sdk.getContactsCount({filter}),
	listeners: {
		currentUser: 'onCurrentUserChanged',
		participantTyping: 'onParticipantStartedTyping',
		contactPresence: 'onContactPresenceChanged',
	},
	unbuilt: {
		leaveChannel: (sdk, {group}) => sdk.leaveChannel({channel: group}),
		getChannelUnread: (sdk, {channel}) => sdk.getChannelUnread({channel}),
	},
};

/** `chatkitty` 1.1: messages only. */
export const generation1v1 = {
	...generation1v10,
	joinableChannels: sdk => sdk.getJoinableChannels(),
	members: (sdk, channel) => sdk.getUsers({channel}),
	handlers: {message: 'onReceivedMessage'},
	listeners: {currentUser: 'onCurrentUserChanged'},
	unbuilt: {},
};
