/**
 * Where the published clients of the Platform API, and its command line, go wrong
 * unless the server takes care, by the number that the notes on the API give them.
 * The steps are rows of the Platform API and of the command line; see ../traps.mjs
 * for the rest.
 */

const CLIENT = 'A property of the clients: the server has no part in it.';

/** @type {import('../judge.mjs').Row[]} */
export const traps = [
	{id: 'T1', title: 'Ids are small: no client rounds them or takes them for dates', steps: ['6', 'ids']},
	{id: 'T2', title: 'Cursors are numbers, and also text', steps: ['13', '34'], tests: ['TestWhatAUserHasNotReadIsListedCountedAndSummedUp']},
	{id: 'T3', title: 'Paths are served without a version, and under `/v1` in camelCase', steps: ['A10']},
	{id: 'T4', title: 'Doubled and trailing slashes are served, never redirected', steps: ['A9'], tests: ['TestPathsAreServedHoweverTheyAreWritten']},
	{id: 'T5', title: 'A PATCH may be `application/json+merge-patch`', steps: ['9', '22', '42', 'A12']},
	{id: 'T6', title: 'A PATCH of `""` changes nothing', steps: ['9', '42']},
	{id: 'T7', title: 'A POST without a body may have any media type', steps: ['67', '68']},
	{id: 'T8', title: 'The token endpoint reads `multipart/form-data`', steps: ['A1, A2, A6', 'A3']},
	{id: 'T9', title: 'The file of an import may be a part without a file name', steps: ['63']},
	{id: 'T10', title: '`isGuest`, `is_guest` and `guest` are one thing', steps: ['6', '63']},
	{id: 'T11', title: '`startTime` and `endTime` are in camelCase, and `groupTag` too', steps: ['19', '35']},
	{id: 'T12', title: 'A `Set` arrives as `{}`, which is none', steps: ['20']},
	{id: 'T13', title: 'Sets are sent as arrays', tests: ['TestSetsAreSentAsArrays']},
	{id: 'T14', title: '`_links` is an object by relation', steps: ['5', '27']},
	{id: 'T15', title: 'Flags that samples leave out are false', steps: ['6', '52', '56']},
	{id: 'T16', title: 'What surprises is answered as documented: the application, the thread, the user', steps: ['10', '17', '23', '29', '30', '40', '43']},
	{id: 'T17', title: 'Unknown parameters are passed over', steps: ['4']},
	{id: 'T18', title: 'HEAD tells whether a user exists, by the status', steps: ['7', 'exists']},
	{id: 'T19', title: 'An encoded slash belongs to the name', steps: ['16', '17', '18']},
	{id: 'T20', title: 'Tokens live as long as clients keep them, also across a restart', steps: ['A1, A2, A6'], tests: ['TestTokensSurviveARestart']},
	{id: 'T21', title: 'Every answer is whole JSON with the documented status', steps: ['A14'], tests: ['TestEveryOperationServesItsOwnApplication']},
	{id: 'T22', title: 'The export of users is a type of its own', steps: ['68']},
	{id: 'T23', title: 'The media type of a body does not choose its names', steps: ['A12', '35', '37']},
	{id: 'T24', title: 'Cursor listings have a total', steps: ['13', '15', '34', '39', '46']},
	{id: 'T25', title: 'What is required is always there', steps: ['6', '35']},
	{id: 'T26', title: '`false` and the empty text in a query are no filters', tests: ['TestEmptyParametersAreNone', 'TestWhatAUserHasNotReadIsListedCountedAndSummedUp']},
	{id: 'T27', title: 'Arrays in a query repeat their name', steps: ['19']},
	{id: 'T28', title: 'Bodies are checked here, since the client takes anything', steps: ['20', '25', '33'], tests: ['TestEveryOperationRefusesWhoeverMayNot']},
	{id: 'T29', title: 'Clients with fixed addresses come by a proxy', steps: ['login']},
	{id: 'T30', title: 'No media type is needed in `Accept`', steps: ['A11']},
	{id: 'T31', title: 'Nothing is redirected', steps: ['A9']},
	{id: 'T32', title: 'The package has been another one before', reason: `${CLIENT} The version is pinned.`},
	{id: 'T33', title: 'Numbers and flags stand for text, and an array in its place is refused with a hint', steps: ['number', 'commas', 'json', 'variables'], tests: ['TestBodiesAreBroughtToTheirSchema']},
	{id: 'T34', title: 'The command line takes usernames of ten digits for dates', reason: CLIENT},
	{id: 'T35', title: 'The command line spells a single member', reason: CLIENT},
	{id: 'T36', title: 'Source code that was split at its commas is refused', tests: ['TestSourceCodeThatWasSplitAtItsCommasIsRefused']},
	{id: 'T37', title: 'The path of a file is no file', steps: ['import']},
	{id: 'T38', title: 'What is wrong is in the log too, with the id of the request', tests: ['TestRefusalsAreLoggedWithTheIDOfTheirRequest']},
	{id: 'T39', title: 'Unknown flags are reported, and the call is made', reason: CLIENT},
];
