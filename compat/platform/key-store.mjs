import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, writeFile} from 'node:fs/promises';
import {platform} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {bounded, until} from '../bounded.mjs';

const run = promisify(execFile);

/** A bus that starts nothing by itself: a key store that it started would be locked. */
const configuration = folder => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=${folder}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

/**
 * The key store of a Linux desktop without the desktop: GNOME Keyring on a
 * message bus of its own, with everything in one folder. It is what the command
 * line's library finds by the variables of its environment, and holds nothing of
 * whoever runs this.
 */
export class KeyStore {
	#folder;
	#bus;
	#keyring;
	#address;

	/** @param {string} folder an empty folder with a short path */
	constructor(folder) {
		this.#folder = folder;
	}

	/** What a program needs in its environment to keep secrets here. */
	get environment() {
		return {
			HOME: this.#folder,
			XDG_RUNTIME_DIR: this.#folder,
			XDG_DATA_HOME: join(this.#folder, 'share'),
			DBUS_SESSION_BUS_ADDRESS: this.#address,
		};
	}

	async start() {
		if (platform() !== 'linux') {
			throw new Error('the command line needs a key store, and only that of Linux can be had apart from your own');
		}
		process.once('exit', () => this.stop()); // however the run ends
		await mkdir(join(this.#folder, 'share'));
		await this.#startBus();
		await this.#unlock();
	}

	/** Ends both programs, without asking: nobody needs what they kept. */
	stop() {
		for (const program of [this.#keyring, this.#bus]) {
			program?.kill('SIGKILL');
		}
	}

	async #startBus() {
		const file = join(this.#folder, 'bus.conf');
		await writeFile(file, configuration(this.#folder));
		this.#bus = spawn('dbus-daemon', [`--config-file=${file}`, '--nofork', '--nopidfile', '--print-address'], {
			stdio: ['ignore', 'pipe', 'ignore'],
		});
		const [line] = await bounded(
			Promise.race([once(this.#bus.stdout, 'data'), failure(this.#bus, 'dbus-daemon')]),
			'the message bus has not started',
		);
		this.#address = String(line).trim();
	}

	async #unlock() {
		this.#keyring = spawn('gnome-keyring-daemon', ['--unlock', '--components=secrets', '--foreground'], {
			env: {...process.env, ...this.environment},
			stdio: ['pipe', 'ignore', 'ignore'],
		});
		this.#keyring.stdin.on('error', () => {}); // it ended: until tells
		this.#keyring.stdin.end('any password');
		await Promise.race([
			until(() => this.#isThere(), 'the key store has not started', undefined, 50),
			failure(this.#keyring, 'gnome-keyring-daemon'),
		]);
	}

	/** Whether the bus knows a key store. */
	async #isThere() {
		const {stdout} = await run('dbus-send', [
			`--bus=${this.#address}`, '--print-reply', '--dest=org.freedesktop.DBus',
			'/', 'org.freedesktop.DBus.NameHasOwner', 'string:org.freedesktop.secrets',
		]);
		return stdout.includes('boolean true');
	}
}

/** Rejects when a program ends, or was not there to start. */
const failure = async (program, name) => {
	const [reason] = await once(program, 'exit').catch(error => [error.message]);
	throw new Error(`${name}, which the key store needs, ended: ${reason}`);
};
