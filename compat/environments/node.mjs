import {fork} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {bounded} from '../bounded.mjs';
import {HTTPOnlyProxy} from './http-only.mjs';
import {RemoteActor} from './remote.mjs';

const PROCESS = fileURLToPath(new URL('process.mjs', import.meta.url));

/** Plain Node without a global WebSocket, where the packages fall back to SockJS. */
export class Node {
	static id = 'node';
	static title = 'Node.js without a global WebSocket: SockJS';
	#children = new Set();

	static async start() {
		return new this();
	}

	/** The address at which its clients reach a server. */
	async reach(host) {
		return host;
	}

	/**
	 * Starts a process with a package in it.
	 *
	 * @param {import('../versions.mjs').Version} version
	 * @param {string[]} uncaught takes what is thrown there and caught by nobody
	 */
	async actor(version, uncaught) {
		const client = new URL(`../clients/${version.folder}/client.mjs`, import.meta.url);
		const child = fork(PROCESS, [client.href], {stdio: ['ignore', 'pipe', 'pipe', 'ipc']});
		this.#children.add(child);
		child.once('exit', () => this.#children.delete(child));
		const output = collect(child);
		await bounded(readiness(child, output), 'the process has not started');

		const answers = new Map();
		const actor = new RemoteActor({
			perform: (method, values) => new Promise((resolve, reject) => {
				const id = answers.size;
				answers.set(id, resolve);
				child.send({id, method, values}, error => error && reject(error));
			}),
			close: () => end(child),
			trace: () => output,
		});
		child.on('message', ({event, thrown, id, answer}) => {
			if (event) {
				actor.events.push(event);
			} else if (thrown) {
				uncaught.push(thrown);
			} else {
				answers.get(id)(answer);
			}
		});
		return actor;
	}

	async stop() {
		await Promise.all([...this.#children].map(end));
	}
}

/** The same behind a proxy that refuses WebSockets, where SockJS makes do with HTTP requests. */
export class ProxiedNode extends Node {
	static id = 'node-http';
	static title = 'Node.js behind a proxy without WebSocket: SockJS over HTTP';
	#proxies = [];

	async reach(host) {
		const proxy = await HTTPOnlyProxy.start(host);
		this.#proxies.push(proxy);
		return proxy.host;
	}

	async stop() {
		await super.stop();
		this.#proxies.forEach(proxy => proxy.stop());
	}
}

/** Keeps what a process prints: a package that dies says why there. */
const collect = child => {
	const lines = [];
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', text => lines.push(...text.trimEnd().split('\n')));
	}
	return lines;
};

/** Waits until the package is loaded, and fails if its process ends instead. */
const readiness = async (child, output) => {
	const end = once(child, 'exit').then(([status]) => {
		throw new Error(`the process ended with ${status}: ${output.join('\n')}`);
	});
	await Promise.race([once(child, 'message'), end]);
	end.catch(() => {});
};

const end = async child => {
	if (child.exitCode === null && child.signalCode === null) {
		const exit = once(child, 'exit');
		child.kill('SIGKILL');
		await exit;
	}
};
