/**
 * Where the published clients of the Platform API, and its command line, go wrong
 * unless the server takes care, by the number that the notes on the API give them.
 * The rows are those of the tables above, by their numbers; see ../traps.mjs for
 * the rest.
 *
 * @typedef {object} Trap
 * @property {string} id
 * @property {string} rule what the server takes care of
 * @property {string[]} [rows] numbers of rows of the Platform API
 * @property {string[]} [commands] ids of rows of the command line
 * @property {string[]} [tests] names of Go tests
 * @property {string} [reason] why it can't be shown, or not here
 */

const CLIENT = 'A property of the clients: the server has no part in it.';

/** @type {Trap[]} */
export const traps = [
	{id: 'T1', rule: 'Ids are small: no client rounds them or takes them for dates', rows: ['6'], commands: ['ids']},
	{id: 'T2', rule: 'Cursors are numbers, and also text', rows: ['13', '34'], tests: ['TestWhatAUserHasNotReadIsListedCountedAndSummedUp']},
	{id: 'T3', rule: 'Paths are served without a version, and under `/v1` in camelCase', rows: ['A10']},
	{id: 'T4', rule: 'Doubled and trailing slashes are served, never redirected', rows: ['A9'], tests: ['TestPathsAreServedHoweverTheyAreWritten']},
	{id: 'T5', rule: 'A PATCH may be `application/json+merge-patch`', rows: ['9', '22', '42', 'A12']},
	{id: 'T6', rule: 'A PATCH of `""` changes nothing', rows: ['9', '42']},
	{id: 'T7', rule: 'A POST without a body may have any media type', rows: ['67', '68']},
	{id: 'T8', rule: 'The token endpoint reads `multipart/form-data`', rows: ['A1', 'A3']},
	{id: 'T9', rule: 'The file of an import may be a part without a file name', rows: ['63']},
	{id: 'T10', rule: '`isGuest`, `is_guest` and `guest` are one thing', rows: ['6', '63']},
	{id: 'T11', rule: '`startTime` and `endTime` are in camelCase, and `groupTag` too', rows: ['19', '35']},
	{id: 'T12', rule: 'A `Set` arrives as `{}`, which is none', rows: ['20']},
	{id: 'T13', rule: 'Sets are sent as arrays', tests: ['TestSetsAreSentAsArrays']},
	{id: 'T14', rule: '`_links` is an object by relation', rows: ['5', '27']},
	{id: 'T15', rule: 'Flags that samples leave out are false', rows: ['6', '52', '56']},
	{id: 'T16', rule: 'What surprises is answered as documented: the application, the thread, the user', rows: ['10', '17', '23', '29', '30', '40', '43']},
	{id: 'T17', rule: 'Unknown parameters are passed over', rows: ['4']},
	{id: 'T18', rule: 'HEAD tells whether a user exists, by the status', rows: ['7'], commands: ['exists']},
	{id: 'T19', rule: 'An encoded slash belongs to the name', rows: ['16', '17', '18']},
	{id: 'T20', rule: 'Tokens live as long as clients keep them, also across a restart', rows: ['A6'], tests: ['TestTokensSurviveARestart']},
	{id: 'T21', rule: 'Every answer is whole JSON with the documented status', rows: ['A14'], tests: ['TestEveryOperationServesItsOwnApplication']},
	{id: 'T22', rule: 'The export of users is a type of its own', rows: ['68']},
	{id: 'T23', rule: 'The media type of a body does not choose its names', rows: ['A12', '35', '37']},
	{id: 'T24', rule: 'Cursor listings have a total', rows: ['13', '15', '34', '39', '46']},
	{id: 'T25', rule: 'What is required is always there', rows: ['6', '35']},
	{id: 'T26', rule: '`false` and the empty text in a query are no filters', tests: ['TestEmptyParametersAreNone', 'TestWhatAUserHasNotReadIsListedCountedAndSummedUp']},
	{id: 'T27', rule: 'Arrays in a query repeat their name', rows: ['19']},
	{id: 'T28', rule: 'Bodies are checked here, since the client takes anything', rows: ['20', '25', '33'], tests: ['TestEveryOperationRefusesWhoeverMayNot']},
	{id: 'T29', rule: 'Clients with fixed addresses come by a proxy', commands: ['login']},
	{id: 'T30', rule: 'No media type is needed in `Accept`', rows: ['A11']},
	{id: 'T31', rule: 'Nothing is redirected', rows: ['A9']},
	{id: 'T32', rule: 'The package has been another one before', reason: `${CLIENT} The version is pinned.`},
	{id: 'T33', rule: 'Numbers and flags stand for text, and an array in its place is refused with a hint', commands: ['number', 'commas', 'json', 'variables'], tests: ['TestBodiesAreBroughtToTheirSchema']},
	{id: 'T34', rule: 'The command line takes usernames of ten digits for dates', reason: CLIENT},
	{id: 'T35', rule: 'The command line spells a single member', reason: CLIENT},
	{id: 'T36', rule: 'Source code that was split at its commas is refused', tests: ['TestBodiesAreBroughtToTheirSchema']},
	{id: 'T37', rule: 'The path of a file is no file', commands: ['import']},
	{id: 'T38', rule: 'What is wrong is in the log too, with the id of the request', tests: ['TestRefusalsAreLoggedWithTheIDOfTheirRequest']},
	{id: 'T39', rule: 'Unknown flags are reported, and the call is made', reason: CLIENT},
];
