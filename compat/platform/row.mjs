import {equal, match, ok} from 'node:assert/strict';
import {bounded} from '../bounded.mjs';

/**
 * An operation of the published client, or what else is asked of the API.
 *
 * @param {number | string} id
 * @param {string} title
 * @param {(state: object) => Promise<void>} take
 * @returns {import('../judge.mjs').Row}
 */
export const row = (id, title, take) => ({
	id: `${id}`,
	title: `${id} ${title}`,
	run: state => bounded(take(state), 'the row is not done').catch(explain),
});

/** Says what the server answered, if that is what went wrong. */
const explain = error => {
	const {response, config} = error;
	throw response ? new Error(`${response.status} ${JSON.stringify(response.data)} of ${config?.method} ${config?.url}`, {cause: error}) : error;
};

/** Fails unless a call is refused with a status and a documented body. */
export const refused = async (call, ...statuses) => {
	const error = await call.then(() => undefined, error => error);
	ok(error?.response, `the call was answered, or broke: ${error}`);
	ok(statuses.includes(error.response.status), `the status is ${error.response.status}`);
	const {data} = error.response;
	if (error.config?.method !== 'head') {
		equal(typeof data.error, 'string');
		equal(typeof (data.message ?? data.error_description), 'string');
	}
	return data;
};

/** Fails if a body that is not the caller's own holds null. */
export const complete = value => {
	for (const [name, part] of Object.entries(value ?? {})) {
		ok(part !== null, `${name} is null`);
		if (typeof part === 'object' && name !== 'properties') {
			complete(part);
		}
	}
	return value;
};

export const body = async call => {
	const {status, data, headers} = await call;
	equal(status, 200);
	match(headers['content-type'], /json/);
	return complete(data);
};

/** A picture of one pixel. */
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

/** Uploads a file, which the generated client cannot: it sends JSON alone. */
export const uploaded = async ({kitty, host}, path, fields = {}) => {
	const {config} = await kitty.ApplicationApi.retrieveApplication();
	const form = new FormData();
	form.set('file', new File([PIXEL], 'pixel.png', {type: 'image/png'}));
	Object.entries(fields).forEach(([name, value]) => form.set(name, value));
	const answer = await fetch(`http://${host}${path}`, {method: 'POST', body: form, headers: {Authorization: config.headers.Authorization}});
	const sent = complete(await answer.json());
	equal(answer.status, 200, JSON.stringify(sent));
	return sent;
};

export const isApplication = (application, {id}) => {
	equal(application.id, id);
	equal(typeof application.key, 'string');
	match(application.created_time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
	equal(typeof application.properties, 'object');
};
