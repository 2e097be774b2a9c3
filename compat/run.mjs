#!/usr/bin/env node
/**
 * Drives every published package through the conversation, in every
 * environment where it works and on every engine, goes through the other
 * checklists, and writes the tables of results. See README.md.
 */
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {basename, join, resolve} from 'node:path';
import {parseArgs} from 'node:util';
import {gaps} from './books.mjs';
import {conversations} from './conversation.mjs';
import {guides} from './guides/checklist.mjs';
import {FAIL, Judge, PASS} from './judge.mjs';
import {platform} from './platform/checklist.mjs';
import {commandLine} from './platform/cli.mjs';
import {render} from './report.mjs';
import {Server} from './server.mjs';

/** In the order of their tables. */
const checklists = [...conversations, platform, commandLine, guides];

const DOCUMENT = new URL('../docs/conformance.md', import.meta.url);

const USAGE = `usage: node compat/run.mjs --server PATH [options]
  --server PATH         the openkitty binary
  --postgres ADDRESS    also run on PostgreSQL: postgres://… of a database that the run may fill
  --only VERSION        one folder of compat/clients
  --environment NAME    one of ${checklists.map(({id}) => id).join(', ')}
  --trace               print the last frames of a step that failed
  --check               fail if docs/conformance.md differs from the results, instead of writing it`;

/** How many parties are at work at a time before the restart, and how many after it, where they mostly wait. */
const BEFORE = 4;
const AFTER = 6;

/** What to stop, newest first, however the run ends. */
const cleanup = [];

const main = async () => {
	const options = read(process.argv.slice(2));
	const wrong = gaps();
	if (wrong.length > 0) {
		throw new Error(`the rows have gaps:\n${wrong.join('\n')}`);
	}
	const engines = [{name: 'SQLite'}, ...options.postgres ? [{name: 'PostgreSQL', database: options.postgres}] : []];
	const places = engines.flatMap(({name: engine}) => chosen(options).map(place => ({engine, ...place})));
	if (places.length === 0) {
		throw new Usage('there is no such version or environment');
	}
	for (const checklist of new Set(places.map(place => place.checklist))) {
		const started = await checklist.start?.();
		cleanup.unshift(() => started?.stop());
	}

	const judge = new Judge(line => console.log(line), options.trace);
	for (const {name, database} of engines) {
		await runOn({
			server: {binary: resolve(options.server), database},
			places: places.filter(({engine, checklist, version}) => engine === name && !version.absent?.[checklist.id]),
			judge,
		}).catch(error => console.log(`${name}: ${error.stack}`));
	}
	const whole = engines.length > 1 && !options.only && !options.environment;
	const fresh = await settle(render(engines.map(({name}) => name), checklists, judge), whole, options.check);
	const failed = judge.count(FAIL, places);
	console.log(`${judge.count(PASS, places)} passed, ${failed} failed`);
	return failed === 0 && fresh;
};

/** The versions of the checklists that are wanted. */
const chosen = ({only, environment}) => checklists
	.filter(({id}) => id === (environment ?? id))
	.flatMap(checklist => checklist.versions
		.filter(({folder}) => folder === (only ?? folder))
		.map(version => ({checklist, version})));

/** Brings everybody to one server of an engine, which restarts once. */
const runOn = async ({server: {binary, database}, places, judge}) => {
	const folder = await mkdtemp(join(tmpdir(), 'openkitty-compat-'));
	cleanup.unshift(() => rm(folder, {recursive: true, force: true, maxRetries: 10}));
	const server = new Server({binary, folder, database});
	cleanup.unshift(() => server.kill());
	await server.start();

	const parties = [];
	for (const [number, place] of places.entries()) {
		const own = join(folder, `${number}`);
		await mkdir(own);
		parties.push(await place.checklist.join({place, server, judge, folder: own, name: `${basename(folder)}-${number}`}));
	}
	// What goes on longest begins first.
	await each(parties.toReversed(), BEFORE, party => party.begin());
	await server.stop();
	await server.start();
	await each(parties, AFTER, party => party.resume?.());
	await server.stop();
};

/** Runs a task on each item, a few at a time. */
const each = async (items, many, task) => {
	const waiting = [...items];
	const work = async () => {
		for (let item = waiting.shift(); item; item = waiting.shift()) {
			await task(item);
		}
	};
	await Promise.all(Array.from({length: many}, work));
};

/** Writes or checks the document if the run covers it, and reports whether it now holds. */
const settle = async (document, whole, check) => {
	if (!whole) {
		console.log('this run covers a part of docs/conformance.md, which stays as it is');
		return true;
	}
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
