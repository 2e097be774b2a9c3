import {ChatKitty} from '@chatkitty/core';
import {signInWithClass} from '../../sdk/sign-in.mjs';

export {generation2 as generation} from '../../sdk/generations.mjs';
export const signIn = signInWithClass(ChatKitty);
