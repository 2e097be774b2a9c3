import {Line} from './environments/line.mjs';
import {afterRestart, beforeRestart} from './journey.mjs';
import {excuse} from './versions.mjs';

/** The conversation of one package in one environment on one engine. */
export class Conversation {
	/** What the steps share: see journey.mjs. */
	#shared;
	#place;
	#environment;
	#results;

	/**
	 * @param {object} parts
	 * @param {import('./results.mjs').Place} parts.place
	 * @param {{actor: (version: import('./versions.mjs').Version) => Promise<import('./environments/remote.mjs').RemoteActor>}} parts.environment
	 * @param {import('./results.mjs').Results} parts.results
	 * @param {string} parts.host address at which the environment reaches the server
	 * @param {string} parts.apiKey key of an application that nobody else uses
	 * @param {import('./administrator.mjs').Administrator} parts.administrator of that application
	 */
	constructor({place, environment, results, host, apiKey, administrator}) {
		this.#place = place;
		this.#environment = environment;
		this.#results = results;
		this.#shared = {version: place.version, host, apiKey, administrator, uncaught: []};
	}

	/** Takes the steps before the restart, after which only Carol's page or process is left. */
	async begin() {
		this.#shared.line = await Line.start(this.#shared.host);
		await this.#hold(['alice', 'bob', 'carol'], beforeRestart, ['alice', 'bob']);
	}

	/** Takes the steps after it, with a page or process for Bob that knows nothing of the one before. */
	async resume() {
		await this.#hold(['bob'], afterRestart, ['bob', 'carol']);
		this.#shared.line.stop();
	}

	/** Brings the actors that come, takes the steps, and ends the actors that go. */
	async #hold(coming, steps, going) {
		try {
			for (const name of coming) {
				this.#shared[name] = await this.#environment.actor(this.#place.version, this.#shared.uncaught);
			}
			await this.#take(steps);
		} catch (error) {
			this.#results.fail(this.#place, steps[0], error, []);
		} finally {
			await Promise.all(going.map(name => this.#shared[name]?.close()));
		}
	}

	/** Takes the steps in order, to the end or to the failure of one that the others need. */
	async #take(steps) {
		for (const step of steps) {
			if (excuse(this.#place, step)) {
				this.#results.excuse(this.#place, step);
			} else if (!await this.#pass(step) && step.essential) {
				return;
			}
		}
	}

	async #pass(step) {
		const start = performance.now();
		try {
			await step.run(this.#shared);
			this.#results.pass(this.#place, step, performance.now() - start);
			return true;
		} catch (error) {
			this.#results.fail(this.#place, step, error, this.#traces());
			return false;
		}
	}

	#traces() {
		return ['alice', 'bob', 'carol'].flatMap(name =>
			(this.#shared[name]?.trace() ?? []).map(line => `${name} ${line}`));
	}
}
