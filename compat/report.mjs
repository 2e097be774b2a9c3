import {afterRestart, beforeRestart} from './journey.mjs';
import {calls, events} from './rows.mjs';
import {traps as platformTraps} from './platform/traps.mjs';
import {traps} from './traps.mjs';
import {versions} from './versions.mjs';

/** What is true of a step: it passed, it failed, or the package cannot take it. */
export const PASS = 'pass';
export const FAIL = '**fails**';

const INTRODUCTION = `# Conformance

Published ChatKitty clients, pinned exactly and unmodified, hold one conversation
on a real OpenKitty server. This file is written by that run: see
[compat](../compat/README.md) for how to repeat it.

A number in brackets is a [reason](#reasons) why a package cannot take a step
with any server.
`;

/** The steps of a conversation. */
export const steps = [...beforeRestart, ...afterRestart];

/**
 * @typedef {object} Checklist
 * @property {{id: string, title: string}} environment
 * @property {import('./versions.mjs').Version[]} versions
 * @property {{id: string, title: string}[]} rows
 */

/**
 * Renders the results as the document. Equal results give equal documents.
 *
 * @param {object} run
 * @param {string[]} run.engines
 * @param {{id: string, title: string}[]} run.environments of the conversations
 * @param {Checklist[]} run.checklists what clients of another kind are held to
 * @param {(place: import('./results.mjs').Place, step: import('./journey.mjs').Step) => string} run.outcome
 *   PASS, FAIL, or the reason why the package cannot
 * @param {Map<string, Map<string, string>>} run.platform by engine, what became of the rows of the Platform API
 */
export const render = ({engines, environments, checklists, outcome, platform}) => {
	const reasons = new Reasons();
	const table = ({environment, versions, rows}) => [
		`## ${environment.title}\n`,
		`On ${engines.join(' and ')}.\n`,
		...grid(versions, rows, row => row.title, (version, row) => detail(
			engines.map(engine => ({engine, outcome: outcome({engine, environment, version}, row)})),
			reasons,
		)),
	];
	const places = environments.flatMap(environment => engines.map(engine => ({environment, engine})));
	const protocolTable = (title, rows, what) => [
		`## ${title}\n`,
		`${what} A dash: the package has none of it. "test": no package shows it, tests of the server's own do.\n`,
		...grid(
			versions,
			rows,
			({id, title: name, ...shown}) => `${id} | ${name} | ${shownBy(shown)}`,
			(version, row) => rowResult(row, version, step => places.map(place => outcome({...place, version}, step)), reasons),
			['', '', 'Shown by'],
		),
	];
	return [
		INTRODUCTION,
		`## Steps passed, of ${steps.length}\n`,
		...grid(
			versions,
			places,
			({environment, engine}) => `${environment.title}; ${engine}`,
			(version, place) => summary(steps.map(step => outcome({...place, version}, step)), reasons),
		),
		...environments.flatMap(environment => table({environment, versions, rows: steps})),
		...platformTable(engines, platform),
		...checklists.flatMap(table),
		...protocolTable('Calls and listeners', calls, 'What the published packages offer to applications, under the newest of its names.'),
		...protocolTable('Events', events, 'What the packages listen for.'),
		'## Traps\n',
		'Where the packages go wrong unless the server takes care. A test is one of the server\'s own, in Go; the',
		'results are those of the steps, wherever a package can take them.\n',
		...trapRows((step, version) => places.map(place => outcome({...place, version}, step))),
		'',
		'## Traps of the Platform API\n',
		'The same for its client and the command line: the rows are those of the two tables, by number.\n',
		...platformTrapRows(engines, platform, checklists, outcome),
		'',
		'## Reasons\n',
		...reasons.list(),
		'',
	].join('\n');
};

/** What became of the rows of the Platform API, a column for each engine. */
const platformTable = (engines, platform) => {
	const titles = [...new Set(engines.flatMap(engine => [...platform.get(engine).keys()]))];
	const byNumber = (a, b) => parseInt(a, 10) - parseInt(b, 10) || a.localeCompare(b);
	const numbered = titles.filter(title => /^\d/.test(title)).sort(byNumber);
	const others = titles.filter(title => !/^\d/.test(title));
	return [
		'## The Platform API\n',
		'The unmodified npm `chatkitty` 2.106.8, an operation a row; then the token endpoint and requests as such,',
		'`chatkitty-platform-sdk` 2.4.0 under `/v1`, and the guide.\n',
		row(['', ...engines]),
		row(['---', ...engines.map(() => ':-:')]),
		...[...numbered, ...others].map(title => row([title, ...engines.map(engine => platform.get(engine).get(title) ?? FAIL)])),
		'',
	];
};

