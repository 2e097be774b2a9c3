import {once} from 'node:events';
import {connect, createServer} from 'node:net';

/**
 * A network line to a server that can be lost in the ways in which networks
 * are: connections break, or stand still.
 */
export class Line {
	#server;
	#pairs = new Set();
	#lost = false;

	/** @param {string} host address and port of the server */
	static async start(host) {
		const line = new Line();
		line.#server = createServer(near => line.#pass(near, host)).listen(0, '127.0.0.1');
		await once(line.#server, 'listening');
		return line;
	}

	/** The address that clients are given. */
	get host() {
		return `127.0.0.1:${this.#server.address().port}`;
	}

	/** Breaks all connections, and lets no new one through until `mend`. */
	cut() {
		this.#lost = true;
		this.reset();
	}

	mend() {
		this.#lost = false;
	}

	/** Breaks all connections. */
	reset() {
		for (const {near, far} of this.#pairs) {
			near.resetAndDestroy();
			far.resetAndDestroy();
		}
	}

	/** Lets nothing more through the connections that stand, and tells neither side. */
	freeze() {
		for (const pair of this.#pairs) {
			pair.near.unpipe().pause();
			pair.far.unpipe().pause();
			pair.frozen = true;
		}
	}

	/** Breaks the client's side alone: the server believes in its connections. */
	halve() {
		for (const pair of this.#pairs) {
			pair.frozen = true;
			pair.far.unpipe().pause();
			pair.near.resetAndDestroy();
		}
	}

	stop() {
		this.cut();
		this.#server.close();
	}

	#pass(near, host) {
		if (this.#lost) {
			near.resetAndDestroy();
			return;
		}
		const [hostname, port] = host.split(':');
		const far = connect({host: hostname, port});
		const pair = {near, far, frozen: false};
		this.#pairs.add(pair);
		for (const [one, other] of [[near, far], [far, near]]) {
			one.on('error', () => {});
			one.pipe(other);
			one.on('close', () => pair.frozen || other.destroy());
		}
		far.on('close', () => this.#pairs.delete(pair));
	}
}
