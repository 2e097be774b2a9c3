/**
 * The packages, where each of them works, and what each of them cannot do.
 *
 * A reason names the defect or the gap in the package.
 *
 * @typedef {object} Version
 * @property {string} id the package and its exact version
 * @property {string} folder its folder in `clients`
 * @property {string} [generation] its generation, as the rows of rows.mjs name it
 * @property {string} [refusal] the name of the error for a wrong API key
 * @property {boolean} [tellsNoParent] its handler of messages is not given the message that one replies to
 * @property {boolean} [throwsOnNull] it throws on `null` where a message is expected, and its promise hangs
 * @property {Record<string, string>} [absent] environments in which the package does not work, and why
 * @property {Record<string, string>} [cannot] steps that it cannot take anywhere, and why
 * @property {Record<string, string>} [cannotInNode] steps that it cannot take in Node.js, and why
 */

/**
 * Why a package cannot take a row at a place; undefined if it can.
 *
 * @param {import('./judge.mjs').Place} place
 * @param {import('./judge.mjs').Row} row
 */
export const excuse = ({version, checklist}, row) =>
	version.absent?.[checklist.id] ?? version.cannot?.[row.id] ?? (checklist.id === 'chromium' ? undefined : version.cannotInNode?.[row.id]);

const DIES = 'Without a global `WebSocket` the process dies with an uncaught `ReferenceError`: the package has no other transport.';
const HANGS = 'The package carries the browser build of SockJS, which needs `XMLHttpRequest`: in Node.js without a global `WebSocket` its promises never settle and nothing is sent.';
const NOT_IMPORTED = 'Node.js cannot load the package: it imports names from `@stomp/rx-stomp`, a CommonJS module, that only bundlers find there.';
const NO_FALLBACK = 'Without a global `WebSocket` the process dies with the uncaught error `TransportFallback is not a constructor`.';
const NOT_LOADED = 'Node.js cannot load the package: it imports `sockjs-client/dist/sockjs` without the extension; bundled, it hangs, because that is the browser build.';

const NO_HANDLER = 'The package has no such handler.';
const NO_LISTENER = 'The package has no such listener.';
const NO_CALL = 'The package has no such call.';
const NEEDS_CHAT = 'The package itself refuses to send to a channel in which it has no chat session.';
const NO_ERRORS = 'The package registers error handlers only for `createChannel`: any other call that fails never settles.';
const ONLY_1X = 'Only `chatkitty` from 1.27 to 1.58 has this call.';

const NO_FILE_FILTER = 'The package declares no filter by type.';

const each = (steps, reason) => Object.fromEntries(steps.map(step => [step, reason]));

/** Steps about messages and files, by the version that brought the calls. */
const BEFORE_1_58 = {
	...each(['edited', 'described', 'erased'], NO_CALL), files: NO_FILE_FILTER, withdrawn: NO_HANDLER,
};
const BEFORE_1_50 = {...BEFORE_1_58, ...each(['parent', 'reacted', 'unreacted'], NO_CALL)};
const BEFORE_1_40 = {...BEFORE_1_50, ...each(['replied', 'thread', 'fileReplied', 'fileElsewhereReplied'], NO_CALL)};

/** The calls on memberships that came with a later version. */
const since106 = {moderators: NO_CALL, removed: NO_CALL};
const since58 = {...since106, moderated: NO_CALL, deleted: NO_CALL};
const since27 = {...since58, invited: NO_CALL, updated: NO_CALL, muted: NO_CALL, hidden: NO_CALL, cleared: NO_CALL};

const NO_FILTER = 'The package declares no filter by display name.';
const NO_METHOD = 'The package has no such method.';
const NO_VALUES = 'The package has no connection with such a value to watch.';

const NO_FORM = 'Its axios 0.21 cannot send the `FormData` of Node.js: in a browser it can.';

