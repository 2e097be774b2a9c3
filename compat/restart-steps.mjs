import assert from 'node:assert/strict';
import {setTimeout as delay} from 'node:timers/promises';
import {among, directWith, enters} from './assertions.mjs';
import {until} from './bounded.mjs';

/** The longest that a client may take to come back, in milliseconds: all of them try every 5 s. */
const RETURN = 20_000;

/** How many messages one misses who misses a few. */
const MISSED = 20;

/** The time in which a package's acknowledgement surely arrives, in milliseconds. */
const ACKNOWLEDGED = 300;

/**
 * What is still there after a restart, and what was missed when a connection was lost.
 *
 * @param {string} bobs Bob's username
 * @param {number} many how many messages were sent after the first
 * @returns {import('./judge.mjs').Row[]}
 */
export const restartSteps = (bobs, many) => [
	{
		id: 'survived',
		title: 'After a restart of the server, B still lists the message',
		async run({bob, host, apiKey, direct, message}) {
			await bob.do('signIn', {host, apiKey, username: bobs});
			among(await bob.do('joinedChannels'), direct);
			// The oldest package lists only with a chat session.
			await bob.do('startChat', direct);
			const {forth} = await bob.do('turnPages', direct);
			assert.equal(forth.flat().length, many + 1);
			assert.deepEqual(forth.flat().at(-1), message);
		},
	},
	{
		id: 'returned',
		title: 'After it, C is back without doing anything, and receives a message of B',
		async run({bob, carol}) {
			const {id: channel} = await bob.do('createChannel', directWith('carol'));
			await enters(bob, channel);
			await until(async () => {
				const {id} = await bob.do('send', channel, 'are you there?');
				return carol.heard('message', {channel, id})[0];
			}, 'C received no message', RETURN, 250);
		},
	},
	{
		id: 'noticed',
		title: 'C was told that it was away, and that it is back',
		async run({carol}) {
			await carol.hears('wentOffline', {});
			await carol.hears('cameOnline', {});
		},
	},
	{
		id: 'missed',
		title: 'C, whose connection was lost, is told what B said meanwhile, once and in order',
		async run({bob, carol, line}) {
			const {id: channel} = await bob.do('createChannel', directWith('carol'));
			const sent = [];
			const say = async body => sent.push((await bob.do('send', channel, body)).id);
			const heard = () => carol.heard('message', {channel}).map(({id}) => id).filter(id => sent.includes(id));
			await say('can you hear me?');
			await until(() => heard().length > 0, 'C heard nothing before', RETURN);
			await delay(ACKNOWLEDGED);
			line.cut();
			for (let number = 0; number < MISSED; number++) {
				await say(`number ${number}`);
			}
			line.mend();
			await until(() => heard().length >= sent.length, 'C was not told everything', RETURN);
			await say('and now?');
			await until(() => heard().includes(sent.at(-1)), 'C hears nothing any more', RETURN);
			assert.deepEqual(heard(), sent);
		},
	},
];
