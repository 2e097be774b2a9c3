/** Follows docs/guides/platform-api.md: runs the commands and programs that stand there. */
import {execFile, spawn} from 'node:child_process';
import {ok} from 'node:assert/strict';
import {readFile, rm, writeFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {until} from '../bounded.mjs';

const run = promisify(execFile);

const GUIDE = new URL('../../docs/guides/platform-api.md', import.meta.url);

/** Where the packages of the programs are installed. */
const HOMES = {listen: '../clients/core-2.106/', speak: 'current/'};

/** What gives Node.js 20 the global WebSocket that the guide's reader has. */
const WEB_SOCKETS = globalThis.WebSocket ? [] : ['--experimental-websocket'];

/** The code of a fenced block with this name. */
const block = (text, name) => {
	const found = text.match(new RegExp(`^\`\`\`${name}\n([\\s\\S]*?)^\`\`\``, 'm'));
	ok(found, `the guide has no block ${name}`);
	return found[1];
};

/** Runs something with a program of the guide beside the package that it imports. */
const withProgram = async (text, name, use) => {
	const file = fileURLToPath(new URL(`${HOMES[name]}guide-${process.pid}-${Math.random()}.mjs`, import.meta.url));
	await writeFile(file, block(text, `js ${name}`));
	try {
		await use(file);
	} finally {
		await rm(file);
	}
};

/** @param {{server: import('../server.mjs').Server}} state */
export const follow = async ({server}) => {
	const text = await readFile(GUIDE, 'utf8');
	const {apiKey, clientId, clientSecret} = await server.createCredentials(`guide ${Math.random()}`);
	const env = {
		...process.env, OPENKITTY: `http://${server.host}`, HOST: server.host,
		CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, API_KEY: apiKey,
	};
	const {stdout} = await run('bash', ['-euc', block(text, 'sh')], {env});
	ok(stdout.includes('"name":"jane"') && stdout.includes('"name":"general"'), stdout);

	await withProgram(text, 'listen', async listener => {
		const jane = spawn(process.execPath, [...WEB_SOCKETS, listener], {env, stdio: ['ignore', 'pipe', 'pipe']});
		let heard = '';
		for (const stream of [jane.stdout, jane.stderr]) {
			stream.setEncoding('utf8').on('data', part => heard += part);
		}
		try {
			await until(() => heard.includes('listening'), 'Jane does not listen');
			await withProgram(text, 'speak', program => run(process.execPath, [program], {env}));
			await until(() => heard.includes('SYSTEM_TEXT: Welcome, Bob!'), 'Jane heard no system message');
			await until(() => heard.includes('TEXT: Thank you.'), 'Jane heard nothing of Bob');
		} catch (error) {
			throw new Error(`${error.message}: ${heard}`);
		} finally {
			jane.kill('SIGKILL');
		}
	});
};
