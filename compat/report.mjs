import {books} from './books.mjs';
import {conversations} from './conversation.mjs';
import {FAIL, PASS} from './judge.mjs';
import {versions} from './versions.mjs';

const INTRODUCTION = `# Conformance

Published ChatKitty clients, pinned exactly and unmodified, hold one conversation
on a real OpenKitty server. This file is written by that run: see
[compat](../compat/README.md) for how to repeat it.

A number in brackets is a [reason](#reasons) why a package cannot take a step
with any server.
`;

/**
 * Renders the results as the document. Equal results give equal documents.
 *
 * @param {string[]} engines
 * @param {import('./judge.mjs').Checklist[]} checklists
 * @param {import('./judge.mjs').Judge} judge
 */
export const render = (engines, checklists, judge) => {
	const cells = new Cells(judge);
	const placesOf = (lists, packages) =>
		lists.flatMap(checklist => engines.flatMap(engine => (packages ?? checklist.versions).map(version => ({engine, checklist, version}))));

	const summary = () => {
		const steps = conversations[0].rows;
		const places = placesOf(conversations, [undefined]);
		return [
			`## Steps passed, of ${steps.length}\n`,
			...grid([''], versions.map(({id}) => id), places, ({checklist, engine}) => [
				`${checklist.title}; ${engine}`,
				...versions.map(version => cells.total({engine, checklist, version})),
			]),
		];
	};
	const list = checklist => {
		const {title, about = `On ${engines.join(' and ')}.`, rows, listed = rows} = checklist;
		const columns = checklist.versions.length > 1
			? checklist.versions.map(version => ({title: version.id, places: placesOf([checklist], [version])}))
			: engines.map(engine => ({title: engine, places: [{engine, checklist, version: checklist.versions[0]}]}));
		return [
			`## ${title}\n`,
			`${about}\n`,
			...grid([''], columns.map(column => column.title), listed, row => [
				row.title,
				...columns.map(({places}) => cells.of(row, places)),
			]),
		];
	};
	const book = ({title, about, heads, rows, checklists: lists, versions: packages}) => {
		const columns = packages
			? packages.map(version => ({title: version.id, places: placesOf(lists, [version]), generation: version.generation}))
			: [{title: 'Result', places: placesOf(lists)}];
		const titles = new Map(lists.flatMap(({rows: steps}) => steps.map(step => [step.id, step.title])));
		return [
			`## ${title}\n`,
			`${about}\n`,
			...grid(heads, columns.map(column => column.title), rows, row => [
				row.id,
				row.title,
				shownBy(row, titles),
				...columns.map(({places, generation}) => cells.of(row, places, generation)),
			]),
		];
	};
	return [
		INTRODUCTION,
		...summary(),
		...checklists.flatMap(list),
		...books.flatMap(book),
		'## Reasons\n',
		...cells.reasons(),
		'',
	].join('\n');
};

/** A table: heads of the columns to the left, titles of those with results, and a line for each thing. */
const grid = (heads, titles, things, cellsOf) => [
	line([...heads, ...titles]),
	line([...heads.map(() => '---'), ...titles.map(() => ':-:')]),
	...things.map(thing => line(cellsOf(thing))),
	'',
];

const line = cells => `| ${cells.join(' | ')} |`;

/** The titles of steps and the names of tests that show something. */
const shownBy = ({steps = [], tests = []}, titles) =>
	[...steps.map(id => titles.get(id)), ...tests.map(test => `\`${test}\``)].join('; ') || '–';

/** What stands in the columns with results, and the reasons in the order in which they are cited. */
class Cells {
	#judge;
	#reasons = [];

	constructor(judge) {
		this.#judge = judge;
	}

	/** Whether a row holds at these places, wherever it can be taken. */
	of(row, places, generation) {
		if (row.versions?.includes(generation) === false) {
			return '–';
		}
		const outcomes = (row.run ? [row.id] : row.steps ?? []).flatMap(id => places.flatMap(place =>
			place.checklist.rows.filter(step => step.id === id).map(step => this.#judge.outcome(place, step))));
		if (outcomes.includes(FAIL)) {
			return FAIL;
		}
		if (row.reason) {
			return this.#cite(row.reason);
		}
		return outcomes.includes(PASS) ? PASS : row.tests ? 'test' : this.#cite(outcomes[0]);
	}

	/** How many rows passed and failed at a place, or why none can be taken there. */
	total(place) {
		const [passed, failed] = [PASS, FAIL].map(wanted => this.#judge.count(wanted, [place]));
		if (passed + failed === 0) {
			return this.#cite(this.#judge.outcome(place, place.checklist.rows[0]));
		}
		return failed === 0 ? `${passed}` : `${passed}, **${failed} failed**`;
	}

	reasons() {
		return this.#reasons.map((reason, index) => `${index + 1}. ${reason}`);
	}

	#cite(reason) {
		if (!this.#reasons.includes(reason)) {
			this.#reasons.push(reason);
		}
		return `[${this.#reasons.indexOf(reason) + 1}]`;
	}
}
