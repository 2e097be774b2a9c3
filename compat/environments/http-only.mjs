import {once} from 'node:events';
import {createServer, request} from 'node:http';

/** A proxy on the loopback that passes HTTP to a server and refuses to upgrade, as some networks do. */
export class HTTPOnlyProxy {
	#server;

	/** @param {string} host address and port of the server */
	static async start(host) {
		const proxy = new HTTPOnlyProxy();
		proxy.#server = createServer((incoming, outgoing) => pass(host, incoming, outgoing));
		proxy.#server.on('upgrade', (_, socket) =>
			socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'));
		proxy.#server.listen(0, '127.0.0.1');
		await once(proxy.#server, 'listening');
		return proxy;
	}

	get host() {
		return `127.0.0.1:${this.#server.address().port}`;
	}

	stop() {
		this.#server.closeAllConnections();
		this.#server.close();
	}
}

/** Streams a request to the server and its answer back, and ends each side with the other. */
const pass = (host, incoming, outgoing) => {
	const {method, url: path, headers} = incoming;
	const [hostname, port] = host.split(':');
	const onward = request({hostname, port, path, method, headers}, answer => {
		outgoing.writeHead(answer.statusCode, answer.headers);
		outgoing.flushHeaders();
		answer.on('error', () => outgoing.destroy());
		answer.pipe(outgoing);
	});
	onward.on('error', () => outgoing.destroy());
	outgoing.on('close', () => onward.destroy());
	incoming.pipe(onward);
};
