#!/usr/bin/env node
/**
 * Drives every published package through the conversation, in every
 * environment where it works and on every engine, and writes the table of
 * results. See README.md.
 */
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {basename, join, resolve} from 'node:path';
import {parseArgs} from 'node:util';
import {Administrator} from './administrator.mjs';
import {Conversation} from './conversation.mjs';
import {Chromium} from './environments/chromium.mjs';
import {Node, ProxiedNode} from './environments/node.mjs';
import * as commandLine from './platform/cli.mjs';
import {judge} from './platform/judge.mjs';
import {FAIL, PASS, render, steps} from './report.mjs';
import {Results} from './results.mjs';
import {unshown} from './rows.mjs';
import {Server} from './server.mjs';
import {versions} from './versions.mjs';

const DOCUMENT = new URL('../docs/conformance.md', import.meta.url);

const USAGE = `usage: node compat/run.mjs --server PATH [options]
  --server PATH         the openkitty binary
  --postgres ADDRESS    also run on PostgreSQL: postgres://… of a database that the run may fill
  --only VERSION        one folder of compat/clients
  --environment NAME    node, node-http, chromium, platform for the Platform API, or cli for the command line
  --trace               print the last frames of a step that failed
  --check               fail if docs/conformance.md differs from the results, instead of writing it`;

/** How many conversations are held at a time: their waits overlap, their work hardly. */
const AT_A_TIME = 3;

/** What to stop, newest first, however the run ends. */
const cleanup = [];

const main = async () => {
	const options = read(process.argv.slice(2));
	const isChosen = ({id}) => id === (options.environment ?? id);
	const environments = [Node, ProxiedNode, Chromium].filter(isChosen);
	const checklists = [commandLine].filter(({environment}) => isChosen(environment) && !options.only);
	const chosen = versions.filter(({folder}) => folder === (options.only ?? folder));
	const engines = [{name: 'SQLite'}, ...options.postgres ? [{name: 'PostgreSQL', database: options.postgres}] : []];
	const judged = !options.only && (options.environment ?? 'platform') === 'platform';
	if (environments.length + checklists.length === 0 && !judged || chosen.length === 0) {
		throw new Usage('there is no such version or environment');
	}

	const gaps = unshown(steps, versions);
	if (gaps.length > 0) {
		throw new Error(`the rows of rows.mjs have gaps:\n${gaps.join('\n')}`);
	}

	const results = new Results(line => console.log(line), options.trace);
	const started = new Map();
	for (const environment of environments) {
		const place = await environment.start();
		cleanup.unshift(() => place.stop());
		started.set(environment, place);
	}
	const places = engines.flatMap(({name: engine}) =>
		environments.flatMap(environment => chosen.map(version => ({engine, environment, version}))));
	const platform = new Map();
	for (const {name, database} of engines) {
		if (judged) {
			platform.set(name, await runPlatform({binary: resolve(options.server), database, engine: name}).catch(error => {
				console.log(`${name}: ${error.stack}`);
				return new Map([['the server', FAIL]]);
			}));
		}
		if (environments.length + checklists.length === 0) {
			continue;
		}
		await runOn({
			binary: resolve(options.server),
			engine: name,
			database,
			checklists,
			places: places.filter(({engine, environment, version}) => engine === name && !version.absent[environment.id]),
			started,
			results,
		}).catch(error => console.log(`${name}: ${error.stack}`));
	}

	const {passed, failed} = sum([
		results.counts(places, steps),
		...checklists.map(({environment, versions, rows}) => results.counts(
			engines.flatMap(({name: engine}) => versions.map(version => ({engine, environment, version}))),
			rows,
		)),
		...[...platform.values()].map(rows => ({
			passed: [...rows.values()].filter(outcome => outcome === PASS).length,
			failed: [...rows.values()].filter(outcome => outcome === FAIL).length,
		})),
	]);
	const whole = engines.length > 1 && !options.only && !options.environment;
	const fresh = await settle({results, engines, environments, checklists, platform, whole, check: options.check});
	console.log(`${passed} passed, ${failed} failed`);
	return failed === 0 && fresh;
};

