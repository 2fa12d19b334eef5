// Recorded exchanges with the TypeScript server, played to a server and compared.
//
// A recording has the ids, tokens and times of its day. Where an answer has another id, the
// recorded one stands for it from then on: in later requests it is replaced, in later
// answers it must be the same again. What is computed is written {{name:argument}}:
//
//	{{run}}           a part of names and addresses that no other run has; {{RUN}} in upper case
//	{{public}}        the public address; {{publicencoded}} in a query, {{host}} without http://
//	{{gitlab}}        the address of GitLab
//	{{signed:T}}      the cookie value of the token T, {{signedraw:T}} before it is encoded
//	{{mail:C}}        the token of a mail with the claims C (hex of JSON), {{oldmail:C}} an expired one
//	{{code:P}}        the code of GitLab for the profile P (hex of JSON)
//	{{jwt}}           any JWT; in a request, the last that came
//	{{cache:N}}       a cookie of a cache with the right signature; in a request, the one that came
//	{{forgedcache:N}} that one with another name of the user
//	{{html}}          any page
//	{{any}}           anything
//	{{repeat:C:N}}    N times the character C
import { createHmac, randomBytes } from 'node:crypto';
import { request } from 'node:http';

const hmac = (secret, text, encoding) => createHmac('sha256', secret).update(text).digest(encoding);
const unhex = (text) => Buffer.from(text, 'hex').toString();
const isDate = (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text);

// shapes are the kinds of values that are different each time.
const shapes = [
	/^[A-Za-z0-9]{32}$/, // ids, session tokens
	/^[A-Za-z0-9_-]{32}$/, // OAuth states
	/^[A-Za-z0-9_-]{43}$/, // public keys, PKCE challenges
	/^[A-Za-z0-9_-]*_[A-Za-z]{64}$/, // API keys
	/^[a-z]{2}_[A-Za-z]{3}$/, // the start of one
];

const base64url = (text) => Buffer.from(text).toString('base64url');
const unbase64url = (text) => Buffer.from(text, 'base64url').toString();

export class Replay {
	bound = new Map();
	run = randomBytes(5).toString('hex').slice(0, 8);

	constructor({ url, publicURL, secret, gitlabURL, insecurePrefix = '' }) {
		Object.assign(this, { url, publicURL, secret, gitlabURL, insecurePrefix });
	}

	// value returns what a recorded text stands for.
	value(text) {
		text = text.replace(/[A-Za-z0-9_-]{20,}/g, (word) => this.bound.get(word) ?? word);
		return text.replace(/\{\{(\w+)(?::([^{}]*))?\}\}/g, (whole, name, argument) => {
			switch (name) {
				case 'run':
					return this.run;
				case 'RUN':
					return this.run.toUpperCase();
				case 'public':
					return this.publicURL;
				case 'publicencoded':
					return encodeURIComponent(this.publicURL);
				case 'host':
					return new URL(this.publicURL).host;
				case 'gitlab':
					return this.gitlabURL;
				case 'signed':
					return encodeURIComponent(this.sign(argument));
				case 'signedraw':
					return this.sign(argument);
				case 'mail':
				case 'oldmail':
					return this.mailToken(JSON.parse(this.value(unhex(argument))), name === 'oldmail');
				case 'jwt':
					return this.jwt;
				case 'cache':
					return this.bound.get(whole) ?? whole;
				case 'forgedcache': // Under the signature of the genuine one.
					return base64url(unbase64url(this.bound.get(`{{cache:${argument}}}`) ?? '').replace(`"name":"${argument}"`, '"name":"forged"'));
				case 'code':
					return Buffer.from(this.value(unhex(argument))).toString('base64url');
				case 'repeat': {
					const [character, count] = argument.split(':');
					return character.repeat(Number(count));
				}
			}
			return whole;
		});
	}

	sign(token) {
		return `${token}.${hmac(this.secret, token, 'base64')}`;
	}

