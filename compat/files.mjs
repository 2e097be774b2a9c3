import assert from 'node:assert/strict';

/**
 * Files as messages and as pictures, in a channel of their own.
 *
 * @param {string} bob Bob's username
 * @param {(actor: import('./environments/remote.mjs').RemoteActor, channel: number) => Promise<void>} enters starts a chat session
 * @returns {import('./judge.mjs').Row[]}
 */
export const fileSteps = (bob, enters) => {
	/** The channel, and the uploaded message in it. */
	const within = new WeakMap();
	/** What the steps of a conversation share; whichever comes first makes the channel. */
	const shared = async conversation => {
		if (!within.has(conversation)) {
			const {alice, bob: other} = conversation;
			const {id: channel} = await alice.do('createChannel', {type: 'PRIVATE', name: 'files', members: [{username: bob}]});
			await other.do('channel', channel);
			await enters(alice, channel);
			await enters(other, channel);
			within.set(conversation, {channel});
		}
		return within.get(conversation);
	};
	return [
		{
			id: 'fileUploaded',
			title: 'A uploads a file, sees the progress, and B receives it',
			async run(conversation) {
				const {alice, bob: other} = conversation;
				const {channel} = await shared(conversation);
				const {message, progress} = await alice.do('upload', {channel}, 'grüße.txt', 'text/plain', 'Hello, file! 👋');
				assert.deepEqual(progress, ['started', 'completed']);
				const {file} = message;
				assert.deepEqual([message.type, file.type, file.name, file.contentType, file.size],
					['FILE', 'HOSTED', 'grüße.txt', 'text/plain', 17]);
				const heard = await other.hears('message', {id: message.id});
				assert.equal(heard.file.name, 'grüße.txt');
				Object.assign(within.get(conversation), {message, heard});
			},
		},
		{
			id: 'fileDownloaded',
			title: 'B downloads the file with its grant, and nobody without one',
			async run(conversation) {
				const {bob: other} = conversation;
				const {heard: {file: {url}}} = within.get(conversation);
				assert.deepEqual(await other.do('download', url), {status: 200, text: 'Hello, file! 👋'});
				assert.equal((await other.do('download', url.split('?')[0])).status, 401);
			},
		},
		{
			id: 'fileElsewhere',
			title: 'A sends a file that is elsewhere, and B receives its address',
			async run(conversation) {
				const {alice, bob: other} = conversation;
				const {channel} = await shared(conversation);
				const file = {url: 'https://files.example/a.pdf', name: 'a.pdf', contentType: 'application/pdf', size: 1234};
				const message = await alice.do('sendFile', {channel}, file);
				Object.assign(within.get(conversation), {elsewhere: file, first: message.id});
				const heard = await other.hears('message', {id: message.id});
				for (const {type, file: got} of [message, heard]) {
					assert.equal(type, 'FILE');
					assert.deepEqual({...got, url: got.url.split('?')[0]}, {...file, type: 'EXTERNAL'});
				}
			},
		},
		{
			id: 'fileReplied',
			title: 'B replies with a file',
			async run(conversation) {
				const {channel, message: {id}} = within.get(conversation);
				const {message} = await conversation.bob.do('upload', {message: id}, 'b.txt', 'text/plain', 'b');
				const heard = await conversation.alice.hears('message', {channel, id: message.id});
				assert.deepEqual([heard.second, heard.file.name], [conversation.version.tellsNoParent ? undefined : id, 'b.txt']);
			},
		},
		{
			id: 'files',
			title: 'A lists the messages that are files',
			async run(conversation) {
				const {alice} = conversation;
				const {channel} = within.get(conversation);
				await alice.do('send', channel, 'no file');
				const listed = await alice.do('files', channel);
				assert.deepEqual(listed.map(({file}) => file.name), ['b.txt', 'a.pdf', 'grüße.txt']);
			},
		},
		{
			id: 'fileElsewhereReplied',
			title: 'A replies with a file that is elsewhere',
			async run(conversation) {
				const {channel, elsewhere, first: id} = within.get(conversation);
				const message = await conversation.alice.do('sendFile', {message: id}, elsewhere);
				const heard = await conversation.bob.hears('message', {channel, id: message.id});
				assert.deepEqual([heard.second, heard.file.name], [conversation.version.tellsNoParent ? undefined : id, elsewhere.name]);
			},
		},
		{
			id: 'threadFile',
			title: 'A sends a file that is elsewhere to a thread',
			async run(conversation) {
				const {alice} = conversation;
				const {channel, elsewhere} = within.get(conversation);
				const {id: thread} = await alice.do('createThread', channel, {name: 'pictures'});
				Object.assign(within.get(conversation), {thread});
				const {id} = await alice.do('sendFile', {thread}, elsewhere);
				assert.equal((await conversation.bob.hears('message', {channel, id})).file.name, elsewhere.name);
			},
		},
		{
			id: 'threadUpload',
			title: 'A uploads a file to a thread, which is no part of the main one',
			async run(conversation) {
				const {alice} = conversation;
				const {channel, thread} = within.get(conversation);
				const {message: {id}} = await alice.do('upload', {thread}, 'c.txt', 'text/plain', 'c');
				assert.equal((await conversation.bob.hears('message', {channel, id})).file.name, 'c.txt');
				assert.ok((await alice.do('messages', channel)).some(message => message.id === id));
				assert.ok((await alice.do('mainThread', channel)).every(message => message.id !== id));
			},
		},
		{
			id: 'pictureUploaded',
			title: 'A uploads a display picture, which everybody can load',
			async run({alice, bob: other}) {
				const {picture} = await alice.do('uploadPicture');
				assert.equal((await alice.do('currentUser')).picture, picture);
				assert.equal((await other.do('download', picture)).status, 200);
			},
		},
	];
};
