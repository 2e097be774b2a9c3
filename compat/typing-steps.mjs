import assert from 'node:assert/strict';

/** What one types and the other sees, inside and outside of the chat session. @type {import('./judge.mjs').Row[]} */
export const typingSteps = [
	{
		id: 'typing',
		title: 'A types, and B sees it',
		async run({alice, bob, direct}) {
			await alice.do('type', direct, 'hello');
			await bob.hears('typingStarted', {channel: direct, name: 'alice'});
		},
	},
	{
		id: 'keystrokes',
		title: 'B sees the keystrokes',
		async run({bob, direct}) {
			await bob.hears('keystrokes', {channel: direct, username: 'alice', keys: 'hello'});
		},
	},
	{
		id: 'elsewhere',
		title: 'B sees A type outside of the chat session',
		async run({bob}) {
			await bob.hears('participantTyping', {name: 'alice'});
		},
	},
	{
		id: 'stopped',
		title: 'A pauses, and B sees the typing stop',
		async run({alice, bob, direct}) {
			await bob.hears('typingStopped', {channel: direct, name: 'alice'});
			assert.deepEqual(alice.heard('typingStarted'), [], 'the typist sees its own typing');
		},
	},
	{
		id: 'stoppedElsewhere',
		title: 'B sees A stop outside of the chat session',
		async run({bob}) {
			await bob.hears('participantStopped', {name: 'alice'});
		},
	},
];