/** Steps about users that packages before 2.106 lack the listeners and methods for. */
const BEFORE_2_106 = {
	...each(['contactUpdated', 'blockHeard', 'unblockHeard'], NO_LISTENER),
	...each(['deleteOther', 'userDeleted'], NO_METHOD),
};
/** Steps about blocks and pictures, which came with 1.27. */
const BEFORE_1_27 = {
	...BEFORE_2_106,
	...each(['picture', 'pictureless', 'pictureUploaded', 'fileElsewhere', 'isMember', 'block', 'blocked', 'blockList', 'unblock', 'unblocked'], NO_METHOD),
};

/** Steps about threads and what came with them, by the version that brought the calls. */
const NO_CONNECTION = {connection: 'The package has no `connectApi`.'};
const THREADS = each(['threadCreated', 'threadMessage', 'threadTyping', 'threadSet', 'threadRead', 'threadReplies', 'threadFile', 'threadUpload'], NO_CALL);
const LATER_106 = each(['channelBlocked', 'channelUnblocked'], NO_CALL);
const LATER_2_5 = {...LATER_106, reported: NO_CALL, appearance: NO_LISTENER, appearanceShown: NO_LISTENER, messagesCountWatched: NO_VALUES};
const LATER_1_11 = {...LATER_2_5, context: NO_CALL, everything: NO_CALL};
const LATER_50 = {...LATER_1_11, ...THREADS};
const LATER_58 = {...LATER_50, noticed: NO_LISTENER};

/** Uploads in Node.js, and what follows from them. */
const NO_UPLOADS = each(['fileUploaded', 'fileDownloaded', 'fileReplied', 'files', 'threadUpload', 'pictureUploaded'], NO_FORM);
/** Steps about what is read, by the version that brought the calls, handlers and listeners for them. */
const READ_1_58 = {
	...each(['receiptHeard', 'receiptGone'], NO_LISTENER),
	...each(['countsWatched', 'notificationWatched'], NO_VALUES),
	unreadAgain: NO_CALL,
};
const READ_1_27 = {...READ_1_58, unreadEverywhere: NO_CALL};
const READ_1_10 = {...READ_1_27, ...each(['unreadMessages', 'readNothing', 'receipts'], NO_CALL), readSeen: NO_HANDLER};
const READ_CORE_1_11 = {...READ_1_58};
delete READ_CORE_1_11.unreadAgain;

const FROM_CORE_TO_2_106 = {concealed: ONLY_1X, ...since106, ...BEFORE_2_106};

const CORE_1_4 = {...LATER_2_5, ...NO_CONNECTION, ...FROM_CORE_TO_2_106, ...READ_1_58, context: NO_CALL, described: NO_CALL};

const inNode = reason => ({node: reason, 'node-http': reason});

