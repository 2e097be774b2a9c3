/**
 * Many users of published packages in one process, for a test that breaks their
 * connections: prints a line of JSON for each event that their handlers hear.
 * Its argument says who they are and where they chat.
 */
import {Actor} from './sdk/actor.mjs';

// Node 22 has a WebSocket, with which the package would not use SockJS.
delete globalThis.WebSocket;

const {apiKey, actors} = JSON.parse(process.argv[2]);
const say = event => process.stdout.write(`${JSON.stringify(event)}\n`);

process.on('uncaughtException', error => process.stderr.write(`${error.stack}\n`));

await Promise.all(actors.map(async ({package: folder, username, host, channel}) => {
	const client = await import(`./clients/${folder}/client.mjs`);
	const actor = new Actor(client, ({kind, id, body}) => say({name: username, kind, id, body}));
	await actor.signIn({host, apiKey, username});
	await actor.channel(channel);
	await actor.change('join', channel);
	await actor.startChat(channel);
	// Calls that are answered prove that the subscriptions before them stand.
	await actor.channel(channel);
	await actor.channel(channel);
}));
say({kind: 'ready'});
