import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {stripVTControlCharacters} from 'node:util';
import {bounded} from '../bounded.mjs';

/** The longest that one command may take, in milliseconds. */
const PATIENCE = 20_000;

/**
 * The original command line as its users have it, except for the two variables
 * by which it finds our server.
 *
 * @typedef {object} Outcome
 * @property {number | null} status
 * @property {string} output what it printed, without colours
 * @property {string} complaint what it printed as errors
 */
export class CommandLine {
	#program;
	#environment;

	/**
	 * @param {string} folder one of `platform`
	 * @param {Record<string, string>} environment where the key store and the proxy are
	 */
	constructor(folder, environment) {
		this.#program = fileURLToPath(new URL(`${folder}/node_modules/@chatkitty/cli/index.js`, import.meta.url));
		this.#environment = {PATH: process.env.PATH, ...environment};
	}

	/**
	 * Runs a command.
	 *
	 * @param {...string} words
	 * @returns {Promise<Outcome>}
	 */
	async run(...words) {
		return this.#finish(words, this.#start(words, 'ignore'), () => {});
	}

	/** Runs a command that must work, and returns what it printed as JSON, if it printed any. */
	async ask(...words) {
		const {status, output, complaint} = await this.run(...words);
		if (status !== 0) {
			throw new Error(`${words.join(' ')} ended with ${status}: ${complaint}`);
		}
		return output.trim() === '' ? undefined : JSON.parse(output);
	}

	/** Answers the questions of `login`, as somebody at the keyboard. */
	async login(id, secret) {
		const program = this.#start(['login'], 'pipe');
		program.stdin.on('error', () => {}); // it ended: its status tells
		const answers = [['Client ID:', id], ['Client Secret:', secret]];
		return this.#finish(['login'], program, output => {
			if (answers.length > 0 && output.includes(answers[0][0])) {
				program.stdin.write(`${answers.shift()[1]}\n`);
			}
		});
	}

	#start(words, input) {
		return spawn(process.execPath, [this.#program, ...words], {
			env: this.#environment,
			stdio: [input, 'pipe', 'pipe'],
		});
	}

	/** Waits for the end of a program, and meanwhile shows what it has printed so far. */
	async #finish(words, program, watch) {
		let output = '';
		let complaint = '';
		program.stdout.on('data', text => {
			output += stripVTControlCharacters(String(text));
			watch(output);
		});
		program.stderr.on('data', text => {
			complaint += stripVTControlCharacters(String(text));
		});
		try {
			const [status] = await bounded(once(program, 'close'), `${words.join(' ')} has not ended`, PATIENCE);
			return {status, output, complaint: complaint.trim()};
		} finally {
			program.kill('SIGKILL');
		}
	}
}
