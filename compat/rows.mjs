/**
 * Everything that a published package can ask of a server, and everything that
 * it can hear: a row for each, by the number that the protocol's notes give it.
 * Names are the newest; older packages have some of them under others. Each
 * names the steps of the conversation that show it and, where no package can, the
 * tests of the server; or the reason why there is nothing to see.
 *
 * @typedef {object} Row
 * @property {string} id
 * @property {string} title
 * @property {string[]} versions the generations of packages that have it
 * @property {string[]} [steps] ids of steps
 * @property {string[]} [tests] names of Go tests
 * @property {string} [reason] why no package shows it, with any server
 */

/** The generations of packages, oldest first, each of which versions.mjs has. */
const GENERATIONS = ['1.1', '1.10', '1.27', '1.40', '1.50', '1.58', 'core 1.1', 'core 1.4', 'core 1.11', '2.1', '2.5', 'core 2.106'];

/** Those from one generation to another, or to the newest. */
const since = (first, last = 'core 2.106') =>
	GENERATIONS.slice(GENERATIONS.indexOf(first), GENERATIONS.indexOf(last) + 1);

const only = (...generations) => generations;

const LOCAL = 'The package does this by itself, without the server.';
const DEFAULT_HOST = 'The package makes a client for the host of the original product, and for no other.';
const HOSTED_UI = 'The package opens a page of the original product, which is not published. The server has no part in it.';
const UNHEARD = 'The package does not subscribe to the topics of a thread, so the handler never runs: what happens in a thread is heard in the channel. Who does subscribe hears it.';

