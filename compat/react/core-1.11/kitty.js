import {ChatKitty} from '@chatkitty/core';

const {host, apiKey} = Object.fromEntries(new URLSearchParams(location.search));

export const chatkitty = new ChatKitty({apiKey, host, isSecure: false});
