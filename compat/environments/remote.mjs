import {bounded, until} from '../bounded.mjs';

/** A command that an actor answered with an error. */
export class Refused extends Error {
	name = 'Refused';

	/** @param {{kind: string, message: string}} error */
	constructor({kind, message}) {
		super(`${kind}: ${message}`);
		this.kind = kind;
	}
}

/** An actor as the conversation sees it, wherever it runs. */
export class RemoteActor {
	/** Everything the package's listeners heard, in order. */
	events = [];
	#perform;
	#close;

	/**
	 * @param {object} place
	 * @param {(method: string, values: unknown[]) => Promise<any>} place.perform runs one command there
	 * @param {() => unknown} place.close ends the place
	 * @param {() => string[]} place.trace the last frames on the wire, oldest first
	 */
	constructor({perform, close, trace}) {
		this.#perform = perform;
		this.#close = close;
		this.trace = trace;
	}

	/** Runs a command, and throws `Refused` if it failed or `TimedOut` if it hangs. */
	async do(method, ...values) {
		const {value, error} = await bounded(this.#perform(method, values), `${method} has not been answered`);
		if (error) {
			throw new Refused(error);
		}
		return value;
	}

	/** Waits for an event that the package's listeners hear, or have heard. */
	async hears(kind, like = {}) {
		return until(() => this.heard(kind, like)[0], `${kind} ${JSON.stringify(like)} was not heard`);
	}

	/** The events heard so far that have these fields. */
	heard(kind, like = {}) {
		return this.events.filter(event => event.kind === kind
			&& Object.entries(like).every(([field, value]) => event[field] === value));
	}

	async close() {
		await this.#close();
	}
}
