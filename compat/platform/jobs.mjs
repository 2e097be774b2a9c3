/**
 * The rows of imports, exports, jobs, functions and their runtime.
 */
import {deepEqual, equal, match, ok} from 'node:assert/strict';
import {refused, row} from './row.mjs';

const body = async (call, expected = 200) => {
	const {status, data} = await call;
	equal(status, expected);
	return data;
};

const file = items => new File([JSON.stringify(items)], 'import.json', {type: 'application/json'});

const isJob = (job, type) => {
	equal(job.type, type);
	ok(Number.isInteger(job.id));
	match(job.created_time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
	return job;
};

/** Waits for the end of a job; the row's own time limit bounds it. */
const ended = async ({kitty}, {id}) => {
	for (;;) {
		const {data: job} = await kitty.JobsApi.retrieveJob(id);
		if (job.ended_time) {
			equal(job.state, 'FINISHED');
			return job;
		}
		ok(['PENDING', 'RUNNING'].includes(job.state));
		await new Promise(resolve => setTimeout(resolve, 10));
	}
};

const counts = ({progress}) => [progress.done, progress.unchanged, progress.failed];

const download = async ({kitty}, {file: address}) => {
	const {data} = await kitty.JobsApi.axios.get(address, {headers: {Authorization: `Bearer ${await kitty.JobsApi.configuration.accessToken()}`}});
	return data;
};

/** @type {import('../judge.mjs').Row[]} */
export const jobs = [
	row(63, 'importUsers', async state => {
		const {ImportsApi} = state.kitty;
		const people = [
			{name: 'imp-ann', display_name: 'Ann', guest: false, properties: {}, idempotency_key: 'a'},
			{name: 'imp-bob', displayName: 'Bob', isGuest: true, properties: {}},
		];
		const job = isJob(await body(ImportsApi.importUsers(file(people)), 202), 'USER_IMPORT');
		equal(job.state, 'PENDING');
		deepEqual(counts(await ended(state, job)), [2, 0, 0]);
		const {data} = await state.kitty.UsersApi.listUsers(0, 1, undefined, 'imp-bob');
		deepEqual([data._embedded.users[0].display_name, data._embedded.users[0].isGuest], ['Bob', true]);
		const again = await body(ImportsApi.importUsers(file([{...people[0], name: 'imp-other'}, people[1], {name: ''}])), 202);
		const report = await ended(state, again);
		deepEqual(counts(report), [0, 2, 1]);
		deepEqual(report.problems, [{line: 1, reason: 'the username is empty'}]);
		// A part is a part, whatever the caller made it of.
		const text = JSON.stringify(people);
		for (const part of [new Blob([text]), Buffer.from(text), text]) {
			deepEqual(counts(await ended(state, await body(ImportsApi.importUsers(part), 202))), [0, 2, 0]);
		}
		await refused(ImportsApi.importUsers(new File(['./users.json'], 'users.json')), 400);
	}),
	row(64, 'importChannels', async state => {
		const {kitty} = state;
		const job = isJob(await body(kitty.ImportsApi.importChannels(file([
			{type: 'PRIVATE', name: 'imp-team', creator: 'imp-ann', members: ['imp-bob']},
			{type: 'DIRECT', members: ['imp-ann', 'imp-bob']},
		])), 202), 'CHANNEL_IMPORT');
		deepEqual(counts(await ended(state, job)), [2, 0, 0]);
		const {data} = await kitty.ChannelsApi.listChannels(0, 25, undefined, 'PRIVATE', ['imp-ann', 'imp-bob']);
		deepEqual(data._embedded.channels.map(channel => [channel.name, channel.creator.name]), [['imp-team', 'imp-ann']]);
		state.team = data._embedded.channels[0];
	}),
	row(65, 'importChannelMembers', async state => {
		const {kitty, team} = state;
		await ended(state, await body(kitty.ImportsApi.importUsers(file([{name: 'imp-cid'}])), 202));
		const job = isJob(await body(kitty.ImportsApi.importChannelMembers(team.id, file([{username: 'imp-cid'}, {username: 'imp-ann'}])), 202), 'CHANNEL_MEMBERS_IMPORT');
		deepEqual(counts(await ended(state, job)), [1, 1, 0]);
		const {data} = await kitty.ChannelsApi.listChannelMembers(team.id);
		equal(data.page.total_elements, 3);
		await refused(kitty.ImportsApi.importChannelMembers(999_999_999, file([])), 404);
	}),
	row(66, 'importMessages', async state => {
		const {kitty, team} = state;
		const job = isJob(await body(kitty.ImportsApi.importMessages(file([
			{type: 'TEXT', channel_id: team.id, user: 'imp-ann', body: 'imported', idempotency_key: '1'},
			{type: 'SYSTEM_TEXT', channel_id: team.id, body: 'from nobody'},
			{type: 'TEXT', channel_id: team.id, body: 'whose?'},
		])), 202), 'MESSAGE_IMPORT');
		deepEqual(counts(await ended(state, job)), [2, 0, 1]);
		const {data} = await kitty.ChannelsApi.listChannelMessages(team.id);
		deepEqual(data._embedded.messages.map(message => [message.type, message.user?.name]), [['SYSTEM_TEXT', undefined], ['TEXT', 'imp-ann']]);
	}),
	row(67, 'exportMessageAnalytics', async state => {
		const job = isJob(await body(state.kitty.AnalyticsApi.exportMessageAnalytics(), 202), 'MESSAGE_ANALYTICS_EXPORT');
		const messages = await download(state, await ended(state, job));
		ok(messages.some(message => message.body === 'imported' && message.user === 'imp-ann' && message.channel === 'imp-team'));
	}),
	row(68, 'exportUserAnalytics', async state => {
		const job = isJob(await body(state.kitty.AnalyticsApi.exportUserAnalytics(), 202), 'USER_ANALYTICS_EXPORT');
		const users = await download(state, await ended(state, job));
		ok(users.some(user => user.name === 'imp-bob' && user.guest === true));
	}),
	row(69, 'listJobs', async ({kitty}) => {
		const page = await body(kitty.JobsApi.listJobs(0, 5, undefined, false));
		equal(page._embedded.jobs.length, 5);
		match(page._links.self.href, /page=0&running=false&size=5$/);
		deepEqual((await body(kitty.JobsApi.listJobs(0, 25, undefined, true)))._embedded.jobs, []);
	}),
	row(70, 'retrieveJob', async ({kitty}) => {
		const {data} = await kitty.JobsApi.listJobs(0, 1);
		const [{id}] = data._embedded.jobs;
		equal((await body(kitty.JobsApi.retrieveJob(id))).id, id);
		await refused(kitty.JobsApi.retrieveJob(999_999_999), 404);
	}),
	row(51, 'retrieveNodejsRuntime', async ({kitty}) => {
		const runtime = await body(kitty.RuntimeApi.retrieveNodejsRuntime());
		equal(runtime.type, 'NODEJS');
		ok(runtime.dependencies.length > 0 && runtime.dependencies.every(dependency => dependency.default_dependency));
		ok(runtime.environment_variables.CHATKITTY_APPLICATION_ID);
		equal(runtime.initialization_script, undefined);
	}),
	row(52, 'updateNodejsRuntimeDependencies', async ({kitty}) => {
		for (const own of [{name: 'firebase', version: '^9', default_dependency: false}, {name: 'firebase', version: '7.24.0'}]) {
			const {dependencies} = await body(kitty.RuntimeApi.updateNodejsRuntimeDependencies([own]));
			deepEqual(dependencies.filter(dependency => !dependency.default_dependency).map(({version}) => version), [own.version]);
			ok(dependencies.length > 1);
		}
		await refused(kitty.RuntimeApi.updateNodejsRuntimeDependencies([{name: 'a', version: 'file:../b'}]), 400);
	}),
	row(53, 'updateNodejsRuntimeEnvironmentVariables', async ({kitty}) => {
		await body(kitty.RuntimeApi.updateNodejsRuntimeEnvironmentVariables({OLD: '1'}));
		const {environment_variables: variables} = await body(kitty.RuntimeApi.updateNodejsRuntimeEnvironmentVariables({A_b: '1', N: 2}));
		deepEqual([variables.A_b, variables.N, variables.OLD], ['1', '2', undefined]);
		ok(variables.CHATKITTY_APPLICATION_ID);
	}),
	row(54, 'updateNodejsRuntimeInitializationScript', async ({kitty}) => {
		const {RuntimeApi} = kitty;
		equal((await body(RuntimeApi.updateNodejsRuntimeInitializationScript({script: 'var foo = 8;'}))).initialization_script.script, 'var foo = 8;');
		equal((await body(RuntimeApi.updateNodejsRuntimeInitializationScript({script: ''}))).initialization_script, undefined);
	}),
	row(56, 'createNodejsRuntimeFunction', async state => {
		const made = await body(state.kitty.RuntimeApi.createNodejsRuntimeFunction({type: 'user.sent.message', name: 'N', initialize_asynchronously: false}));
		deepEqual([made.enabled, made.current_version_number, made.runtime.type], [false, 0, 'NODEJS']);
		state.made = made;
	}),
	row(55, 'listNodejsRuntimeFunctions', async ({kitty, made}) => {
		const page = await body(kitty.RuntimeApi.listNodejsRuntimeFunctions(0, 5));
		deepEqual(page._embedded.functions, [made]);
	}),
	row(57, 'retrieveFunction', async ({kitty, made}) => {
		deepEqual(await body(kitty.FunctionsApi.retrieveFunction(made.id)), made);
		await refused(kitty.FunctionsApi.retrieveFunction(999_999_999), 404);
	}),
	row(60, 'createFunctionVersion', async state => {
		const {kitty: {FunctionsApi}, made} = state;
		await refused(FunctionsApi.retrieveFunctionCurrentVersion(made.id), 404);
		const source = 'async function handleEvent(event: UserSentMessageEvent, context: Context) {}';
		state.version = await body(FunctionsApi.createFunctionVersion(made.id, {handler_script: source}));
		deepEqual([state.version.version_number, state.version.handler_script], [1, source]);
		const problem = await refused(FunctionsApi.createFunctionVersion(made.id, {handler_script: 'async function handleEvent( {'}), 400);
		match(problem.message, /^line 1, column \d+: /);
	}),
	row(58, 'retrieveFunctionCurrentVersion', async ({kitty, made, version}) => {
		deepEqual(await body(kitty.FunctionsApi.retrieveFunctionCurrentVersion(made.id)), version);
		const {enabled, current_version_number: number} = await body(kitty.FunctionsApi.retrieveFunction(made.id));
		deepEqual([enabled, number], [true, 1]);
	}),
	row(59, 'listFunctionVersions', async ({kitty, made, version}) => {
		const next = await body(kitty.FunctionsApi.createFunctionVersion(made.id, {handler_script: version.handler_script}));
		deepEqual((await body(kitty.FunctionsApi.listFunctionVersions(made.id)))._embedded.versions, [next, version]);
	}),
	row(61, 'listFunctionInvocations', async ({kitty, made}) => {
		deepEqual((await body(kitty.FunctionsApi.listFunctionInvocations(made.id, 0, 5)))._embedded.invocations, []);
		await refused(kitty.FunctionsApi.listFunctionInvocations(999_999_999), 404);
	}),
	row(62, 'retrieveFunctionVersion', async ({kitty, version}) => {
		deepEqual(await body(kitty.FunctionVersionsApi.retrieveFunctionVersion(version.id)), version);
		await refused(kitty.FunctionVersionsApi.retrieveFunctionVersion(999_999_999), 404);
	}),
];
