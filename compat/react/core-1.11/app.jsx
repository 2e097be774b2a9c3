import {useEffect, useState} from 'react';
import {createRoot} from 'react-dom/client';
import {chatkitty} from './kitty.js';

/** Signs a guest in, and shows the rest once there is a current user. */
const App = () => {
	const [user, setUser] = useState(null);
	const [error, setError] = useState(null);

	useEffect(() => chatkitty.onCurrentUserChanged(setUser), []);

	const signIn = async form => {
		const result = await chatkitty.startSession({username: form.get('username')});
		if (result.failed) {
			setError(result.error);
		}
	};

	if (!user) {
		return (
			<form action={signIn}>
				<input name="username" placeholder="Username" />
				<button>Sign in</button>
				{error && <p role="alert">{error.message}</p>}
			</form>
		);
	}
	return (
		<>
			<h1>{user.displayName}</h1>
			<Profile user={user} />
			<Notifications />
			<Channels />
		</>
	);
};

const Profile = ({user}) => {
	const changeMood = form => chatkitty.updateCurrentUser(current => {
		current.properties = {...current.properties, mood: form.get('mood')};
		return current;
	});
	return (
		<form action={changeMood}>
			<input name="mood" placeholder="Mood" />
			<button>Set mood</button>
			<p id="mood">{user.properties.mood}</p>
		</form>
	);
};

const Notifications = () => {
	const [notifications, setNotifications] = useState([]);

	useEffect(() => chatkitty.onNotificationReceived(notification => {
		switch (notification.data.type) {
			case 'USER:SENT:MESSAGE':
			case 'SYSTEM:SENT:MESSAGE':
				setNotifications(list => [...list, notification]);
				break;
		}
	}), []);

	return <ul id="notifications">{notifications.map(({id, title, body}) => <li key={id}>{title}: {body}</li>)}</ul>;
};

const Channels = () => {
	const [channels, setChannels] = useState([]);
	const [channel, setChannel] = useState(null);

	const load = async () => {
		const result = await chatkitty.listChannels();
		if (result.succeeded) {
			setChannels(result.paginator.items);
		}
	};

	useEffect(() => {
		load();
		return chatkitty.onChannelJoined(load);
	}, []);

	const createDirect = async form => {
		const result = await chatkitty.createChannel({
			type: 'DIRECT',
			members: [{username: form.get('member')}],
		});
		if (result.succeeded) {
			setChannel(result.channel);
		}
	};

	return (
		<>
			<form action={createDirect}>
				<input name="member" placeholder="Somebody" />
				<button>Talk</button>
			</form>
			<ul id="channels">
				{channels.map(one => <li key={one.id}><ChannelButton channel={one} onClick={() => setChannel(one)} /></li>)}
			</ul>
			{channel && <Chat key={channel.id} channel={channel} onLeave={() => setChannel(null)} />}
		</>
	);
};

const ChannelButton = ({channel, onClick}) => {
	const [unread, setUnread] = useState(false);

	useEffect(() => {
		const check = async () => {
			const result = await chatkitty.checkChannelUnread({channel});
			if (result.succeeded) {
				setUnread(result.unread);
			}
		};
		check();
		return chatkitty.onNotificationReceived(check);
	}, [channel]);

	return <button onClick={onClick}>{channel.displayName} {unread && '(unread)'}</button>;
};

const Chat = ({channel, onLeave}) => {
	const [members, setMembers] = useState([]);
	const [messages, setMessages] = useState([]);
	const [typing, setTyping] = useState(null);
	const [present, setPresent] = useState([]);
	const [progress, setProgress] = useState(null);

	const show = message => setMessages(list => [...list.filter(({id}) => id !== message.id), message]);

	useEffect(() => {
		const result = chatkitty.startChatSession({
			channel,
			onMessageReceived: show,
			onTypingStarted: setTyping,
			onTypingStopped: () => setTyping(null),
			onParticipantEnteredChat: user => setPresent(list => [...list, user.name]),
			onParticipantLeftChat: user => setPresent(list => list.filter(name => name !== user.name)),
		});
		if (result.failed) {
			return undefined;
		}
		chatkitty.listMessages({channel}).then(({succeeded, paginator}) =>
			succeeded && setMessages(list => [...paginator.items.reverse(), ...list]));
		chatkitty.listChannelMembers({channel}).then(({succeeded, paginator}) =>
			succeeded && setMembers(paginator.items));
		chatkitty.readChannel({channel});
		return () => result.session.end();
	}, [channel]);

	const send = form => chatkitty.sendMessage({channel, body: form.get('body')});

	const sendFile = ({target}) => chatkitty.sendMessage({
		channel,
		file: target.files[0],
		progressListener: {
			onStarted: () => setProgress('started'),
			onProgress: () => setProgress('under way'),
			onCompleted: () => setProgress('completed'),
		},
	});

	return (
		<section>
			<button onClick={onLeave}>Leave</button>
			<p id="members">{members.map(({name}) => name).sort().join(', ')}</p>
			<p id="present">{present.join(', ')}</p>
			<ol id="messages">{messages.map(message => <Message key={message.id} message={message} />)}</ol>
			{typing && <p id="typing">{typing.name} is typing</p>}
			<form action={send}>
				<input name="body" placeholder="Message" onChange={({target}) =>
					chatkitty.sendKeystrokes({channel, keys: target.value})} />
				<button>Send</button>
			</form>
			<input type="file" onChange={sendFile} />
			{progress && <p id="progress">Upload {progress}</p>}
		</section>
	);
};

const Message = ({message}) => (
	<li>
		{message.user.name}: {message.body ?? <a href={message.file.url}>{message.file.name}</a>}
	</li>
);

createRoot(document.getElementById('root')).render(<App />);