const sum = counts => ({
	passed: counts.reduce((total, {passed}) => total + passed, 0),
	failed: counts.reduce((total, {failed}) => total + failed, 0),
});

/** Holds all conversations of an engine on one server, which restarts once, and goes through the checklists on it. */
const runOn = async ({binary, engine, database, places, checklists, started, results}) => {
	const folder = await mkdtemp(join(tmpdir(), 'openkitty-compat-'));
	cleanup.unshift(() => rm(folder, {recursive: true, force: true, maxRetries: 10}));
	const server = new Server({binary, folder, database});
	cleanup.unshift(() => server.kill());
	await server.start();

	const hosts = new Map();
	for (const [environment, place] of started) {
		hosts.set(environment, await place.reach(server.host));
	}
	const conversations = [];
	for (const place of places) {
		const credentials = await server.createCredentials(`${basename(folder)}-${conversations.length}`);
		conversations.push(new Conversation({
			place,
			environment: started.get(place.environment),
			results,
			host: hosts.get(place.environment),
			apiKey: credentials.apiKey,
			administrator: new Administrator(server.host, credentials),
		}));
	}
	await each(conversations, conversation => conversation.begin());
	await server.stop();
	await server.start();
	await each(conversations, conversation => conversation.resume());
	for (const {takeRows} of checklists) {
		await takeRows({engine, server, folder, results});
	}
	await server.stop();
};

/** Has the clients of the Platform API judge a server of their own. */
const runPlatform = async ({binary, database, engine}) => {
	const folder = await mkdtemp(join(tmpdir(), 'openkitty-compat-'));
	cleanup.unshift(() => rm(folder, {recursive: true, force: true, maxRetries: 10}));
	const server = new Server({binary, folder, database});
	cleanup.unshift(() => server.kill());
	await server.start();
	const outcomes = await judge(server, `platform ${basename(folder)}`, line => console.log(`${engine} · ${line}`));
	await server.stop();
	return outcomes;
};

/** Runs a task on each item, a few at a time. */
const each = async (items, task) => {
	const waiting = [...items];
	const work = async () => {
		for (let item = waiting.shift(); item; item = waiting.shift()) {
			await task(item);
		}
	};
	await Promise.all(Array.from({length: AT_A_TIME}, work));
};

/** Writes or checks the document if the run covers it, and reports whether it now holds. */
const settle = async ({results, engines, environments, checklists, platform, whole, check}) => {
	if (!whole) {
		console.log('this run covers a part of docs/conformance.md, which stays as it is');
		return true;
	}
	const document = render({
		engines: engines.map(({name}) => name),
		environments,
		checklists,
		outcome: (place, step) => results.outcome(place, step),
		platform,
	});
	if (!check) {
		await writeFile(DOCUMENT, document);
		return true;
	}
	const same = await readFile(DOCUMENT, 'utf8').catch(() => '') === document;
	if (!same) {
		console.log('docs/conformance.md is stale: write it by a run without --check');
	}
	return same;
};

/** The command line is wrong. */
class Usage extends Error {}

const read = args => {
	try {
		const {values} = parseArgs({
			args,
			options: {
				server: {type: 'string'},
				postgres: {type: 'string'},
				only: {type: 'string'},
				environment: {type: 'string'},
				trace: {type: 'boolean', default: false},
				check: {type: 'boolean', default: false},
			},
		});
		if (!values.server) {
			throw new Error('--server is missing');
		}
		return values;
	} catch (error) {
		throw new Usage(error.message);
	}
};

let ending;

/** Stops everything, once, and exits. */
const end = status => ending ??= (async () => {
	while (cleanup.length > 0) {
		await Promise.resolve().then(cleanup.shift()).catch(error => console.error(error.message));
	}
	process.exit(status);
})();

for (const signal of ['SIGINT', 'SIGTERM']) {
	process.once(signal, () => end(130));
}
main().then(
	passed => end(passed ? 0 : 1),
	error => {
		console.error(error instanceof Usage ? `${error.message}\n${USAGE}` : error);
		return end(error instanceof Usage ? 2 : 1);
	},
);
