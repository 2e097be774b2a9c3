import {fail} from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {until} from '../bounded.mjs';

/** The longest that the commands of one block may take, in milliseconds. */
const PATIENCE = 30_000;

const ROOT = new URL('../../', import.meta.url);

/**
 * Runs the blocks that come over its descriptor 3, each up to a zero, in one shell,
 * and prints a zero after each. What they ask is answered over its input.
 */
const LOOP = 'set -eu; while IFS= read -r -d "" -u 3 block; do eval "$block" 3<&-; printf "\\0"; done';

/** The fenced blocks of a page, by its path from the root of the repository. */
export const blocksOf = async path => {
	const text = await readFile(new URL(path, ROOT), 'utf8');
	return [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, mark, code]) => ({mark, code}));
};

/**
 * Somebody who follows a page of the documentation: runs its blocks of commands
 * (those marked `sh`), in their order and in one shell, and looks for what the
 * block without a mark shows that follows, where … stands for anything.
 */
export class Reader {
	#blocks;
	#shell;
	#output = '';
	#complaints = '';
	#ended;

	/**
	 * @param {{mark: string, code: string}[]} blocks of the page
	 * @param {NodeJS.ProcessEnv} environment of the commands
	 */
	constructor(blocks, environment) {
		this.#blocks = blocks;
		this.#shell = spawn('bash', ['-c', LOOP], {
			env: environment,
			detached: true, // to be ended with all that it started
			stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
		});
		this.#shell.stdout.setEncoding('utf8').on('data', part => this.#output += part);
		this.#shell.stderr.setEncoding('utf8').on('data', part => this.#complaints += part);
		for (const input of [this.#shell.stdin, this.#shell.stdio[3]]) {
			input.on('error', () => {}); // it ended: its status tells
		}
		this.#ended = once(this.#shell, 'close').then(([status]) => fail(`the shell ended with ${status}`));
		this.#ended.catch(() => {}); // it is told to whoever waits
	}

	/** The only block with this mark. */
	block(mark) {
		return this.#blocks.find(block => block.mark === mark)?.code ?? fail(`the page has no block ${mark}`);
	}

	/** The next block of commands, which is not run: what it does has happened in another way. */
	next() {
		const at = this.#blocks.findIndex(({mark}) => mark === 'sh');
		const [{code}] = at < 0 ? fail('the page has no further commands') : this.#blocks.splice(0, at + 1).slice(-1);
		return code;
	}

	/**
	 * Runs the next block of commands, again and again where the page shows what comes until that comes.
	 *
	 * @param {Record<string, string>} [answers] what to type, by the question
	 * @returns {Promise<string>} what it printed
	 */
	async run(answers) {
		const code = this.next();
		const shown = this.#blocks[0]?.mark === '' ? this.#blocks[0].code : '…';
		const pattern = new RegExp(`^${bare(shown).split('…').map(escaped).join('.*')}$`);
		let output;
		await until(async () => {
			output = await this.perform(code, answers);
			return pattern.test(bare(output));
		}, 'what the page shows does not come', PATIENCE).catch(error => fail(`${error.message}: ${output}`));
		return output;
	}

	/** Runs all commands that are left. */
	async follow() {
		while (this.#blocks.some(({mark}) => mark === 'sh')) {
			await this.run();
		}
	}

	/** Runs commands in the shell of the others. */
	async perform(code, answers = {}) {
		this.#output = '';
		this.#shell.stdio[3].write(`${code}\0`);
		const open = Object.entries(answers);
		const done = until(() => {
			if (open.length > 0 && this.#output.includes(open[0][0])) {
				this.#shell.stdin.write(`${open.shift()[1]}\n`);
			}
			return this.#output.endsWith('\0');
		}, 'it has not ended', PATIENCE);
		done.catch(() => {}); // where the shell has ended, nobody waits for it
		await Promise.race([done, this.#ended])
			.catch(error => fail(`${code}${error.message}: ${this.#output} ${this.#complaints}`));
		return this.#output.slice(0, -1);
	}

	/** Ends the shell, and what it has started and not waited for. */
	close() {
		if (this.#shell.exitCode === null && this.#shell.signalCode === null) {
			process.kill(-this.#shell.pid, 'SIGKILL');
		}
	}
}

/** Text without the white space that only makes it readable. */
const bare = text => text.replaceAll(/\s/g, '');

const escaped = text => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
