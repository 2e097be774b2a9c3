/**
 * The part of an actor that runs in a Node process of its own: it takes the
 * commands of environments/node.mjs over the channel to its parent.
 */
import {serveCommands} from '../sdk/serve-commands.mjs';

// Node 22 has a WebSocket, with which the packages would not use SockJS.
delete globalThis.WebSocket;

const send = message => process.connected && process.send(message);
const client = await import(process.argv[2]);
const perform = serveCommands(client, event => send({event}));

process.on('uncaughtException', error => send({thrown: String(error?.stack ?? error)}));
process.on('message', async ({id, method, values}) => send({id, answer: await perform(method, values)}));
process.on('disconnect', () => process.exit());
send({ready: true});
