// The servers that run.mjs started, as it tells in the environment of the tests.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

const settings = JSON.parse(process.env.AUTHENT_INTEROP ?? 'null');
if (!settings) throw new Error('start the tests with "make interop", or "node run.mjs" beside a Postgres');

// publicURL is the address that both servers believe to be reached at.
export const publicURL = settings.publicURL;

// secret is the secret that both servers share, databaseURL the database.
export const { secret, databaseURL, gitlabURL, chromium } = settings;

class Side {
	constructor(name, url) {
		this.name = name;
		this.url = url;
		// Mails of this server that a test has read.
		this.read = new Set();
	}

	// local turns a link with the public address into one of this server.
	local(link) {
		const url = new URL(link, this.url);
		return url.origin === publicURL ? this.url + url.pathname + url.search : url.href;
	}

	// mail waits for the next mail of a kind to an address and returns its link.
	async mail(kind, to) {
		for (let tries = 0; tries < 100; tries++) {
			const response = await fetch(`${settings.controlURL}/mails/${this.name}`);
			for (const [index, mail] of (await response.json()).entries()) {
				if (mail.kind === kind && mail.to === to && !this.read.has(index)) {
					this.read.add(index);
					return mail.url;
				}
			}
			await sleep(50);
		}
		assert.fail(`${this.name}: no mail "${kind}" to ${to} within 5 seconds`);
	}

	toString() {
		return this.name;
	}
}

// sides are the servers under test, by name: "go" and "ts".
export const sides = Object.fromEntries(Object.entries(settings.sides).map(([name, url]) => [name, new Side(name, url)]));

// rotation are the servers of rotation.test.mjs by name, and their databaseURL; null if they do not run.
export const rotation = settings.rotation && { databaseURL: settings.rotation.databaseURL };
for (const [name, url] of Object.entries(settings.rotation ?? {})) {
	if (name !== 'databaseURL') rotation[name] = new Side(name, url);
}

// caches are the servers with a cookie cache, by strategy and side.
export const caches = Object.fromEntries(
	Object.entries(settings.caches ?? {}).map(([strategy, { ts, go }]) => [strategy, { ts: new Side('ts', ts), go: new Side('go', go) }]),
);

// tested are those that the tests of single servers run on.
export const tested = Object.values(sides).filter(({ name }) => !settings.only || name === settings.only);

// profiles are the Go servers that play the profiles of the recording, by name: url and publicURL.
export const { profiles } = settings;

// both tells whether both servers run.
export const both = Boolean(sides.go && sides.ts);
