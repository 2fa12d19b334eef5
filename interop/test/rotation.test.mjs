// The secret is replaced: servers of both sides with the first secret, and with a second one
// before it (BETTER_AUTH_SECRETS), on one database.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, test } from 'node:test';
import pg from 'pg';
import { encodePerson } from '../lib/gitlab.mjs';
import { Person, ok } from '../lib/person.mjs';
import { publicURL, rotation } from '../lib/sides.mjs';

const { tsBefore, goBefore, tsAfter, goAfter, goReader, goMaker } = rotation ?? {};
const database = rotation && new pg.Pool({ connectionString: rotation.databaseURL, max: 1 });
after(() => database?.end());

// token returns a JSON Web Token of a person, and the id of the key that signed it.
async function token(person, side) {
	const { token } = ok(await person.client(side).token());
	return { token, kid: JSON.parse(Buffer.from(token.split('.')[0], 'base64url')).kid };
}

// fromGitLab signs a person in with GitLab.
async function fromGitLab(person, side) {
	const { url } = ok(await person.client(side).signIn.social({ provider: 'gitlab', callbackURL: '/dash' }));
	const consent = new URL(url);
	consent.searchParams.set('person', encodePerson({ id: randomInt(1_000_000_000), username: person.name, name: person.name, email: person.email, email_verified: true }));
	const back = await fetch(consent, { redirect: 'manual' });
	const response = await person.open(side, back.headers.get('location'));
	assert.equal(new URL(response.headers.get('location'), publicURL).pathname, '/dash');
	person.id = (await person.session(side)).user.id;
}

// stored returns the tokens of a person as they are in the database.
async function stored(person) {
	const { rows } = await database.query('SELECT "accessToken", "refreshToken" FROM account WHERE "userId" = $1', [person.id]);
	return Object.values(rows[0]);
}

if (rotation) {
	test('the signing key of before goes on', async () => {
		const ada = new Person();
		await ada.signUp(tsBefore);
		const { kid } = await token(ada, tsBefore);
		for (const side of [goBefore, goAfter]) assert.equal((await token(ada, side)).kid, kid, side);
		const bea = new Person('bea');
		await bea.signUp(tsAfter);
		assert.equal((await token(bea, tsAfter)).kid, kid);
		const { rows } = await database.query('SELECT "privateKey" FROM jwks');
		assert.equal(rows.length, 1);
		assert.match(rows[0].privateKey, /^"[0-9a-f]+"$/);
	});

	for (const before of [tsBefore, goBefore]) {
		test(`${before}: a session outlives its secret, and ${goAfter} takes it to ${tsAfter}`, async () => {
			const ada = new Person();
			await ada.signUp(before);
			const signed = ada.cookies.get('better-auth.session_token');
			// The TypeScript side knows no cookie of an old secret, and leaves it alone.
			assert.equal(await ada.session(tsAfter), null);
			assert.equal(ada.cookies.get('better-auth.session_token'), signed);
			assert.equal((await ada.session(goAfter)).user.email, ada.email);
			assert.notEqual(ada.cookies.get('better-auth.session_token'), signed);
			assert.equal((await ada.session(tsAfter)).user.email, ada.email);
			assert.equal(await ada.session(tsBefore), null);
		});

		test(`${before}: a mail of before is void`, async () => {
			const ada = new Person();
			await ada.signUp(before);
			ok(await ada.client(before).sendVerificationEmail({ email: ada.email, callbackURL: '/verified' }));
			const link = await before.mail('verify-email', ada.email);
			for (const side of [tsAfter, goAfter]) {
				const response = await new Person().open(side, link);
				assert.match(response.headers.get('location'), /\/verified\?error=INVALID_TOKEN$/i, side);
			}
			assert.equal((await ada.session(before)).user.emailVerified, false);
		});

		for (const first of [tsAfter, goAfter]) {
			const second = first === tsAfter ? goAfter : tsAfter;
			test(`${before}: encrypted tokens are read by ${first}, and anew by ${second}`, async () => {
				const ada = new Person();
				await fromGitLab(ada, before);
				for (const text of await stored(ada)) assert.match(text, /^[0-9a-f]+$/);
				await ada.session(goAfter); // Signs the cookie anew.
				const client = ada.client(first);
				const { accessToken } = ok(await client.getAccessToken({ providerId: 'gitlab' }));
				const refreshed = ok(await client.refreshToken({ providerId: 'gitlab' }));
				assert.notEqual(refreshed.accessToken, accessToken);
				for (const text of await stored(ada)) assert.match(text, /^\$ba\$1\$[0-9a-f]+$/);
				assert.equal(ok(await ada.client(second).getAccessToken({ providerId: 'gitlab' })).accessToken, refreshed.accessToken);
			});
		}
	}

	for (const [a, b] of [[tsAfter, goAfter], [goAfter, tsAfter]]) {
		test(`${a} to ${b}: sessions and mails of the second secret`, async () => {
			const ada = new Person();
			await ada.signUp(a);
			const signed = ada.cookies.get('better-auth.session_token');
			assert.equal((await ada.session(b)).user.email, ada.email);
			assert.equal(ada.cookies.get('better-auth.session_token'), signed);
			ok(await ada.client(a).sendVerificationEmail({ email: ada.email, callbackURL: '/verified' }));
			await ada.open(b, await a.mail('verify-email', ada.email));
			assert.equal((await ada.session(a)).user.emailVerified, true);
		});
	}

	// Last: a TypeScript server with the first secret alone fails at a key of the second.
	for (const [maker, reader] of [[tsAfter, goReader], [goMaker, tsAfter]]) {
		test(`${maker} makes a signing key for ${reader}`, async () => {
			await database.query('DELETE FROM jwks');
			const ada = new Person();
			await ada.signUp(tsAfter);
			const made = await token(ada, maker);
			const { rows } = await database.query('SELECT "privateKey" FROM jwks');
			assert.equal(rows.length, 1);
			assert.match(rows[0].privateKey, /^"\$ba\$1\$[0-9a-f]+"$/);
			assert.equal((await token(ada, reader)).kid, made.kid);
		});
	}
}
