import {connectApi, getSdkClient} from '@chatkitty/core';
import {signInWithConnection, signInWithSdkClient} from '../../sdk/sign-in.mjs';

const alone = signInWithSdkClient(getSdkClient);
const connected = signInWithConnection(connectApi);

export {generation2v106 as generation} from '../../sdk/generations.mjs';

/** The package has two ways in: Alice takes one, and Bob the other. */
export const signIn = credentials => credentials.username === 'alice' ? alone(credentials) : connected(credentials);
