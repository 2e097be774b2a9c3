import {useEffect, useState} from 'react';
import {createRoot} from 'react-dom/client';
import {kitty} from './kitty.js';

/** Signs a guest in, and shows the rest once there is a current user. */
const App = () => {
	const [user, setUser] = useState(null);
	const [error, setError] = useState(null);

	useEffect(() => kitty.onCurrentUserChanged(setUser), []);

	const signIn = async form => {
		const result = await kitty.startSession({username: form.get('username')});
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
	const changeMood = form => kitty.updateCurrentUser(current => {
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

	useEffect(() => kitty.onNotificationReceived(notification => {
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
		const result = await kitty.getChannels();
		if (result.succeeded) {
			setChannels(result.paginator.items);
		}
	};

	useEffect(() => {
		load();
		return kitty.onChannelJoined(load);
	}, []);

	const createDirect = async form => {
		const result = await kitty.createChannel({
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
			const result = await kitty.getChannelUnread({channel});
			if (result.succeeded) {
				setUnread(result.unread);
			}
		};
		check();
		return kitty.onNotificationReceived(check);
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
		const result = kitty.startChatSession({
			channel,
			onReceivedMessage: show,
			onTypingStarted: setTyping,
			onTypingStopped: () => setTyping(null),
			onParticipantEnteredChat: user => setPresent(list => [...list, user.name]),
			onParticipantLeftChat: user => setPresent(list => list.filter(name => name !== user.name)),
		});
		if (result.failed) {
			return undefined;
		}
		kitty.getMessages({channel}).then(({succeeded, paginator}) =>
			succeeded && setMessages(list => [...paginator.items.reverse(), ...list]));
		kitty.getChannelMembers({channel}).then(({succeeded, paginator}) =>
			succeeded && setMembers(paginator.items));
		kitty.readChannel({channel});
		return () => result.session.end();
	}, [channel]);

	const send = form => kitty.sendMessage({channel, body: form.get('body')});

	const sendFile = ({target}) => kitty.sendMessage({
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
					kitty.sendKeystrokes({channel, keys: target.value})} />
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
