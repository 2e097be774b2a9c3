/**
 * The three ways in which the packages start a session, as one function.
 *
 * @typedef {{host: string, apiKey: string, username: string, authParams?: unknown}} Credentials
 * @typedef {{user: object, sdk: object, connection?: object, signOut: () => unknown}} Session
 * @typedef {(credentials: Credentials) => Promise<Session>} SignIn
 */

import {succeeded} from './result.mjs';

/**
 * For the packages whose client is a class.
 *
 * @param {any} ChatKitty the class, or the CommonJS exports that hold it
 * @returns {SignIn}
 */
export const signInWithClass = ChatKitty => async ({host, apiKey, ...identity}) => {
	const Client = ChatKitty.default ?? ChatKitty;
	const sdk = new Client({apiKey, host, isSecure: false});
	return startSession(sdk, identity);
};

/**
 * For the packages that offer `connectApi`. The older of them show their client
 * only as the undeclared property `service` of the connection.
 *
 * @param {any} connectApi
 * @returns {SignIn}
 */
export const signInWithConnection = connectApi => async ({host, apiKey, ...identity}) => {
	const connection = await connectApi({apiKey, ...identity, $environment: {host, secure: false}});
	return {
		user: connection.user.value,
		connection,
		sdk: connection.getSdkClient?.() ?? connection.service,
		signOut: () => connection.dispose(),
	};
};

/**
 * For the newest package, which keeps one client per API key for the life of
 * its page or process.
 *
 * @param {any} getSdkClient
 * @returns {SignIn}
 */
export const signInWithSdkClient = getSdkClient => async ({host, apiKey, ...identity}) => {
	const sdk = getSdkClient(apiKey, {$environment: {host, secure: false}});
	return startSession(sdk, identity);
};

const startSession = async (sdk, identity) => {
	const {session} = succeeded(await sdk.startSession(identity));
	return {user: session.user, sdk, signOut: () => sdk.endSession()};
};
