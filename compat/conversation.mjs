import {Administrator} from './administrator.mjs';
import {Chromium} from './environments/chromium.mjs';
import {Line} from './environments/line.mjs';
import {Node, ProxiedNode} from './environments/node.mjs';
import {afterRestart, beforeRestart} from './journey.mjs';
import {versions} from './versions.mjs';

/** The conversation of one package in one environment on one engine. */
class Conversation {
	/** What the steps share: see journey.mjs. */
	#shared;
	#environment;
	#run;

	/**
	 * @param {{actor: (version: import('./versions.mjs').Version, uncaught: string[]) => Promise<import('./environments/remote.mjs').RemoteActor>}} environment
	 * @param {string} host address at which the environment reaches the server
	 * @param {import('./judge.mjs').Run} run
	 */
	constructor(environment, host, run) {
		this.#environment = environment;
		this.#run = run;
		this.#shared = {version: run.place.version, host, uncaught: []};
	}

	/** Takes the steps before the restart, after which only Carol's page or process is left. */
	async begin() {
		const {server, name} = this.#run;
		const application = await server.createApplication(name);
		this.#shared.apiKey = application.apiKey;
		this.#shared.administrator = new Administrator(server.host, application);
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
		const {place, judge} = this.#run;
		try {
			for (const name of coming) {
				this.#shared[name] = await this.#environment.actor(place.version, this.#shared.uncaught);
			}
			await judge.take(place, steps, this.#shared, () => this.#traces());
		} catch (error) {
			judge.fail(place, steps[0], error);
		} finally {
			await Promise.all(going.map(name => this.#shared[name]?.close()));
		}
	}

	#traces() {
		return ['alice', 'bob', 'carol'].flatMap(name =>
			(this.#shared[name]?.trace() ?? []).map(line => `${name} ${line}`));
	}
}

/** The checklist of the conversations in an environment. @returns {import('./judge.mjs').Checklist} */
const within = Environment => {
	let environment;
	return {
		id: Environment.id,
		title: Environment.title,
		versions,
		rows: [...beforeRestart, ...afterRestart],
		async start() {
			environment = await Environment.start();
			return environment;
		},
		async join(run) {
			return new Conversation(environment, await environment.reach(run.server.host), run);
		},
	};
};

export const conversations = [Node, ProxiedNode, Chromium].map(within);
