/** The back end of an application, as far as a conversation needs it. */
export class Administrator {
	#host;
	#credentials;

	/**
	 * @param {string} host of the server itself
	 * @param {{clientId: string, clientSecret: string}} credentials
	 */
	constructor(host, {clientId, clientSecret}) {
		this.#host = host;
		this.#credentials = btoa(`${clientId}:${clientSecret}`);
	}

	/** Replaces a part of the application's chat UI: `elements`, `features` or `styles`. */
	async replace(part, resource) {
		const token = await this.#ask('POST', '/oauth/token', `Basic ${this.#credentials}`,
			'application/x-www-form-urlencoded', 'grant_type=client_credentials');
		return this.#ask('PUT', `/application/chat-ui/${part}`, `Bearer ${token.access_token}`,
			'application/json', JSON.stringify(resource));
	}

	async #ask(method, path, authorization, type, body) {
		const answer = await fetch(`http://${this.#host}${path}`, {
			method, body, headers: {Authorization: authorization, 'Content-Type': type},
		});
		if (!answer.ok) {
			throw new Error(`${method} ${path} is answered ${answer.status} ${await answer.text()}`);
		}
		return answer.json();
	}
}
