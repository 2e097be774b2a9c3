/**
 * What the conversation needs of a package, under one set of names.
 *
 * Every generation is the next newer one with what was called differently. A
 * call returns the package's own result; `handlers` and `listeners` map our
 * names of events to the package's.
 */

/** `@chatkitty/core`, and `chatkitty` from 2.0. */
export const generation2 = {
	currentUser: sdk => sdk.retrieveCurrentUser(),
	joinedChannels: sdk => sdk.listChannels({filter: {joined: true}}),
	joinableChannels: sdk => sdk.listChannels({filter: {joined: false}}),
	channel: (sdk, id) => sdk.retrieveChannel(id),
	members: (sdk, channel) => sdk.listChannelMembers({channel}),
	messages: (sdk, channel) => sdk.listMessages({channel}),
	/** What an upload takes, and an upload of a picture, which only goes by a data URI. */
	file: file => file,
	picture: ({name, type, size}, uri) => ({uri, name, type, size}),
	files: (sdk, channel) => sdk.listMessages({channel, filter: {type: 'FILE'}}),
	memberships: {
		join: (sdk, {channel}) => sdk.joinChannel({channel}),
		leave: (sdk, {channel}) => sdk.leaveChannel({channel}),
		invite: (sdk, {channel, user}) => sdk.inviteUser({channel, user}),
		addModerator: (sdk, {channel, user}) => sdk.addChannelModerator({channel, user}),
		mute: (sdk, {channel}) => sdk.muteChannel({channel}),
		unmute: (sdk, {channel}) => sdk.unmuteChannel({channel}),
		clear: (sdk, {channel}) => sdk.clearChannelHistory({channel}),
		hide: (sdk, {channel}) => sdk.hideChannel({channel}),
		update: (sdk, {channel}) => sdk.updateChannel({channel}),
		delete: (sdk, {channel}) => sdk.deleteChannel({channel}),
	},
	mainThread: (sdk, channel) => sdk.listMessages({channel, filter: {mainThread: true}}),
	edit: (sdk, message, body) => sdk.editMessage({message, body}),
	describe: (sdk, message, properties) => sdk.updateMessageProperties({message, properties}),
	remove: (sdk, message) => sdk.deleteMessage({message}),
	deleteForMe: (sdk, message) => sdk.deleteMessageForMe({message}),
	reply: (sdk, message, body) => sdk.sendMessage({message, body}),
	replies: (sdk, message) => sdk.listMessages({message}),
	countReplies: (sdk, message) => sdk.countMessageReplies({message}),
	parent: (sdk, message) => sdk.retrieveMessageParent({message}),
	messageChannel: (sdk, message) => sdk.retrieveMessageChannel({message}),
	react: (sdk, message, emoji) => sdk.reactToMessage({message, emoji}),
	unreact: (sdk, message, emoji) => sdk.removeReaction({message, emoji}),
	reactions: (sdk, message) => sdk.listReactions({message}),
	threads: (sdk, channel, filter) => sdk.listThreads({channel, filter}),
	threadChannel: (sdk, thread) => sdk.listThreadChannel({thread}),
	threadMessage: (sdk, thread) => sdk.listThreadMessage({thread}),
	unreadChannels: sdk => sdk.listChannels({filter: {unread: true}}),
	unreadChannelsCount: sdk => sdk.countUnreadChannels(),
	isUnread: (sdk, channel) => sdk.checkChannelUnread({channel}),
	unreadMessagesCount: (sdk, channel) => sdk.countUnreadMessages(channel && {channel}),
	readMessage: (sdk, message) => sdk.readMessage({message}),
	unreadMessage: (sdk, message) => sdk.unreadMessage({message}),
	lastRead: (sdk, channel, username) => sdk.retrieveLastReadMessage({channel, username}),
	receipts: (sdk, message) => sdk.listReadReceipts({message}),
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
		updatedInside: 'onChannelUpdated',
		messageUpdated: 'onMessageUpdated',
		messageDeleted: 'onMessageDeleted',
		threadMessage: 'onThreadMessageReceived',
		reacted: 'onMessageReactionAdded',
		unreacted: 'onMessageReactionRemoved',
		messageRead: 'onMessageRead',
		messageUnread: 'onMessageUnread',
	},
	listeners: {
		currentUser: 'onCurrentUserChanged',
		notification: 'onNotificationReceived',
		channelJoined: 'onChannelJoined',
		channelLeft: 'onChannelLeft',
		channelHidden: 'onChannelHidden',
		channelUnhidden: 'onChannelUnhidden',
		channelUpdated: 'onChannelUpdated',
		participantTyping: 'onParticipantStartedTyping',
		participantStopped: 'onParticipantStoppedTyping',
		contactPresence: 'onUserPresenceChanged',
		wentOffline: 'onCurrentUserOffline',
		cameOnline: 'onCurrentUserOnline',
	},
};

/** `chatkitty` 2.1: receipts are heard of everywhere. */
export const generation2v1 = {
	...generation2,
	listeners: {...generation2.listeners, receiptCreated: 'onReadReceiptCreated', receiptDeleted: 'onReadReceiptDeleted'},
};

