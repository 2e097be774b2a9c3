import {match} from 'node:assert/strict';
import {chmod, mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {Program, withProgram} from './program.mjs';
import {blocksOf} from './reader.mjs';

/**
 * Follows the README on a server that runs already: `bin/openkitty` is a script
 * there that adds its address, which the page takes for the usual one.
 *
 * @param {{server: import('../server.mjs').Server, folder: string}} shared
 */
export const followReadme = async ({server, folder}) => {
	const [started, terminals, ...others] = (await blocksOf('README.md')).filter(({mark}) => mark === 'sh');
	match(started.code, /^make run /);
	match(`${others.length}`, /^0$/, 'the page has commands that nobody runs');
	const home = join(folder, 'readme');
	await mkdir(join(home, 'bin'), {recursive: true});
	const script = join(home, 'bin', 'openkitty');
	await writeFile(script, `#!/bin/sh\nexec '${server.program.path}' "$@" --url http://${server.host}\n`);
	await chmod(script, 0o755);

	const [alice, bob] = terminals.code.trim().split('\n').map(line => new Program('bash', ['-c', `exec ${line}`], {cwd: home, env: server.program.environment}));
	try {
		await alice.prints('you are alice');
		await bob.prints('you are bob');
		alice.types('Are you there?');
		await bob.prints('alice: Are you there?');
		bob.types('Yes!');
		await alice.prints('bob: Yes!');
		await withProgram(await adapted(server), 'clients/core-2.106', process.env, async program => {
			await program.prints('Sent message ');
			await bob.prints('alice: Hello, Bob!');
		});
	} finally {
		alice.kill();
		bob.kill();
	}
};

/** The program of the page, with the address and the key that the server printed. */
const adapted = async server => {
	const {code} = (await blocksOf('README.md')).find(({mark}) => mark === 'js');
	const [, key] = (await server.log(Infinity)).join('\n').match(/API key +(\S+)/);
	return code.replace('YOUR API KEY', key).replace('127.0.0.1:8080', server.host);
};
