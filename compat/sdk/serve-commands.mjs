import {Actor} from './actor.mjs';

/**
 * Runs the commands of the conversation on an actor and answers in plain JSON,
 * whatever the package throws.
 *
 * @param {any} client
 * @param {(event: object) => void} report
 * @returns {(method: string, values: unknown[]) => Promise<{value?: unknown, error?: {kind: string, message: string}}>}
 */
export const serveCommands = (client, report) => {
	const actor = new Actor(client, report);
	return async (method, values) => {
		try {
			return {value: await actor[method](...values)};
		} catch (error) {
			return {error: {kind: error?.kind ?? error?.name ?? 'Error', message: error?.message ?? String(error)}};
		}
	};
};
