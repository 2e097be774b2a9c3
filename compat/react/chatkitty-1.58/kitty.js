import ChatKitty from 'chatkitty';

const {host, apiKey} = Object.fromEntries(new URLSearchParams(location.search));

export const kitty = new ChatKitty({apiKey, host, isSecure: false});
