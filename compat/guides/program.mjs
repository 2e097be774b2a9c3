import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {rm, writeFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {bounded, until} from '../bounded.mjs';

/** The longest that a program may take for what is waited for, in milliseconds. */
const PATIENCE = 30_000;

/** What gives Node.js 20 the global WebSocket that a reader's has. */
const WEB_SOCKETS = globalThis.WebSocket ? [] : ['--experimental-websocket'];

/** A program that runs, and what it has printed so far. */
export class Program {
	#process;
	#printed = '';

	/**
	 * @param {string} file
	 * @param {string[]} words
	 * @param {import('node:child_process').SpawnOptions} [options]
	 */
	constructor(file, words, options) {
		this.#process = spawn(file, words, {...options, stdio: 'pipe'});
		process.once('exit', () => this.kill()); // however the run ends
		this.#process.on('error', error => this.#printed += error.message);
		this.#process.stdin.on('error', () => {}); // it ended: what it printed tells
		for (const stream of [this.#process.stdout, this.#process.stderr]) {
			stream.setEncoding('utf8').on('data', part => this.#printed += part);
		}
	}

	/** Waits until it has printed something. */
	async prints(text) {
		await until(() => this.#printed.includes(text), `${JSON.stringify(text)} is not printed`, PATIENCE)
			.catch(error => Promise.reject(new Error(`${error.message}, but ${this.#printed}`)));
	}

	/** Types a line. */
	types(line) {
		this.#process.stdin.write(`${line}\n`);
	}

	/** Waits until it ends well. */
	async ends() {
		const [status] = await bounded(once(this.#process, 'close'), 'the program has not ended', PATIENCE);
		if (status !== 0) {
			throw new Error(`the program ended with ${status}: ${this.#printed}`);
		}
	}

	kill() {
		this.#process.kill('SIGKILL');
	}
}

/**
 * Runs a program of a page beside the package that it imports.
 *
 * @param {string} code
 * @param {string} home the folder in `compat` where the package is installed
 * @param {NodeJS.ProcessEnv} env
 * @param {(program: Program) => Promise<void>} use
 */
export const withProgram = async (code, home, env, use) => {
	const file = fileURLToPath(new URL(`../${home}/guide-${process.pid}-${Math.random()}.mjs`, import.meta.url));
	await writeFile(file, code);
	const program = new Program(process.execPath, [...WEB_SOCKETS, file], {env});
	try {
		await use(program);
	} finally {
		program.kill();
		await rm(file);
	}
};