	// isCache tells whether a text is a cookie of a cache, strategy compact, under the secret.
	isCache(text) {
		try {
			const { session, expiresAt, signature } = JSON.parse(unbase64url(text));
			return hmac(this.secret, JSON.stringify({ ...session, expiresAt }), 'base64url') === signature;
		} catch {
			return false;
		}
	}

	mailToken(claims, expired) {
		const iat = Math.floor(Date.now() / 1000) - (expired ? 7200 : 0);
		const part = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');
		const signed = `${part({ alg: 'HS256' })}.${part({ ...claims, iat, exp: iat + 3600 })}`;
		return `${signed}.${hmac(this.secret, signed, 'base64url')}`;
	}

	values(body) {
		if (typeof body === 'string') return this.value(body);
		if (Array.isArray(body)) return body.map((item) => this.values(item));
		if (body && typeof body === 'object') {
			return Object.fromEntries(Object.entries(body).map(([key, item]) => [key, this.values(item)]));
		}
		return body;
	}

	// send plays a request, exactly as recorded, to the server or to another address.
	async send({ method, path, headers, body }, url = this.url) {
		const content = body === undefined ? null : typeof body === 'string' ? this.value(body) : JSON.stringify(this.values(body));
		const sent = this.values(headers);
		if (content !== null) sent['content-length'] = Buffer.byteLength(content);
		sent.host ??= new URL(this.publicURL).host;
		return new Promise((resolve, reject) => {
			const { hostname, port } = new URL(url);
			const call = request({ hostname, port, method, path: this.value(path), headers: sent, agent: false }, async (response) => {
				let text = '';
				try {
					for await (const chunk of response) text += chunk;
				} catch (error) {
					return reject(error);
				}
				const { 'set-cookie': setCookie = [], ...rest } = response.headers;
				let parsed = text;
				try {
					parsed = text === '' ? '' : JSON.parse(text);
				} catch {}
				resolve({ status: response.statusCode, headers: rest, setCookie, body: parsed });
			});
			call.once('error', reject);
			call.end(content ?? undefined);
		});
	}

	// compare returns the differences between a recorded answer and one that came.
	compare(recorded, answer) {
		const differences = [];
		const differ = (where, want, got) => differences.push(`${where}: want ${short(want)}, got ${short(got)}`);
		if (answer.status !== recorded.status) differ('status', recorded.status, answer.status);
		for (const name of ['content-type', 'location', 'set-auth-token', 'set-auth-jwt', 'access-control-expose-headers', 'x-retry-after']) {
			this.leaf(`header ${name}`, recorded.headers[name], answer.headers[name], differ);
		}
		const name = (line) => line.split('=', 1)[0];
		const cookies = (lines) => [...lines].sort((x, y) => (name(x) < name(y) ? -1 : 1));
		const [want, got] = [cookies(recorded.setCookie), cookies(answer.setCookie)];
		if (want.map(name).join() !== got.map(name).join()) differ('cookies', want.map(name), got.map(name));
		else want.forEach((line, i) => this.cookie(line, got[i], differ));
		this.tree('body', recorded.body, answer.body, differ);
		return differences;
	}

	cookie(want, got, differ) {
		const [[wantPair, ...wantAttributes], [gotPair, ...gotAttributes]] = [want.split('; '), got.split('; ')];
		this.leaf(`cookie ${wantPair.split('=')[0]}`, wantPair.replace(/^[^=]*=/, ''), gotPair.replace(/^[^=]*=/, ''), differ);
		const steady = (attributes) => attributes.map((text) => text.replace(/^(Max-Age=\d+)9$/, '$19')).sort().join('; ');
		if (steady(wantAttributes) !== steady(gotAttributes)) differ(`attributes of ${wantPair.split('=')[0]}`, wantAttributes, gotAttributes);
	}

