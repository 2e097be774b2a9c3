import core from '@chatkitty/core';

const kitty = core.getSdkClient(process.env.API_KEY, {$environment: {host: process.env.HOST, secure: false}});
await kitty.startSession({username: 'jane'});
const {paginator} = await kitty.listChannels({filter: {joined: true}});
const channel = paginator.items.find(({name}) => name === 'general');
await kitty.startChatSession({
	channel,
	onMessageReceived: message => console.log(`${message.type}: ${message.body}`),
});
console.log('listening');