/** `chatkitty` 2.5: the looks of the hosted Chat UI are listened to. */
export const generation2v5 = {
	...generation2v1,
	listeners: {
		...generation2v1.listeners,
		elementsChanged: 'onApplicationElementsChanged',
		featuresChanged: 'onApplicationFeaturesChanged',
		stylesChanged: 'onApplicationStylesChanged',
	},
};

/** `@chatkitty/core` 2.106: members and moderators can be removed, and are heard of. */
export const generation2v106 = {
	...generation2v5,
	moderators: (sdk, channel) => sdk.listChannelModerators({channel}),
	memberships: {
		...generation2.memberships,
		remove: (sdk, {channel, user}) => sdk.leaveChannel({channel, user}),
		deleteModerator: (sdk, {channel, user}) => sdk.deleteChannelModerator({channel, user}),
	},
	handlers: {
		...generation2.handlers,
		deletedInside: 'onChannelDeleted',
		memberJoined: 'onMemberJoined',
		memberLeft: 'onMemberLeft',
		moderatorAdded: 'onModeratorAdded',
		moderatorDeleted: 'onModeratorDeleted',
		memberBlocked: 'onMemberBlocked',
		memberUnblocked: 'onMemberUnblocked',
	},
	listeners: {
		...generation2v5.listeners,
		channelDeleted: 'onChannelDeleted',
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
	mainThread: (sdk, channel) => sdk.getMessages({channel, filter: {mainThread: true}}),
	replies: (sdk, message) => sdk.getMessages({message}),
	countReplies: (sdk, message) => sdk.getMessageRepliesCount({message}),
	parent: (sdk, message) => sdk.getMessageParent({message}),
	messageChannel: (sdk, message) => sdk.getMessageChannel({message}),
	reactions: (sdk, message) => sdk.getReactions({message}),
	threads: (sdk, channel, filter) => sdk.getThreads({channel, filter}),
	threadChannel: (sdk, thread) => sdk.getThreadChannel({thread}),
	threadMessage: (sdk, thread) => sdk.getThreadMessage({thread}),
	unreadChannels: sdk => sdk.getChannels({filter: {unread: true}}),
	unreadChannelsCount: sdk => sdk.getUnreadChannelsCount(),
	isUnread: (sdk, channel) => sdk.getChannelUnread({channel}),
	unreadMessagesCount: (sdk, channel) => sdk.getUnreadMessagesCount(channel && {channel}),
	lastRead: (sdk, channel, username) => sdk.getLastReadMessage({channel, username}),
	receipts: (sdk, message) => sdk.getReadReceipts({message}),
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
		threadMessage: 'onThreadReceivedMessage',
	},
};

/** `chatkitty` 1.50: nothing is edited or deleted yet, and channels are not hidden. */
export const generation1v50 = {
	...generation1v58,
	picture: file => file,
	listeners: {
		currentUser: 'onCurrentUserChanged',
		notification: 'onNotificationReceived',
		channelJoined: 'onChannelJoined',
		channelLeft: 'onChannelLeft',
		channelUpdated: 'onChannelUpdated',
		participantTyping: 'onParticipantStartedTyping',
		participantStopped: 'onParticipantStoppedTyping',
		contactPresence: 'onUserPresenceChanged',
		wentOffline: 'onCurrentUserOffline',
		cameOnline: 'onCurrentUserOnline',
	},
};

/** `chatkitty` 1.40: no reactions yet, and fewer events of memberships. */
export const generation1v40 = {
	...generation1v50,
	listeners: {
		currentUser: 'onCurrentUserChanged',
		notification: 'onNotificationReceived',
		channelJoined: 'onChannelJoined',
		channelUpdated: 'onChannelUpdated',
		participantTyping: 'onParticipantStartedTyping',
		participantStopped: 'onParticipantStoppedTyping',
		contactPresence: 'onUserPresenceChanged',
	},
};

/** `chatkitty` 1.27: channels are updated by themselves. */
export const generation1v27 = {
	...generation1v40,
	memberships: {
		...generation1v40.memberships,
		update: (sdk, {channel}) => sdk.updateChannel(channel),
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
		notification: 'onNotificationReceived',
		participantTyping: 'onParticipantStartedTyping',
		participantStopped: 'onParticipantStoppedTyping',
		contactPresence: 'onContactPresenceChanged',
	},
	handlers: {
		message: 'onReceivedMessage',
		keystrokes: 'onReceivedKeystrokes',
		typingStarted: 'onTypingStarted',
		typingStopped: 'onTypingStopped',
		entered: 'onParticipantEnteredChat',
		left: 'onParticipantLeftChat',
		presence: 'onParticipantPresenceChanged',
	},
};

/** `chatkitty` 1.1: messages only. */
export const generation1v1 = {
	...generation1v10,
	joinableChannels: sdk => sdk.getJoinableChannels(),
	members: (sdk, channel) => sdk.getUsers({channel}),
	handlers: {message: 'onReceivedMessage'},
	unreadChannels: sdk => sdk.getUnreadChannels(),
	listeners: {currentUser: 'onCurrentUserChanged', notification: 'onNotificationReceived'},
};
