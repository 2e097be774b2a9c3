import {setTimeout as delay} from 'node:timers/promises';

/** The longest that any one step may wait, in milliseconds. */
const BOUND = 10_000;

/** Something did not happen in time. */
export class TimedOut extends Error {
	name = 'TimedOut';
}

/**
 * Gives up on a promise that may never settle.
 *
 * @template T
 * @param {Promise<T>} promise
 * @param {string} complaint what to say when time is up
 * @param {number} [milliseconds]
 * @returns {Promise<T>}
 */
export const bounded = async (promise, complaint, milliseconds = BOUND) => {
	const clock = new AbortController();
	const timeUp = delay(milliseconds, undefined, {signal: clock.signal}).then(() => {
		throw new TimedOut(`${complaint} after ${milliseconds / 1000} s`);
	});
	try {
		return await Promise.race([promise, timeUp]);
	} finally {
		clock.abort();
		timeUp.catch(() => {});
	}
};

/**
 * Looks until there is something to see.
 *
 * @template T
 * @param {() => T | Promise<T>} look
 * @param {string} complaint what to say when time is up
 * @param {number} [milliseconds]
 * @param {number} [period] between two looks, in milliseconds
 * @returns {Promise<NonNullable<T>>}
 */
export const until = async (look, complaint, milliseconds = BOUND, period = 10) => {
	const end = performance.now() + milliseconds;
	for (;;) {
		const seen = await look();
		if (seen) {
			return seen;
		}
		if (performance.now() > end) {
			throw new TimedOut(`${complaint} after ${milliseconds / 1000} s`);
		}
		await delay(period);
	}
};