/** What the packages offer to applications. @type {Row[]} */
export const calls = [
	{id: '1', title: '`startSession`', versions: since('1.1'), steps: ['start', 'refused']},
	{id: '2', title: '`endSession`', versions: since('1.1'), steps: ['offline', 'end']},
	{id: '3', title: '`retrieveCurrentUser`', versions: since('1.1'), steps: ['self']},
	{id: '4', title: '`updateCurrentUser`', versions: since('1.1'), steps: ['renamed', 'invisible']},
	{id: '5', title: '`updateCurrentUserDisplayPicture`', versions: since('1.27'), steps: ['picture', 'pictureless', 'pictureUploaded']},
	{id: '6', title: '`onCurrentUserChanged`', versions: since('1.1'), steps: ['observed', 'renamed']},
	{id: '7', title: '`onCurrentUserOnline`', versions: since('1.50'), steps: ['noticed']},
	{id: '8', title: '`onCurrentUserOffline`', versions: since('1.50'), steps: ['noticed']},
	{id: '9', title: '`createChannel`', versions: since('1.1'), steps: ['direct', 'same', 'public', 'private', 'openChannel']},
	{id: '10', title: '`listChannels`', versions: since('1.1'), steps: ['listed']},
	{id: '11', title: '`listChannels`, those to join', versions: since('1.1'), steps: ['public']},
	{id: '12', title: '`listChannels`, the unread', versions: since('1.1'), steps: ['unread']},
	{id: '13', title: '`retrieveChannel`', versions: since('1.1'), steps: ['retrieved']},
	{id: '14', title: '`retrieveChannelContext`', versions: since('core 1.11'), steps: ['context']},
	{id: '15', title: '`joinChannel`', versions: since('1.1'), steps: ['joined']},
	{id: '16', title: '`leaveChannel`', versions: since('1.10'), steps: ['departed', 'removed']},
	{id: '17', title: '`addChannelModerator`', versions: since('1.50'), steps: ['moderated']},
	{id: '18', title: '`deleteChannelModerator`', versions: since('core 2.106'), steps: ['moderators']},
	{id: '19', title: '`listChannelModerators`', versions: since('core 2.106'), steps: ['moderators']},
	{id: '20', title: '`blockChannelUser`', versions: since('core 2.106'), steps: ['channelBlocked']},
	{id: '21', title: '`unblockChannelUser`', versions: since('core 2.106'), steps: ['channelUnblocked']},
	{id: '22', title: '`listChannelBlockRecords`', versions: since('core 2.106'), steps: ['channelBlocked']},
	{id: '23', title: '`countUnreadChannels`', versions: since('1.1'), steps: ['unread', 'readChannel']},
	{id: '24', title: '`checkChannelUnread`', versions: since('1.1'), steps: ['unread', 'readMessage']},
	{id: '25', title: '`readChannel`', versions: since('1.1'), steps: ['readChannel']},
	{id: '26', title: '`muteChannel`', versions: since('1.27'), steps: ['muted']},
	{id: '27', title: '`unmuteChannel`', versions: since('1.27'), steps: ['muted']},
	{id: '28', title: '`clearChannelHistory`', versions: since('1.27'), steps: ['cleared']},
	{id: '29', title: '`hideChannel`', versions: since('1.27'), steps: ['hidden']},
	{id: '30', title: '`updateChannel`', versions: since('1.27'), steps: ['updated']},
	{id: '31', title: '`deleteChannel`', versions: since('1.58'), steps: ['deleted']},
	{id: '32', title: '`inviteUser`', versions: since('1.27'), steps: ['invited']},
	{id: '33', title: '`listChannelMembers`', versions: since('1.1'), steps: ['members']},
	{id: '34', title: '`startChatSession`', versions: since('1.1'), steps: ['chat']},
	{id: '35', title: 'The end of a chat session', versions: since('1.1'), steps: ['left', 'departed'], tests: ['TestAnEndedChatSessionHearsNothingMore']},
	{id: '36', title: '`setThread` of a chat session', versions: since('1.58'), steps: ['threadSet']},
	{id: '37', title: '`sendKeystrokes` in a channel', versions: since('1.10'), steps: ['typing', 'keystrokes']},
	{id: '38', title: '`sendKeystrokes` in a thread', versions: since('1.58'), steps: ['threadTyping']},
	{id: '39', title: '`triggerEvent`', versions: since('1.58'), steps: ['custom']},
	{id: '40', title: '`sendMessage`, a text', versions: since('1.1'), steps: ['message', 'many', 'aside', 'outsider']},
	{id: '41', title: '`sendMessage`, a file elsewhere', versions: since('1.27'), steps: ['fileElsewhere']},
	{id: '42', title: '`sendMessage`, an upload', versions: since('1.1'), steps: ['fileUploaded', 'fileDownloaded']},
	{id: '43', title: '`sendMessage`, a reply', versions: since('1.40'), steps: ['replied']},
	{id: '44', title: '`sendMessage`, a reply that is a file elsewhere', versions: since('1.40'), steps: ['fileElsewhereReplied']},
	{id: '45', title: '`sendMessage`, a reply that is an upload', versions: since('1.40'), steps: ['fileReplied']},
	{id: '46', title: '`sendMessage` to a thread', versions: since('1.58'), steps: ['threadMessage', 'threadFile']},
	{id: '47', title: '`sendMessage` to a thread, an upload', versions: since('1.58'), steps: ['threadUpload']},
	{id: '48', title: '`listMessages` of a channel', versions: since('1.1'), steps: ['found', 'thread', 'files']},
	{id: '49', title: '`listMessages`, the replies', versions: since('1.40'), steps: ['thread']},
	{id: '50', title: '`listMessages` of all channels', versions: since('core 1.4'), steps: ['everything']},
	{id: '51', title: '`countUnreadMessages` of a channel', versions: since('1.27'), steps: ['unreadMessages']},
	{id: '52', title: '`countUnreadMessages` of all channels', versions: since('1.40'), steps: ['unreadEverywhere']},
	{id: '53', title: '`readMessage`', versions: since('1.1'), steps: ['readMessage']},
	{id: '54', title: '`unreadMessage`', versions: since('core 1.11'), steps: ['unreadAgain']},
	{id: '55', title: '`retrieveLastReadMessage`', versions: since('1.27'), steps: ['readNothing', 'receipts']},
	{id: '56', title: '`editMessage`', versions: since('1.58'), steps: ['edited']},
	{id: '57', title: '`updateMessageProperties`', versions: since('core 1.11'), steps: ['described']},
	{id: '58', title: '`deleteMessage`', versions: since('1.58'), steps: ['erased']},
	{id: '59', title: '`deleteMessageForMe`', versions: since('1.27', '1.58'), steps: ['concealed']},
	{id: '60', title: '`countMessageReplies`', versions: since('1.40'), steps: ['thread']},
	{id: '61', title: '`retrieveMessageChannel`', versions: since('1.50'), steps: ['parent']},
	{id: '62', title: '`retrieveMessageParent`', versions: since('1.50'), steps: ['parent']},
	{id: '63', title: '`reportMessage`', versions: since('2.5'), steps: ['reported']},
	{id: '64', title: '`createThread`', versions: since('1.58'), steps: ['threadCreated']},
	{id: '65', title: '`listThreads`', versions: since('1.58'), steps: ['threadCreated']},
	{id: '66', title: '`listThreadChannel`', versions: since('1.58'), steps: ['threadRead']},
	{id: '67', title: '`listThreadMessage`', versions: since('1.58'), steps: ['threadReplies']},
	{id: '68', title: '`readThread`', versions: since('1.58'), steps: ['threadRead']},
	{id: '69', title: '`reactToMessage`', versions: since('1.50'), steps: ['reacted']},
	{id: '70', title: '`listReactions`', versions: since('1.50'), steps: ['reacted']},
	{id: '71', title: '`removeReaction`', versions: since('1.50'), steps: ['unreacted']},
	{id: '72', title: '`listReadReceipts`', versions: since('1.27'), steps: ['receipts']},
	{id: '73', title: '`listUsers`', versions: since('1.10'), steps: ['users', 'usersByName', 'usersByDisplayName', 'usersOnline']},
	{id: '74', title: '`listUsersCount`', versions: since('1.10'), steps: ['users', 'usersByName', 'usersOnline']},
	{id: '75', title: '`retrieveUser`', versions: since('1.1'), steps: ['user']},
	{id: '76', title: '`checkUserIsChannelMember`', versions: since('1.27'), steps: ['isMember']},
	{id: '77', title: '`blockUser`', versions: since('1.27'), steps: ['block', 'blocked']},
	{id: '78', title: '`listUserBlockedRecords`', versions: since('1.27'), steps: ['blockList']},
	{id: '79', title: '`deleteUserBlockedRecord`', versions: since('1.27'), steps: ['unblock', 'unblocked']},
	{id: '80', title: '`deleteUser`', versions: since('core 2.106'), steps: ['deleteOther', 'userDeleted']},
	{id: '81', title: '`onNotificationReceived`', versions: since('1.1'), steps: ['notified']},
	{id: '82', title: '`onChannelJoined`', versions: since('1.27'), steps: ['learned', 'invited']},
	{id: '83', title: '`onChannelHidden`', versions: since('1.58'), steps: ['hidden']},
	{id: '84', title: '`onChannelUnhidden`', versions: since('1.58'), steps: ['hidden']},
	{id: '85', title: '`onChannelLeft`', versions: since('1.50'), steps: ['departed']},
	{id: '86', title: '`onChannelDeleted`', versions: since('core 2.106'), steps: ['deleted']},
	{id: '87', title: '`onChannelUpdated`', versions: since('1.27'), steps: ['updated']},
	{id: '88', title: '`onUserPresenceChanged`', versions: since('1.10'), steps: ['contactPresence']},
	{id: '89', title: '`onUserUpdated`', versions: since('core 2.106'), steps: ['contactUpdated']},
	{id: '90', title: '`onUserBlocked`', versions: since('core 2.106'), steps: ['blockHeard']},
	{id: '91', title: '`onUserUnblocked`', versions: since('core 2.106'), steps: ['unblockHeard']},
	{id: '92', title: '`onParticipantStartedTyping`', versions: since('1.10'), steps: ['elsewhere']},
	{id: '93', title: '`onParticipantStoppedTyping`', versions: since('1.10'), steps: ['stoppedElsewhere']},
	{id: '94', title: '`onReadReceiptCreated`', versions: since('2.1'), steps: ['receiptHeard']},
	{id: '95', title: '`onReadReceiptDeleted`', versions: since('2.1'), steps: ['receiptGone']},
	{id: '96', title: '`onApplicationElementsChanged`', versions: since('2.5'), steps: ['appearance', 'appearanceShown']},
	{id: '97', title: '`onApplicationFeaturesChanged`', versions: since('2.5'), steps: ['appearance', 'appearanceShown']},
	{id: '98', title: '`onApplicationStylesChanged`', versions: since('2.5'), steps: ['appearance', 'appearanceShown']},
	{id: '99', title: 'What a page holds', versions: since('1.1'), steps: ['pages', 'members']},
	{id: '100', title: '`nextPage`', versions: since('1.1'), steps: ['pages']},
	{id: '101', title: '`prevPage`', versions: since('1.1'), steps: ['pages']},
	{id: '102', title: '`getInstance`', versions: since('1.1', 'core 1.11'), reason: DEFAULT_HOST},
	{id: '103', title: 'Names of the relays of a channel and a user', versions: since('1.1'), steps: ['retrieved', 'user']},
	{id: '104', title: '`connectApi`', versions: since('2.1'), steps: ['start']},
	{id: '105', title: '`user` of a connection', versions: since('2.1'), steps: ['connection']},
	{id: '106', title: '`notifications` of a connection', versions: since('2.1'), steps: ['notificationWatched']},
	{id: '107', title: '`unreadChannelsCount` of a connection', versions: since('2.1'), steps: ['countsWatched']},
	{id: '108', title: '`unreadMessagesCount` of a connection', versions: since('2.5'), steps: ['messagesCountWatched']},
	{id: '109', title: '`updateUser` of a connection', versions: since('2.1'), steps: ['connection']},
	{id: '110', title: '`dispose` of a connection', versions: since('2.1'), steps: ['offline']},
	{id: '111', title: '`getSdkClient` of a connection', versions: since('core 2.106'), steps: ['start']},
	{id: '112', title: '`onDispose` of a connection', versions: since('core 2.106'), reason: LOCAL},
	{id: '113', title: '`getSdkClient`', versions: since('core 2.106'), steps: ['start']},
	{id: '114', title: '`loadChatUi`', versions: since('2.1'), reason: HOSTED_UI},
	{id: '115', title: '`template`', versions: since('2.1'), reason: LOCAL},
	{id: '116', title: '`onMessageReceived`', versions: since('1.1'), steps: ['message', 'replied']},
	{id: '117', title: '`onMessageUpdated`', versions: since('1.10'), steps: ['edited', 'described'], tests: ['TestEachGenerationHearsOfAnEditAsItListens']},
	{id: '118', title: '`onMessageDeleted`', versions: since('core 1.4'), steps: ['withdrawn']},
	{id: '119', title: '`onKeystrokesReceived`', versions: since('1.10'), steps: ['keystrokes']},
	{id: '120', title: '`onTypingStarted`', versions: since('1.10'), steps: ['typing']},
	{id: '121', title: '`onTypingStopped`', versions: since('1.10'), steps: ['stopped']},
	{id: '122', title: '`onParticipantEnteredChat`', versions: since('1.10'), steps: ['entered']},
	{id: '123', title: '`onParticipantLeftChat`', versions: since('1.10'), steps: ['left']},
	{id: '124', title: '`onParticipantPresenceChanged`', versions: since('1.10'), steps: ['offline', 'invisible']},
	{id: '125', title: '`onChannelUpdated` in a chat session', versions: since('1.27'), steps: ['updated']},
	{id: '126', title: '`onChannelDeleted` in a chat session', versions: since('core 2.106'), steps: ['deleted']},
	{id: '127', title: '`onMessageRead`', versions: since('1.27'), steps: ['readSeen']},
	{id: '128', title: '`onMessageUnread`', versions: since('core 1.11'), steps: ['unreadAgain']},
	{id: '129', title: '`onMessageReactionAdded`', versions: since('1.50'), steps: ['reacted']},
	{id: '130', title: '`onMessageReactionRemoved`', versions: since('1.50'), steps: ['unreacted']},
	{id: '131', title: '`onEventTriggered`', versions: since('1.58'), steps: ['custom']},
	{id: '132', title: '`onMemberJoined`', versions: since('core 2.106'), steps: ['joined']},
	{id: '133', title: '`onMemberLeft`', versions: since('core 2.106'), steps: ['departed', 'channelBlocked']},
	{id: '134', title: '`onModeratorAdded`', versions: since('core 2.106'), steps: ['moderated']},
	{id: '135', title: '`onModeratorDeleted`', versions: since('core 2.106'), steps: ['moderators']},
	{id: '136', title: '`onMemberBlocked`', versions: since('core 2.106'), steps: ['channelBlocked']},
	{id: '137', title: '`onMemberUnblocked`', versions: since('core 2.106'), steps: ['channelUnblocked']},
	{id: '138', title: '`onThreadMessageReceived`', versions: since('1.58'), steps: ['threadSet'], tests: ['TestWhoListensToAThreadHearsOnlyOfIt'], reason: UNHEARD},
	{id: '139', title: '`onThreadKeystrokesReceived`', versions: since('1.58'), steps: ['threadSet'], tests: ['TestWhoListensToAThreadHearsOnlyOfIt'], reason: UNHEARD},
	{id: '140', title: '`onThreadTypingStarted`', versions: since('1.58'), steps: ['threadSet'], tests: ['TestWhoListensToAThreadHearsOnlyOfIt'], reason: UNHEARD},
	{id: '141', title: '`onThreadTypingStopped`', versions: since('1.58'), steps: ['threadSet'], tests: ['TestWhoListensToAThreadHearsOnlyOfIt'], reason: UNHEARD},
];