	tree(where, want, got, differ) {
		if (want === '{{any}}') return;
		if (Array.isArray(want) && Array.isArray(got)) {
			if (want.length !== got.length) return differ(`length of ${where}`, want.length, got.length);
			got = this.reorder(want, got);
			return want.forEach((item, i) => this.tree(`${where}[${i}]`, item, got[i], differ));
		}
		if (isObject(want) && isObject(got)) {
			const [wanted, given] = [Object.keys(want), Object.keys(got)];
			const missing = wanted.filter((key) => !given.includes(key));
			const added = given.filter((key) => !wanted.includes(key));
			if (missing.length + added.length > 0) differ(`keys of ${where}`, missing.map((key) => `-${key}`), added.map((key) => `+${key}`));
			for (const key of wanted) if (given.includes(key)) this.tree(`${where}.${key}`, want[key], got[key], differ);
			return;
		}
		this.leaf(where, want, got, differ);
	}

	// reorder puts the items of an answer in the order of the recorded ones: by their ids as
	// far as they are known, the others by age. No list has an order that is promised.
	reorder(want, got) {
		const is = (recorded, item) =>
			['id', 'token'].some((key) => recorded?.[key] && (this.bound.get(recorded[key]) ?? this.value(recorded[key])) === item?.[key]);
		const age = (x, y) => (x?.createdAt < y?.createdAt ? -1 : x?.createdAt > y?.createdAt ? 1 : 0);
		const rest = [...got];
		const found = new Map();
		for (const item of want) {
			const index = rest.findIndex((other) => is(item, other));
			if (index >= 0) found.set(item, rest.splice(index, 1)[0]);
		}
		rest.sort(age);
		for (const item of want.filter((item) => !found.has(item)).sort(age)) found.set(item, rest.shift());
		return want.map((item) => found.get(item));
	}

	leaf(where, want, got, differ) {
		if (want === got) return;
		if (typeof want === 'number' && typeof got === 'number' && /tryAgainIn|\.exp$|\.iat$/.test(where)) return;
		if (typeof want !== 'string' || typeof got !== 'string') return differ(where, want, got);
		const signed = /^\{\{signed(?:raw)?:([^}]*)\}\}$/.exec(want);
		if (signed && !this.bound.has(signed[1])) {
			const [, token] = /^(.*)\.[^.]*$/.exec(got) ?? [];
			if (token) this.bound.set(signed[1], token);
		}
		if (this.value(want) === got || this.bound.get(want) === got) return;
		if (want.startsWith('{{cache:') && this.isCache(got)) return void this.bound.set(want, got);
		if (want === '{{html}}' && got.startsWith('<!')) return;
		if (want === '{{jwt}}' && /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(got)) return void (this.jwt = got);
		if (isDate(want) && isDate(got)) return;
		if (/accessToken$|refreshToken$/.test(where)) return void this.bound.set(want, got);
		const free = shapes.some((shape) => shape.test(want) && shape.test(got)) && !this.bound.has(want);
		if (free) return void this.bound.set(want, got);
		if (this.address(where, want, got, differ)) return;
		differ(where, this.value(want), got);
	}

	// address compares addresses part by part.
	address(where, want, got, differ) {
		if (!/^(\{\{|http|\/)/.test(want) || !want.includes('?') || !/^(http|\/)/.test(got)) return false;
		const parse = (text) => new URL(text.replaceAll('{{publicencoded}}', encodeURIComponent(this.publicURL)).replaceAll('{{public}}', this.publicURL).replaceAll('{{gitlab}}', this.gitlabURL), 'http://relative');
		const [x, y] = [parse(want), parse(got)];
		if (x.origin + x.pathname !== y.origin + y.pathname) return false;
		const sorted = (url) => [...url.searchParams].map(([name]) => name).sort().join();
		if (sorted(x) !== sorted(y)) return false;
		for (const [name, value] of x.searchParams) this.leaf(`${where} ${name}`, value, y.searchParams.get(name), differ);
		return true;
	}
}

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

function short(value) {
	const text = typeof value === 'string' ? value : JSON.stringify(value);
	return text === undefined ? 'none' : text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
