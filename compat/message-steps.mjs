import assert from 'node:assert/strict';

/**
 * What becomes of messages after they were sent, in a channel of its own: other
 * steps count the messages of theirs.
 *
 * @param {string} bob Bob's username
 * @param {(actor: import('./environments/remote.mjs').RemoteActor, channel: number) => Promise<void>} enters starts a chat session
 * @returns {import('./judge.mjs').Row[]}
 */
export const messageSteps = (bob, enters) => {
	/** The channel, and the messages in it. */
	const within = new WeakMap();
	return [
		{
			id: 'mentioned',
			title: 'A mentions B and links a page, and B receives both with their places',
			async run(conversation) {
				const channel = await conversation.alice.do('createChannel', {type: 'PRIVATE', name: 'notes', members: [{username: bob}]});
				await conversation.bob.do('channel', channel.id);
				await enters(conversation.alice, channel.id);
				await enters(conversation.bob, channel.id);
				const body = `👋 <@${bob}> <@nobody> https://example.org/a.`;
				const message = await conversation.alice.do('send', channel.id, body);
				within.set(conversation, {channel: channel.id, message});
				const heard = await conversation.bob.hears('message', {id: message.id});
				for (const {mentions, links} of [message, heard]) {
					assert.deepEqual(mentions, [{type: 'USER', tag: `<@${bob}>`, startPosition: 3, endPosition: 6 + bob.length}]);
					assert.deepEqual(links.map(({source, startPosition}) => [source, startPosition]),
						[['https://example.org/a', body.indexOf('https')]]);
				}
			},
		},
		{
			id: 'edited',
			title: 'A edits the message, and B sees it',
			async run(conversation) {
				const {message: {id}} = within.get(conversation);
				assert.equal((await conversation.alice.do('about', id, 'edit', 'other words')).message.body, 'other words');
				await conversation.bob.hears('messageUpdated', {id, body: 'other words'});
			},
		},
		{
			id: 'described',
			title: 'A gives the message properties, and B sees it',
			async run(conversation) {
				const {message: {id}} = within.get(conversation);
				const {message} = await conversation.alice.do('about', id, 'describe', {pinned: [true]});
				assert.deepEqual(message.properties, {pinned: [true]});
				await conversation.bob.hears('messageUpdated', {id, pinned: true});
			},
		},
		{
			id: 'replied',
			title: 'B replies, and A receives it with its parent',
			async run(conversation) {
				const {channel, message} = within.get(conversation);
				const {message: reply} = await conversation.bob.do('about', message.id, 'reply', 'an answer');
				const heard = await conversation.alice.hears('message', {channel, id: reply.id});
				assert.equal(heard.second, conversation.version.tellsNoParent ? undefined : message.id);
				within.get(conversation).reply = reply;
			},
		},
		{
			id: 'thread',
			title: 'A lists and counts the replies, and leaves them out of the main thread',
			async run(conversation) {
				const {channel, message, reply} = within.get(conversation);
				const {alice} = conversation;
				assert.deepEqual((await alice.do('about', message.id, 'replies')).items.map(({id}) => id), [reply.id]);
				assert.equal((await alice.do('about', message.id, 'countReplies')).count, 1);
				assert.deepEqual((await alice.do('mainThread', channel)).map(({id}) => id), [message.id]);
				assert.deepEqual((await alice.do('messages', channel)).map(({id}) => id), [reply.id, message.id]);
			},
		},
		{
			id: 'parent',
			title: "B retrieves the reply's parent and channel",
			async run(conversation) {
				const {channel, message, reply} = within.get(conversation);
				assert.equal((await conversation.bob.do('about', reply.id, 'parent')).message.id, message.id);
				assert.equal((await conversation.bob.do('about', reply.id, 'messageChannel')).channel, channel);
			},
		},
		{
			id: 'reacted',
			title: 'B reacts by alias, and A sees it, with the message',
			async run(conversation) {
				const {channel, message: {id}} = within.get(conversation);
				assert.equal((await conversation.bob.do('about', id, 'react', 'thumbsup')).reaction, `👍 ${bob}`);
				await conversation.alice.hears('reacted', {channel, id, second: '👍'});
				assert.deepEqual((await conversation.alice.do('about', id, 'reactions')).items, [`👍 ${bob}`]);
			},
		},
		{
			id: 'unreacted',
			title: 'B takes the reaction back, and A sees it',
			async run(conversation) {
				const {channel, message: {id}} = within.get(conversation);
				assert.equal((await conversation.bob.do('about', id, 'unreact', '👍')).reaction, `👍 ${bob}`);
				await conversation.alice.hears('unreacted', {channel, id, second: '👍'});
				assert.deepEqual((await conversation.alice.do('about', id, 'reactions')).items, []);
			},
		},
		{
			id: 'concealed',
			title: 'B deletes a message for itself, and A still lists it',
			async run(conversation) {
				const {alice, bob} = conversation;
				const {channel, message: {id}} = within.get(conversation);
				assert.equal((await bob.do('about', id, 'deleteForMe')).message.id, id);
				assert.ok(!(await bob.do('messages', channel)).some(message => message.id === id), 'B lists it');
				assert.ok((await alice.do('messages', channel)).some(message => message.id === id), 'A does not list it');
			},
		},
		{
			id: 'erased',
			title: 'A deletes a message, and nobody lists it',
			async run(conversation) {
				const {alice, bob} = conversation;
				const {channel, message: {id}} = within.get(conversation);
				const {message} = await alice.do('about', id, 'remove');
				assert.deepEqual([message.id, message.body], [id, '']);
				for (const actor of [alice, bob]) {
					assert.ok(!(await actor.do('messages', channel)).some(message => message.id === id));
				}
			},
		},
		{
			id: 'withdrawn',
			title: 'B is told of the deletion',
			async run(conversation) {
				const {channel, message: {id}} = within.get(conversation);
				await conversation.bob.hears('messageDeleted', {channel, id, body: ''});
			},
		},
	];
};