/** A table with a column for each version, after those that head writes. */
const grid = (versions, things, head, cell, heads = ['']) => [
	row([...heads, ...versions.map(({id}) => id)]),
	row([...heads.map(() => '---'), ...versions.map(() => ':-:')]),
	...things.map(thing => row([head(thing), ...versions.map(version => cell(version, thing))])),
	'',
];

const row = cells => `| ${cells.join(' | ')} |`;

/** A row for each trap: what shows that the server takes care, and whether it does. */
const trapRows = outcomesOf => [
	row(['', 'What the server takes care of', 'Shown by', 'Result']),
	row(['---', '---', '---', ':-:']),
	...traps.map(({id, rule, reason, ...shown}) => {
		const outcomes = stepsOf(shown).flatMap(step => versions.flatMap(version => outcomesOf(step, version)));
		return row([id, rule, reason ?? shownBy(shown), reason ? '–' : trapResult(outcomes)]);
	}),
];

const stepsOf = ({steps: ids = []}) => ids.map(wanted => steps.find(({id}) => id === wanted));

/** The titles of steps and the names of tests that show something. */
const shownBy = ({tests = [], ...shown}) =>
	[...stepsOf(shown).map(({title}) => title), ...tests.map(test => `\`${test}\``)].join('; ') || '–';

/** Whether a row holds for a version, wherever the package can take its steps. */
const rowResult = (row, version, outcomesOf, reasons) => {
	if (!row.versions.includes(version.generation)) {
		return '–';
	}
	const outcomes = stepsOf(row).flatMap(outcomesOf);
	if (outcomes.includes(FAIL)) {
		return FAIL;
	}
	if (row.reason) {
		return reasons.cite(row.reason);
	}
	return outcomes.includes(PASS) ? PASS : 'test';
};

/** The same for the Platform API, of which the rows are operations and commands. */
const platformTrapRows = (engines, platform, checklists, outcome) => {
	const ofRow = number => engines.flatMap(engine => [...platform.get(engine)]
		.filter(([title]) => `${title.split(' ').filter(word => /^[A-Z]?\d+,?$/.test(word)).join(' ')},`.split(/, ?/).includes(number))
		.map(([, result]) => result));
	const ofCommand = id => checklists.flatMap(({environment, versions: clients, rows}) => engines.flatMap(engine =>
		clients.map(version => outcome({engine, environment, version}, rows.find(found => found.id === id)))));
	return [
		row(['', 'What the server takes care of', 'Shown by', 'Result']),
		row(['---', '---', '---', ':-:']),
		...platformTraps.map(({id, rule, rows = [], commands = [], tests = [], reason}) => {
			const shown = [...rows.map(ofRow), ...commands.map(ofCommand)];
			const by = [
				...rows.length > 0 ? [`rows ${rows.join(', ')}`] : [],
				...commands.map(command => `command line: ${command}`),
				...tests.map(test => `\`${test}\``),
			];
			const result = shown.some(outcomes => outcomes.length === 0) ? FAIL : trapResult(shown.flat());
			return row([id, rule, reason ?? by.join('; '), reason ? '–' : result]);
		}),
	];
};

const trapResult = outcomes => {
	if (outcomes.length === 0) {
		return 'by test';
	}
	return outcomes.includes(FAIL) || !outcomes.includes(PASS) ? FAIL : PASS;
};

/** How many steps passed and failed, or why the package cannot take any. */
const summary = (outcomes, reasons) => {
	const count = wanted => outcomes.filter(outcome => outcome === wanted).length;
	const [passed, failed] = [count(PASS), count(FAIL)];
	if (passed + failed === 0) {
		return reasons.cite(outcomes[0]);
	}
	return failed === 0 ? `${passed}` : `${passed}, **${failed} failed**`;
};

/** What became of a step, once if the engines agree. */
const detail = (outcomes, reasons) => {
	const [first, ...others] = outcomes;
	return others.every(({outcome}) => outcome === first.outcome)
		? reasons.cite(first.outcome)
		: outcomes.map(({engine, outcome}) => `${engine}: ${reasons.cite(outcome)}`).join('; ');
};

/** Numbers the reasons in the order in which the tables cite them. */
class Reasons {
	#known = [];

	/** What a cell says of an outcome. */
	cite(outcome) {
		if (outcome === PASS || outcome === FAIL) {
			return outcome;
		}
		if (!this.#known.includes(outcome)) {
			this.#known.push(outcome);
		}
		return `[${this.#known.indexOf(outcome) + 1}]`;
	}

	list() {
		return this.#known.map((reason, index) => `${index + 1}. ${reason}`);
	}
}
