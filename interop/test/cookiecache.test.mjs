// The cookie cache: a session_data of one side is taken by the other, without a look at the
// database, for each strategy.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { Person, ok } from '../lib/person.mjs';
import { caches, databaseURL, sides } from '../lib/sides.mjs';

const database = new pg.Pool({ connectionString: databaseURL, max: 1 });
after(() => database.end());

const cookie = 'better-auth.session_data';
const names = (person) => [...person.cookies.keys()].filter((name) => name.startsWith(cookie)).sort();
// shared is what both servers say of a session: not the app's own field of the user.
function shared({ session, user: { locale, ...user } }) {
	return { session, user };
}

for (const [strategy, { ts, go }] of Object.entries(caches)) {
	for (const [a, b] of [[ts, go], [go, ts]]) {
		const title = `${strategy}, ${a} to ${b}`;

		test(`${title}: a session comes from the cookie`, async () => {
			const ada = new Person('Zoë "\u2028\u007f\b</script> \\ 🔑');
			ada.email = `zoe-${Math.random().toString(36).slice(2)}@example.com`;
			await ada.signUp(a);
			assert.deepEqual(names(ada), [cookie]);
			const written = ada.cookies.get(cookie);
			const said = shared(await ada.session(a));
			// What the row says now is not what the cookie says.
			await database.query('UPDATE "user" SET name = $1 WHERE id = $2', ['changed', ada.id]);
			assert.deepEqual(shared(await ada.session(b)), said);
			assert.equal(ada.cookies.get(cookie), written);
			// The Go server of the example has a field of its own, which this cookie has not: it reads the session.
			assert.equal((await ada.session(sides.go)).user.name, 'changed');
		});

		test(`${title}: one that is changed is nobody's`, async () => {
			const [ada, eve] = [new Person(), new Person('eve')];
			await ada.signUp(a);
			await eve.signUp(a);
			const own = ada.cookies.get(cookie);
			const middle = own.length >> 1;
			for (const forged of [own.slice(0, middle) + (own[middle] === 'A' ? 'B' : 'A') + own.slice(middle + 1), own.slice(1), 'e30']) {
				ada.cookies.set(cookie, forged);
				const first = ok(await ada.client(b).getSession());
				// The TypeScript server answers null to one with a wrong signature, once.
				if (b === go) assert.equal(first.user.id, ada.id);
				else if (first) assert.equal(first.user.id, ada.id);
				assert.equal((await ada.session(b)).user.id, ada.id);
			}
			if (b === go) {
				ada.cookies.set(cookie, eve.cookies.get(cookie));
				assert.equal((await ada.session(b)).user.id, ada.id);
			}
		});

		test(`${title}: what is changed at the other is seen`, async () => {
			const ada = new Person();
			await ada.signUp(a);
			ok(await ada.client(b).updateUser({ name: 'Ada Lovelace' }));
			for (const side of [a, b]) assert.equal((await ada.session(side)).user.name, 'Ada Lovelace', side);
			ok(await ada.client(b).signOut());
			assert.deepEqual(names(ada), []);
			assert.equal(await ada.session(a), null);
		});

		test(`${title}: a long one is split`, async () => {
			const ada = new Person();
			await ada.signUp(a);
			const image = `https://example.com/${'x'.repeat(3600)}`;
			ok(await ada.client(a).updateUser({ image }));
			await ada.session(a);
			assert.deepEqual(names(ada), [`${cookie}.0`, `${cookie}.1`]);
			const written = ada.cookies.get(`${cookie}.0`);
			assert.equal((await ada.session(b)).user.image, image);
			assert.equal(ada.cookies.get(`${cookie}.0`), written);
			ok(await ada.client(b).updateUser({ image: null }));
			assert.equal((await ada.session(b)).user.image, null);
			assert.equal((await ada.session(a)).user.image, null);
			ok(await ada.client(a).signOut());
			assert.deepEqual(names(ada), []);
		});
	}

	test(`${strategy}: a server without a cache clears it with the session`, async () => {
		const ada = new Person();
		await ada.signUp(ts);
		const eve = new Person('eve');
		await eve.signUp(ts);
		// Eve signs in where Ada was, at the Go server that has no cache.
		const shared = Object.assign(new Person('eve'), { email: eve.email, cookies: ada.cookies });
		await shared.signIn(sides.go);
		assert.deepEqual(names(shared), []);
		assert.equal((await shared.session(ts)).user.email, eve.email);
	});
}
