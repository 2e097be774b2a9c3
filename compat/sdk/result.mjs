/** A call that the server, or the package itself, answered with a failure. */
export class CallFailed extends Error {
	name = 'CallFailed';

	/** @param {any} error what the failed result carried */
	constructor(error) {
		super(error?.message ?? String(error), {cause: error});
		// The server's errors carry their name in `error`, which the oldest
		// package renames to `type`.
		this.kind = error?.error ?? error?.type ?? error?.name ?? 'Error';
	}
}

/**
 * Returns a result that succeeded and throws for one that failed, so that
 * callers need not look at both.
 *
 * @template T
 * @param {T} result
 * @returns {T}
 */
export const succeeded = result => {
	if (result.failed || result.succeeded === false) {
		throw new CallFailed(result.error);
	}
	return result;
};
