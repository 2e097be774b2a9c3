import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {createWriteStream} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {bounded, until} from './bounded.mjs';

/** The longest that the server may take to start, and to end when asked to, in milliseconds. */
const PATIENCE = 10_000;

const run = promisify(execFile);

/** An OpenKitty server of our own, on a port and with data that last over restarts. */
export class Server {
	#binary;
	#storage;
	#certificate;
	#log;
	#port;
	#proxyPort;
	#process;

	/**
	 * @param {object} place
	 * @param {string} place.binary path of `openkitty`
	 * @param {string} place.folder an empty folder for data and log
	 * @param {string} [place.database] address of a database; SQLite in the folder without one
	 */
	constructor({binary, folder, database}) {
		this.#binary = binary;
		this.#storage = {OPENKITTY_DATA: join(folder, 'data'), ...database && {OPENKITTY_DATABASE: database}};
		this.#certificate = join(folder, 'data', 'cli-proxy.pem');
		this.#log = join(folder, 'server.log');
	}

	/** The address that clients are given. */
	get host() {
		return `127.0.0.1:${this.#port}`;
	}

	/** Where the original command line reaches the server, and the file of the certificate that it must trust. */
	get proxy() {
		return {url: `http://127.0.0.1:${this.#proxyPort}`, certificate: this.#certificate};
	}

	/** How whoever shares its data runs its program. */
	get program() {
		return {path: this.#binary, environment: environment(this.#storage)};
	}

	async start() {
		this.#port ??= await freePort();
		this.#proxyPort ??= await freePort();
		const log = createWriteStream(this.#log, {flags: 'a'});
		await once(log, 'open');
		const addresses = ['--listen', this.host, '--cli-proxy', `:${this.#proxyPort}`];
		this.#process = spawn(this.#binary, ['serve', ...addresses], {
			env: environment({...this.#storage, OPENKITTY_GRACE: '1s', OPENKITTY_TYPING_TIMEOUT: '1s', OPENKITTY_LINK_PREVIEWS: 'off'}),
			stdio: ['ignore', log, log],
		});
		log.close();
		this.#process.on('error', () => {});
		await until(() => this.#isReady(), 'the server is not ready', PATIENCE);
	}

	/** Ends the server as an operator does, and fails if it ends otherwise than well. */
	async stop() {
		if (!this.#isRunning()) {
			throw new Error(`the server has ended by itself: ${(await this.log()).join('\n')}`);
		}
		const exit = once(this.#process, 'exit');
		this.#process.kill('SIGTERM');
		const [status] = await bounded(exit, 'the server has not ended', PATIENCE);
		if (status !== 0) {
			throw new Error(`the server ended with ${status}: ${(await this.log()).join('\n')}`);
		}
	}

	/** Ends what is still running, without asking. */
	kill() {
		this.#process?.kill('SIGKILL');
	}

	/** Makes an application, and returns its id, what its back end needs, and its API key. */
	async createApplication(name) {
		const {id, api_key: apiKey, client_id: clientId, client_secret: clientSecret} = await this.#operate('create', name);
		return {id, apiKey, clientId, clientSecret};
	}

	/** Gives an application another client secret; the old one ends at once. */
	async rotateSecret(name) {
		await this.#operate('rotate-secret', name);
	}

	async #operate(command, name) {
		const {stdout} = await run(this.#binary, ['app', command, name, '--json'], {env: environment(this.#storage)});
		return JSON.parse(stdout);
	}

	/** The last lines that the server wrote. */
	async log(lines = 30) {
		return (await readFile(this.#log, 'utf8')).trimEnd().split('\n').slice(-lines);
	}

	async #isReady() {
		if (!this.#isRunning()) {
			throw new Error(`the server ended: ${(await this.log()).join('\n')}`);
		}
		const answer = await fetch(`http://${this.host}/readyz`).catch(() => undefined);
		return answer?.status === 200;
	}

	#isRunning() {
		return this.#process?.pid !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
	}
}

/** Ours without the settings that somebody has for a server of their own. */
const environment = settings => ({
	...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OPENKITTY_'))),
	...settings,
});

const freePort = async () => {
	const listener = createServer().listen(0, '127.0.0.1');
	await once(listener, 'listening');
	const {port} = listener.address();
	listener.close();
	await once(listener, 'close');
	return port;
};