/** The events that the packages listen to. @type {Row[]} */
export const events = [
	{id: 'E1', title: '`me.notification.created`', versions: since('1.1', '1.50'), steps: ['notified']},
	{id: 'E2', title: '`user.notification.created`', versions: since('1.58'), steps: ['notified', 'notifiedMention']},
	{id: 'E3', title: '`me.channel.joined`', versions: since('1.27', '1.50'), steps: ['learned', 'invited']},
	{id: 'E4', title: '`user.channel.joined`', versions: since('1.58'), steps: ['learned', 'invited']},
	{id: 'E5', title: '`user.channel.created`', versions: since('1.58'), steps: ['direct', 'public']},
	{id: 'E6', title: '`user.channel.upserted`', versions: since('1.58'), steps: ['same']},
	{id: 'E7', title: '`me.channel.updated`', versions: since('1.27', '1.50'), steps: ['updated']},
	{id: 'E8', title: '`user.channel.updated`', versions: since('1.58'), steps: ['updated']},
	{id: 'E9', title: '`me.channel.left`', versions: only('1.50', 'core 2.106'), steps: ['departed']},
	{id: 'E10', title: '`user.channel.left`', versions: since('1.58'), steps: ['departed']},
	{id: 'E11', title: '`user.channel.hidden`', versions: since('1.58'), steps: ['hidden']},
	{id: 'E12', title: '`user.channel.unhidden`', versions: since('1.58'), steps: ['hidden']},
	{id: 'E13', title: '`user.channel.deleted`', versions: since('core 2.106'), steps: ['deleted']},
	{id: 'E14', title: '`contact.presence.changed`', versions: since('1.10'), steps: ['contactPresence']},
	{id: 'E15', title: '`contact.user.updated`', versions: since('core 2.106'), steps: ['contactUpdated']},
	{id: 'E16', title: '`participant.typing.started`', versions: since('1.10'), steps: ['elsewhere']},
	{id: 'E17', title: '`participant.typing.stopped`', versions: since('1.10'), steps: ['stoppedElsewhere']},
	{id: 'E18', title: '`message.read_receipt.created` to a user', versions: since('2.1'), steps: ['receiptHeard', 'countsWatched']},
	{id: 'E19', title: '`message.read_receipt.deleted` to a user', versions: since('2.1'), steps: ['receiptGone']},
	{id: 'E20', title: '`user.user_blocklist_item.created`', versions: since('core 2.106'), steps: ['blockHeard']},
	{id: 'E21', title: '`user.user.unblocked`', versions: since('core 2.106'), steps: ['unblockHeard']},
	{id: 'E22', title: '`user.self.updated`', versions: since('core 2.106'), steps: ['renamed', 'observed']},
	{id: 'E23', title: '`user.self.deleted`', versions: since('core 2.106'), steps: ['userDeleted']},
	{id: 'E24', title: '`user.channel.block_record_created`', versions: since('core 2.106'), steps: ['channelBlocked']},
	{id: 'E25', title: '`application.elements.updated`', versions: since('2.5'), steps: ['appearance', 'appearanceShown']},
	{id: 'E26', title: '`application.features.updated`', versions: since('2.5'), steps: ['appearance', 'appearanceShown']},
	{id: 'E27', title: '`application.styles.updated`', versions: since('2.5'), steps: ['appearance', 'appearanceShown']},
	{id: 'E28', title: '`thread.message.created`', versions: since('1.1', '1.27'), steps: ['message']},
	{id: 'E29', title: '`channel.message.created`', versions: since('1.40'), steps: ['message']},
	{id: 'E30', title: '`thread.message.updated`', versions: since('1.10', '1.50'), tests: ['TestEachGenerationHearsOfAnEditAsItListens']},
	{id: 'E31', title: '`channel.message.updated`', versions: since('1.58'), steps: ['edited']},
	{id: 'E32', title: '`channel.message.deleted`', versions: since('core 1.4'), steps: ['withdrawn']},
	{id: 'E33', title: '`thread.keystrokes.created`', versions: since('1.10'), steps: ['keystrokes', 'threadTyping']},
	{id: 'E34', title: '`thread.typing.started`', versions: since('1.10'), steps: ['typing']},
	{id: 'E35', title: '`thread.typing.stopped`', versions: since('1.10'), steps: ['stopped']},
	{id: 'E36', title: '`channel.participant.active`', versions: since('1.10'), steps: ['entered']},
	{id: 'E37', title: '`channel.participant.inactive`', versions: since('1.10'), steps: ['left']},
	{id: 'E38', title: '`participant.presence.changed`', versions: since('1.10'), steps: ['offline', 'invisible']},
	{id: 'E39', title: '`channel.self.updated`', versions: since('1.27'), steps: ['updated']},
	{id: 'E40', title: '`channel.self.deleted`', versions: since('core 2.106'), steps: ['deleted']},
	{id: 'E41', title: '`message.read_receipt.created` in a channel', versions: since('1.27'), steps: ['readSeen']},
	{id: 'E42', title: '`message.read_receipt.deleted` in a channel', versions: since('core 1.11'), steps: ['unreadAgain']},
	{id: 'E43', title: '`message.reaction.created`', versions: since('1.50'), steps: ['reacted']},
	{id: 'E44', title: '`message.reaction.removed`', versions: since('1.50'), steps: ['unreacted']},
	{id: 'E45', title: '`channel.event.triggered`', versions: since('1.58'), steps: ['custom']},
	{id: 'E46', title: '`channel.member.joined`', versions: since('core 2.106'), steps: ['joined']},
	{id: 'E47', title: '`channel.member.left`', versions: since('core 2.106'), steps: ['departed', 'channelBlocked']},
	{id: 'E48', title: '`channel.moderator.added`', versions: since('core 2.106'), steps: ['moderated']},
	{id: 'E49', title: '`channel.moderator.deleted`', versions: since('core 2.106'), steps: ['moderators']},
	{id: 'E50', title: '`channel.block_record.created`', versions: since('core 2.106'), steps: ['channelBlocked']},
	{id: 'E51', title: '`channel.block_record.deleted`', versions: since('core 2.106'), steps: ['channelUnblocked']},
	{id: 'E52', title: '`thread.message.created` on the topics of a thread', versions: since('1.58'), steps: ['threadSet'], tests: ['TestWhoListensToAThreadHearsOnlyOfIt'], reason: UNHEARD},
	{id: 'E53', title: '`thread.keystrokes.created` on the topics of a thread', versions: since('1.58'), steps: ['threadSet'], tests: ['TestWhoListensToAThreadHearsOnlyOfIt'], reason: UNHEARD},
	{id: 'E54', title: '`thread.typing.started` on the topics of a thread', versions: since('1.58'), steps: ['threadSet'], tests: ['TestWhoListensToAThreadHearsOnlyOfIt'], reason: UNHEARD},
	{id: 'E55', title: '`thread.typing.stopped` on the topics of a thread', versions: since('1.58'), steps: ['threadSet'], tests: ['TestWhoListensToAThreadHearsOnlyOfIt'], reason: UNHEARD},
];

