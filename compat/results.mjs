import {FAIL, PASS} from './report.mjs';
import {excuse} from './versions.mjs';

/**
 * @typedef {object} Place where a conversation is held
 * @property {string} engine
 * @property {{id: string, title: string}} environment
 * @property {import('./versions.mjs').Version} version
 */

/** Collects what became of the steps, and tells it as it comes. */
export class Results {
	#outcomes = new Map();
	#say;
	#trace;

	/**
	 * @param {(line: string) => void} say prints a line
	 * @param {boolean} trace whether failures are explained with frames
	 */
	constructor(say, trace) {
		this.#say = say;
		this.#trace = trace;
	}

	pass(place, step, milliseconds) {
		this.#outcomes.set(key(place, step), PASS);
		this.#tell(place, step, `pass, ${Math.round(milliseconds)} ms`);
	}

	/** Tells that the package cannot take the step with any server. */
	excuse(place, step) {
		this.#tell(place, step, 'cannot');
	}

	fail(place, step, error, trace) {
		this.#outcomes.set(key(place, step), FAIL);
		this.#tell(place, step, `FAIL: ${error.name === 'Error' ? error.stack : error.message}`);
		if (this.#trace) {
			trace.forEach(line => this.#say(`    ${line}`));
		}
	}

	/** What became of a step, or the reason why the package cannot take it; one that was never reached has failed. */
	outcome(place, step) {
		return place.version.absent[place.environment.id] ?? excuse(place, step) ?? this.#outcomes.get(key(place, step)) ?? FAIL;
	}

	/** How many of the steps passed, and how many failed or were never reached, in these places. */
	counts(places, steps) {
		const outcomes = places.flatMap(place => steps.map(step => this.outcome(place, step)));
		return {
			passed: outcomes.filter(outcome => outcome === PASS).length,
			failed: outcomes.filter(outcome => outcome === FAIL).length,
		};
	}

	#tell(place, step, words) {
		this.#say(`${place.engine} · ${place.environment.id} · ${place.version.id} · ${step.title}: ${words}`);
	}
}

const key = ({engine, environment, version}, step) => [engine, environment.id, version.id, step.id].join('/');
