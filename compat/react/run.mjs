#!/usr/bin/env node
/**
 * Runs the React applications of this folder, each in two pages of a headless
 * Chromium, on a server of their own. See ../README.md.
 */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {build} from 'esbuild';
import {launch} from '../environments/chromium.mjs';
import {Server} from '../server.mjs';

const APPLICATIONS = ['chatkitty-1.58', 'core-1.11'];

const HTML = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><div id="root"></div><script src="bundle.js"></script>';

/** A user in a page of their own. */
class Person {
	constructor(page, name) {
		this.page = page;
		this.name = name;
		this.uncaught = [];
		page.on('pageerror', error => this.uncaught.push(String(error.stack ?? error)));
	}

	/** Fills in a form as a person does, and sends it. */
	async submit(placeholder, value, button) {
		await this.page.getByPlaceholder(placeholder, {exact: true}).pressSequentially(value);
		await this.page.getByRole('button', {name: button, exact: true}).click();
	}

	/** Waits until the page shows a text, in the element of an id if one is given. */
	async sees(text, id = 'root') {
		await this.page.locator(`#${id}`).getByText(text).first().waitFor();
	}

	/** Waits until an element shows nothing. */
	async seesNothing(id) {
		await this.page.waitForFunction(name => !document.getElementById(name)?.textContent, id);
	}

	async opens(channel) {
		await this.page.locator('#channels').getByRole('button', {name: channel}).first().click();
	}
}

/** What two people do, and what each of them must see. */
const STORY = [
	['a guest signs in by name', async ({alice, bob}) => {
		for (const person of [alice, bob]) {
			await person.submit('Username', person.name, 'Sign in');
			await person.sees(person.name);
		}
	}],
	['the current user changes, and the page with it', async ({alice}) => {
		await alice.submit('Mood', 'sunny', 'Set mood');
		await alice.sees('sunny', 'mood');
	}],
	['a direct channel is created, and appears in the list of the other', async ({alice, bob}) => {
		await alice.submit('Somebody', 'bob', 'Talk');
		await alice.sees('alice, bob', 'members');
		await bob.page.locator('#channels button').first().waitFor();
	}],
	['a message becomes a notification where nobody chats', async ({alice, bob}) => {
		await alice.submit('Message', 'Are you there?', 'Send');
		await alice.sees('alice: Are you there?', 'messages');
		await bob.sees('Are you there?', 'notifications');
		await bob.sees('(unread)', 'channels');
	}],
	['who enters the chat sees its history, and is seen', async ({alice, bob}) => {
		await bob.opens('(unread)');
		await bob.sees('alice: Are you there?', 'messages');
		await alice.sees('bob', 'present');
	}],
	['what one types, the other sees coming, and then arrive', async ({alice, bob}) => {
		await bob.page.getByPlaceholder('Message', {exact: true}).pressSequentially('Yes!', {delay: 60});
		await alice.sees('bob is typing', 'typing');
		await bob.page.getByRole('button', {name: 'Send', exact: true}).click();
		await alice.sees('bob: Yes!', 'messages');
		await bob.sees('bob: Yes!', 'messages');
		await alice.page.locator('#typing').waitFor({state: 'detached'});
	}],
	['a file is uploaded, shown to the other, and can be read', async ({alice, bob}) => {
		await alice.page.locator('input[type=file]').setInputFiles(
			{name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('a note')});
		await alice.sees('Upload completed', 'progress');
		const link = bob.page.locator('#messages').getByRole('link', {name: 'note.txt'});
		await link.waitFor();
		const text = await bob.page.evaluate(url => fetch(url).then(answer => answer.text()), await link.getAttribute('href'));
		assert.equal(text, 'a note');
	}],
	['nobody sees anything twice', async ({alice, bob}) => {
		for (const {page} of [alice, bob]) {
			assert.equal(await page.locator('#messages li').count(), 3);
		}
	}],
	['who leaves the chat is seen to leave', async ({alice, bob}) => {
		await bob.page.getByRole('button', {name: 'Leave', exact: true}).click();
		await alice.seesNothing('present');
	}],
	['nothing is thrown in any page', async ({alice, bob}) => {
		assert.deepEqual([...alice.uncaught, ...bob.uncaught], []);
	}],
];

/** What to stop, newest first, however the run ends. */
const cleanup = [];

const main = async () => {
	const {values} = parseArgs({options: {server: {type: 'string'}, screenshots: {type: 'string'}}});
	if (!values.server) {
		throw new Error('usage: node compat/react/run.mjs --server PATH [--screenshots FOLDER]');
	}
	const folder = await mkdtemp(join(tmpdir(), 'openkitty-react-'));
	cleanup.unshift(() => rm(folder, {recursive: true, force: true, maxRetries: 10}));
	const server = new Server({binary: resolve(values.server), folder});
	cleanup.unshift(() => server.kill());
	await server.start();
	const pages = await serve();
	cleanup.unshift(() => pages.close());
	const browser = await launch();
	cleanup.unshift(() => browser.close());

	let failed = 0;
	for (const application of APPLICATIONS) {
		const {apiKey} = await server.createApplication(application);
		const query = new URLSearchParams({host: server.host, apiKey});
		const address = `http://127.0.0.1:${pages.address().port}/${application}/?${query}`;
		failed += await tell(application, browser, address, values.screenshots) ? 0 : 1;
	}
	await server.stop();
	return failed === 0;
};

/** Goes through the story with one application, up to what fails, and reports whether nothing did. */
const tell = async (application, browser, address, screenshots) => {
	const people = {};
	for (const name of ['alice', 'bob']) {
		const page = await (await browser.newContext()).newPage();
		page.setDefaultTimeout(10_000);
		people[name] = new Person(page, name);
		await page.goto(address);
	}
	for (const [title, run] of STORY) {
		try {
			await run(people);
			console.log(`React · ${application} · ${title}: pass`);
		} catch (error) {
			console.log(`React · ${application} · ${title}: FAIL: ${error.stack}`);
			return false;
		}
		if (screenshots) {
			await people.alice.page.screenshot({path: join(screenshots, `${application}.png`)});
		}
	}
	return true;
};

/** Serves each application on the loopback, bundled as its author would. */
const serve = async () => {
	const server = createServer(async ({url}, response) => {
		const [, application, file] = new URL(url, 'http://localhost').pathname.split('/');
		if (!APPLICATIONS.includes(application)) {
			response.writeHead(404).end();
		} else if (file === 'bundle.js') {
			response.setHeader('content-type', 'text/javascript').end(await bundle(application));
		} else {
			response.setHeader('content-type', 'text/html').end(HTML);
		}
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return server;
};

const bundle = async application => {
	const {outputFiles: [file]} = await build({
		entryPoints: [fileURLToPath(new URL(`${application}/app.jsx`, import.meta.url))],
		bundle: true,
		write: false,
		platform: 'browser',
		jsx: 'automatic',
		define: {global: 'globalThis', 'process.env.NODE_ENV': '"production"'},
		logLevel: 'error',
	});
	return file.text;
};

const passed = await main().catch(error => console.error(error));
while (cleanup.length > 0) {
	await cleanup.shift()();
}
process.exit(passed ? 0 : 1);
