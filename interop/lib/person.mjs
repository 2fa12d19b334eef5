// A person with a browser: one jar of cookies, and the official client for each server.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { apiKeyClient } from '@better-auth/api-key/client';
import { createAuthClient } from 'better-auth/client';
import { jwtClient, organizationClient } from 'better-auth/client/plugins';
import { publicURL } from './sides.mjs';

export const password = 'correct horse battery';

export class Person {
	cookies = new Map();

	constructor(name = 'ada') {
		this.name = name;
		this.email = `${name}-${randomBytes(6).toString('hex')}@example.com`;
	}

	// client returns the official client on a server, with this person's cookies. More
	// headers go with each request.
	client(side, headers = {}) {
		return createAuthClient({
			baseURL: side.url,
			plugins: [organizationClient(), jwtClient(), apiKeyClient()],
			fetchOptions: { customFetchImpl: (url, init) => this.fetch(url, withHeaders(init, headers)) },
		});
	}

	// fetch is what a browser does on a page of the public address: it sends and keeps
	// cookies and says where the page is from. It does not follow redirects.
	async fetch(url, init = {}) {
		const headers = new Headers(init.headers);
		if (this.cookies.size > 0) {
			headers.set('cookie', [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '));
		}
		headers.set('origin', publicURL);
		const response = await fetch(url, { ...init, headers, redirect: 'manual' });
		for (const line of response.headers.getSetCookie()) {
			const [, name, value, attributes] = /^([^=]+)=([^;]*)(.*)$/.exec(line);
			if (/;\s*max-age=0/i.test(attributes)) this.cookies.delete(name);
			else this.cookies.set(name, value);
		}
		return response;
	}

	// open visits a link and returns the answer.
	open(side, link) {
		return this.fetch(side.local(link));
	}

	// signUp makes the account on a server and returns what the client got.
	async signUp(side) {
		const data = ok(await this.client(side).signUp.email({ name: this.name, email: this.email, password }));
		this.id = data.user.id;
		return data;
	}

	// signIn signs in on a server, on top of whatever was signed in.
	async signIn(side, secret = password) {
		return ok(await this.client(side).signIn.email({ email: this.email, password: secret }));
	}

	// elsewhere is the same person at another browser, signed out.
	elsewhere() {
		return Object.assign(new Person(this.name), { email: this.email, id: this.id });
	}

	// session returns what the server says of the session: {session, user}, or null.
	async session(side) {
		return ok(await this.client(side).getSession());
	}
}

function withHeaders(init, headers) {
	const all = new Headers(init.headers);
	for (const [name, value] of Object.entries(headers)) all.set(name, value);
	return { ...init, headers: all };
}

// ok returns the data of an answer of the client, which must not be an error.
export function ok({ data, error }) {
	assert.equal(error, null, `refused: ${JSON.stringify(error)}`);
	return data;
}

// refused checks that the client got an error with this status and code.
export function refused({ data, error }, status, code) {
	assert.ok(error, `not refused: ${JSON.stringify(data)}`);
	assert.deepEqual({ status: error.status, code: error.code }, { status, code }, JSON.stringify(error));
}