export const rows = [...calls, ...events];

/**
 * Says what is wrong with the rows: those of a package without a step that it
 * can take, a test or a reason; steps that there are not; and numbers that are
 * missing.
 *
 * @param {import('./journey.mjs').Step[]} steps
 * @param {import('./versions.mjs').Version[]} versions
 * @returns {string[]}
 */
export const unshown = (steps, versions) => {
	const known = new Set(steps.map(({id}) => id));
	const numbers = [
		...Array.from({length: 141}, (_, index) => `${index + 1}`),
		...Array.from({length: 55}, (_, index) => `E${index + 1}`),
	];
	return [
		...GENERATIONS.filter(known => !versions.some(({generation}) => generation === known)).map(known => `no package is of the generation ${known}`),
		...numbers.filter((number, index) => rows[index]?.id !== number).map(number => `row ${number} is not in its place`),
		...rows.flatMap(row => (row.steps ?? []).filter(id => !known.has(id)).map(id => `row ${row.id}: there is no step ${id}`)),
		...rows.flatMap(row => versions.filter(version => !isShown(row, version)).map(({id}) => `row ${row.id}: nothing shows it with ${id}`)),
	];
};

const isShown = ({versions: generations, steps = [], tests, reason}, {generation, cannot}) =>
	!generations.includes(generation) || tests || reason || steps.some(id => !cannot[id]);
