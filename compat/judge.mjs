import {excuse} from './versions.mjs';

/**
 * The one way in which anything is judged here. A row says what is true, and
 * either is run by itself, or names the rows that show it, or tests of the
 * server, or the reason why there is nothing to see. A checklist has rows that
 * are run, one after another, at every place where its clients work.
 *
 * @typedef {object} Row
 * @property {string} id
 * @property {string} title what is true if it passes
 * @property {(shared: any) => Promise<void>} [run] rejects if it is not
 * @property {boolean} [essential] nothing after it can pass without it
 * @property {string[]} [versions] the generations of packages that have it; all, without them
 * @property {string[]} [steps] ids of rows of checklists that show it
 * @property {string[]} [tests] names of Go tests that show it
 * @property {string} [reason] why no package shows it, with any server
 *
 * @typedef {object} Checklist
 * @property {string} id
 * @property {string} title of its table
 * @property {string} [about] what stands above the table
 * @property {import('./versions.mjs').Version[]} versions
 * @property {Row[]} rows in the order in which they are run
 * @property {Row[]} [listed] the same in the order of the table, if it is another
 * @property {() => Promise<{stop: () => unknown}>} [start] starts what all its places need
 * @property {(run: Run) => Promise<Party>} join comes to a place
 *
 * @typedef {object} Place
 * @property {string} engine
 * @property {Checklist} checklist
 * @property {import('./versions.mjs').Version} version
 *
 * @typedef {object} Run
 * @property {Place} place
 * @property {import('./server.mjs').Server} server
 * @property {Judge} judge
 * @property {string} name of an application that nobody else has
 * @property {string} folder for whatever files, empty, with a short path
 *
 * @typedef {object} Party
 * @property {() => Promise<void>} begin takes the rows before the restart of the server
 * @property {() => Promise<void>} [resume] takes those after it
 */

/** What is true of a row at a place: it passed, it failed, or the reason why it cannot be taken there. */
export const PASS = 'pass';
export const FAIL = '**fails**';

/** Takes rows, collects what became of them, and tells it as it comes. */
export class Judge {
	#outcomes = new Map();
	#say;
	#trace;

	/**
	 * @param {(line: string) => void} say prints a line
	 * @param {boolean} trace whether failures are explained with what went before
	 */
	constructor(say, trace) {
		this.#say = say;
		this.#trace = trace;
	}

	/**
	 * Takes rows in order, to the end or to the failure of one that the others need.
	 *
	 * @param {Place} place
	 * @param {Row[]} rows
	 * @param {object} shared what the rows share and leave for later ones
	 * @param {() => string[]} [traces] what went before a failure
	 */
	async take(place, rows, shared, traces) {
		for (const row of rows) {
			if (excuse(place, row)) {
				this.#tell(place, row, 'cannot');
			} else if (!await this.#passes(place, row, shared, traces) && row.essential) {
				return;
			}
		}
	}

	async #passes(place, row, shared, traces) {
		const began = performance.now();
		try {
			await row.run(shared);
		} catch (error) {
			this.fail(place, row, error, traces);
			return false;
		}
		this.#outcomes.set(key(place, row), PASS);
		this.#tell(place, row, `pass, ${Math.round(performance.now() - began)} ms`);
		return true;
	}

	fail(place, row, error, traces = () => []) {
		this.#outcomes.set(key(place, row), FAIL);
		this.#tell(place, row, `FAIL: ${error.name === 'Error' ? error.stack : error.message}`);
		if (this.#trace) {
			traces().forEach(line => this.#say(`    ${line}`));
		}
	}

	/** PASS, FAIL, or the reason why the row cannot be taken; one that was never reached has failed. */
	outcome(place, row) {
		return excuse(place, row) ?? this.#outcomes.get(key(place, row)) ?? FAIL;
	}

	/** How many of these outcomes there are, of all rows of these places. */
	count(wanted, places) {
		return places.flatMap(place => place.checklist.rows.filter(row => this.outcome(place, row) === wanted)).length;
	}

	#tell({engine, checklist, version}, row, words) {
		this.#say([engine, checklist.id, version.id, `${row.title}: ${words}`].filter(Boolean).join(' · '));
	}
}

const key = ({engine, checklist, version}, row) => [engine, checklist.id, version.id, row.id].join('/');
