import {connectApi} from 'chatkitty';
import '../../sdk/shim-process.mjs';
import {signInWithConnection} from '../../sdk/sign-in.mjs';

export {generation2v5 as generation} from '../../sdk/generations.mjs';
export const signIn = signInWithConnection(connectApi);
