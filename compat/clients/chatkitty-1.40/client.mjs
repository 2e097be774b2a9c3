import ChatKitty from 'chatkitty';
import {signInWithClass} from '../../sdk/sign-in.mjs';

export {generation1v40 as generation} from '../../sdk/generations.mjs';
export const signIn = signInWithClass(ChatKitty);