/** @type {Version[]} */
export const versions = [
	{
		id: 'chatkitty 1.1.1',
		folder: 'chatkitty-1.1',
		generation: '1.1',
		refusal: 'AccessDeniedSessionError',
		absent: inNode(DIES),
		cannot: {
			learned: NO_LISTENER,
			entered: NO_HANDLER,
			typing: NO_HANDLER,
			keystrokes: NO_HANDLER,
			elsewhere: NO_LISTENER,
			stoppedElsewhere: NO_LISTENER,
			stopped: NO_HANDLER,
			custom: NO_CALL,
			aside: NEEDS_CHAT,
			left: NO_HANDLER,
			offline: NO_HANDLER,
			...BEFORE_1_27,
			...each(['users', 'usersByName', 'usersByDisplayName', 'usersOnline'], NO_METHOD),
			invisible: NO_HANDLER,
			contactPresence: NO_LISTENER,
			outsider: NO_ERRORS,
			departed: NO_CALL,
			...since27,
			...BEFORE_1_40,
			concealed: NO_CALL,
			...LATER_58,
			...NO_CONNECTION,
			...READ_1_10,
		},
	},
	{
		id: 'chatkitty 1.10.3',
		folder: 'chatkitty-1.10',
		generation: '1.10',
		refusal: 'AccessDeniedError',
		absent: inNode(DIES),
		cannot: {
			learned: NO_LISTENER, custom: NO_CALL, aside: NEEDS_CHAT, concealed: NO_CALL, usersByDisplayName: NO_FILTER,
			...LATER_58, ...NO_CONNECTION, ...since27, ...BEFORE_1_40, ...BEFORE_1_27, ...READ_1_10,
		},
	},
	{
		id: 'chatkitty 1.27.0',
		folder: 'chatkitty-1.27',
		generation: '1.27',
		refusal: 'AccessDeniedError',
		absent: {},
		cannotInNode: NO_UPLOADS,
		cannot: {custom: NO_CALL, aside: NEEDS_CHAT, ...LATER_58, ...NO_CONNECTION, ...since58, ...BEFORE_1_40, ...BEFORE_2_106, ...READ_1_27},
	},
	{
		id: 'chatkitty 1.40.1',
		folder: 'chatkitty-1.40',
		generation: '1.40',
		refusal: 'AccessDeniedError',
		tellsNoParent: true,
		absent: {},
		cannotInNode: NO_UPLOADS,
		cannot: {custom: NO_CALL, ...LATER_58, ...NO_CONNECTION, ...since58, ...BEFORE_1_50, ...BEFORE_2_106, ...READ_1_58},
	},
	{
		id: 'chatkitty 1.50.0',
		folder: 'chatkitty-1.50',
		generation: '1.50',
		refusal: 'AccessDeniedError',
		absent: {},
		cannotInNode: NO_UPLOADS,
		cannot: {custom: NO_CALL, ...LATER_50, ...NO_CONNECTION, ...since106, deleted: NO_CALL, ...BEFORE_1_58, ...BEFORE_2_106, ...READ_1_58},
	},
	{
		id: 'chatkitty 1.58.2',
		folder: 'chatkitty-1.58',
		generation: '1.58',
		refusal: 'AccessDeniedError',
		absent: {},
		cannotInNode: NO_UPLOADS,
		cannot: {files: NO_FILE_FILTER, described: NO_CALL, withdrawn: NO_HANDLER, ...LATER_1_11, ...NO_CONNECTION, ...since106, ...BEFORE_2_106, ...READ_1_58},
	},
	{
		id: '@chatkitty/core 1.1.2', folder: 'core-1.1', generation: 'core 1.1', refusal: 'AccessDeniedError', absent: inNode(NOT_IMPORTED),
		cannot: {...CORE_1_4, files: NO_FILE_FILTER, everything: NO_CALL, withdrawn: NO_HANDLER},
	},
	{id: '@chatkitty/core 1.4.0', folder: 'core-1.4', generation: 'core 1.4', refusal: 'AccessDeniedError', absent: inNode(NO_FALLBACK), cannot: CORE_1_4},
	{id: '@chatkitty/core 1.11.0', folder: 'core-1.11', generation: 'core 1.11', refusal: 'AccessDeniedError', absent: inNode(NOT_LOADED), cannot: {...LATER_2_5, ...NO_CONNECTION, ...FROM_CORE_TO_2_106, ...READ_CORE_1_11}},
	// connectApi rejects with a plain Error that carries only the message.
	{id: 'chatkitty 2.1.0', folder: 'chatkitty-2.1', generation: '2.1', refusal: 'Error', absent: {}, cannot: {...LATER_2_5, ...FROM_CORE_TO_2_106}},
	{id: 'chatkitty 2.5.0', folder: 'chatkitty-2.5', generation: '2.5', refusal: 'Error', throwsOnNull: true, absent: inNode(HANGS), cannot: {...LATER_106, ...FROM_CORE_TO_2_106}},
	{id: '@chatkitty/core 2.106.2', folder: 'core-2.106', generation: 'core 2.106', refusal: 'AccessDeniedError', throwsOnNull: true, absent: inNode(HANGS), cannot: {concealed: ONLY_1X}},
];
