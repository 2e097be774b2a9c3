import {ok} from 'node:assert/strict';
import {mkdir} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {withProgram} from './program.mjs';
import {Reader, blocksOf} from './reader.mjs';

const PLATFORM_API = 'docs/guides/platform-api.md';

/** What the pages ask for: the address of the server, and the credentials of an application that nobody else has. */
const environment = async ({server, folder}, name) => {
	const application = await server.createApplication(`${basename(dirname(folder))}-${name}`);
	return {
		PATH: process.env.PATH,
		OPENKITTY: `http://${server.host}`,
		HOST: server.host,
		CLIENT_ID: application.clientId,
		CLIENT_SECRET: application.clientSecret,
		API_KEY: application.apiKey,
	};
};

/** @param {{server: import('../server.mjs').Server, folder: string}} shared */
export const followPlatformAPI = async shared => {
	const env = await environment(shared, 'platform-api');
	const reader = new Reader(await blocksOf(PLATFORM_API), env);
	try {
		await reader.run();
		const made = await reader.run();
		ok(made.includes('"name":"jane"') && made.includes('"name":"general"'), made);
		await withProgram(reader.block('js listen'), 'clients/core-2.106', env, async jane => {
			await jane.prints('listening');
			await withProgram(reader.block('js speak'), 'platform/current', env, speaker => speaker.ends());
			await jane.prints('SYSTEM_TEXT: Welcome, Bob!');
			await jane.prints('TEXT: Thank you.');
		});
		await reader.follow();
	} finally {
		reader.close();
	}
};

/** @param {{server: import('../server.mjs').Server, folder: string}} shared */
export const followImports = async shared => {
	const folder = join(shared.folder, 'imports');
	await mkdir(folder);
	const token = (await blocksOf(PLATFORM_API)).find(({mark}) => mark === 'sh');
	const reader = new Reader(await blocksOf('docs/guides/imports.md'), await environment(shared, 'imports'));
	try {
		await reader.perform(`cd '${folder}'\n${token.code}`);
		await reader.follow();
	} finally {
		reader.close();
	}
};
