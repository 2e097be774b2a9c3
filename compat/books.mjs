import {conversations} from './conversation.mjs';
import {commandLine} from './platform/cli.mjs';
import {platform} from './platform/checklist.mjs';
import {traps as platformTraps} from './platform/traps.mjs';
import {GENERATIONS, calls, events} from './rows.mjs';
import {traps} from './traps.mjs';
import {versions} from './versions.mjs';

/**
 * What is to be shown, by the numbers that the notes on the protocol and on the
 * API give it, and the checklists of which the rows show it.
 *
 * @typedef {object} Book
 * @property {string} title
 * @property {string} about what stands above its table
 * @property {string[]} heads
 * @property {string[]} numbers of its rows, each of which may have several
 * @property {import('./judge.mjs').Row[]} rows
 * @property {import('./judge.mjs').Checklist[]} checklists
 * @property {import('./versions.mjs').Version[]} [versions] a column each; one for all, without them
 */

const numbers = (letter, last) => Array.from({length: last}, (_, index) => `${letter}${index + 1}`);

const LEGEND = 'A dash: the package has none of it. "test": no package shows it, tests of the server\'s own do.';

const ofPackages = {checklists: conversations, versions, heads: ['', '', 'Shown by']};

const ofTraps = {heads: ['', 'What the server takes care of', 'Shown by']};

/** @type {Book[]} */
export const books = [
	{
		title: 'Calls and listeners',
		about: `What the published packages offer to applications, under the newest of its names. ${LEGEND}`,
		...ofPackages, rows: calls, numbers: numbers('', 141),
	},
	{
		title: 'Events',
		about: `What the packages listen for. ${LEGEND}`,
		...ofPackages, rows: events, numbers: numbers('E', 55),
	},
	{
		title: 'Traps',
		about: 'Where the packages go wrong unless the server takes care. A test is one of the server\'s own, in Go; the\n'
			+ 'results are those of the steps, wherever a package can take them.',
		...ofTraps, checklists: conversations, rows: traps, numbers: numbers('Q', 50),
	},
	{
		title: 'Traps of the Platform API',
		about: 'The same for its clients and the command line.',
		...ofTraps, checklists: [platform, commandLine], rows: platformTraps, numbers: numbers('T', 39),
	},
];

/** The operations of the published client, and what is asked of tokens and requests. */
const operations = {
	title: platform.title, checklists: [platform], rows: platform.listed.filter(({id}) => /^A?\d/.test(id)),
	numbers: [...numbers('', 70), ...numbers('A', 14)],
};

/**
 * Says what is wrong with the books: numbers that are missing; rows that name
 * steps that there are not; rows, or rows of a package, without a step that it can
 * take, a test or a reason; and steps that no row names.
 *
 * @returns {string[]}
 */
export const gaps = () => [
	...GENERATIONS.filter(known => !versions.some(({generation}) => generation === known)).map(known => `no package is of the generation ${known}`),
	...[...books, operations].flatMap(gapsOf),
	...unnamed(conversations[0].rows).map(({id}) => `the step ${id} shows nothing: no row names it`),
];

const gapsOf = ({title, rows, numbers: wanted, checklists, versions: packages = [{}]}) => {
	const found = rows.flatMap(({id}) => id.split(', '));
	const known = new Set(checklists.flatMap(checklist => checklist.rows.map(({id}) => id)));
	const say = (id, words) => `${title}, row ${id}: ${words}`;
	return [
		...wanted.filter(number => !found.includes(number)).map(number => say(number, 'it is missing')),
		...found.filter((number, index) => !wanted.includes(number) || found.indexOf(number) !== index).map(number => say(number, 'it is too many')),
		...rows.flatMap(({id, steps = []}) => steps.filter(step => !known.has(step)).map(step => say(id, `there is no step ${step}`))),
		...rows.flatMap(row => packages.filter(version => !isShown(row, version)).map(({id = 'anything'}) => say(row.id, `nothing shows it with ${id}`))),
	];
};

const isShown = ({run, versions: generations, steps = [], tests, reason}, {generation, cannot = {}}) =>
	generations?.includes(generation) === false || run || tests || reason || steps.some(id => !cannot[id]);

const unnamed = steps => {
	const named = new Set(books.flatMap(({rows}) => rows.flatMap(row => row.steps ?? [])));
	return steps.filter(({id}) => !named.has(id));
};
