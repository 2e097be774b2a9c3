import assert from 'node:assert/strict';
import {Refused} from './environments/remote.mjs';

/** Asks for the direct channel with somebody. */
export const directWith = username => ({type: 'DIRECT', members: [{username}]});

export const ids = things => things.map(({id}) => id);

export const among = (channels, id) => assert.ok(ids(channels).includes(id), `channel ${id} is not in the list`);

export const notAmong = (channels, id) => assert.ok(!ids(channels).includes(id), `channel ${id} is in the list`);

/**
 * Starts a chat session and waits until it hears everything. The packages
 * subscribe to all but one topic only when the first is confirmed, and say
 * nothing of it: the first answer afterwards comes after that confirmation, the
 * second after the subscriptions that it caused.
 */
export const enters = async (actor, channel) => {
	await actor.do('startChat', channel);
	await actor.do('channel', channel);
	await actor.do('channel', channel);
};

/** Asserts that a call is answered with a failure of this kind, or of any. */
export const refuses = async (call, kind, name) => {
	const error = await call.then(() => assert.fail(`${name ?? 'it'} succeeded`), problem => problem);
	if (!(error instanceof Refused)) {
		throw error;
	}
	assert.ok(error.message, 'the error says nothing');
	if (kind) {
		assert.equal(error.kind, kind, `${name ?? 'the error'}: ${error.message}`);
	}
};
