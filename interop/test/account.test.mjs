// Accounts and sessions, as the official client uses them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Person, ok, password, refused } from '../lib/person.mjs';
import { tested } from '../lib/sides.mjs';

for (const side of tested) {
	test(`${side}: sign up, sign out, sign in`, async () => {
		const ada = new Person();
		const client = ada.client(side);
		assert.equal(ok(await client.getSession()), null);

		const { user, token } = ok(await client.signUp.email({ name: 'Ada', email: ada.email, password, image: 'https://example.com/a.png' }));
		assert.match(token, /^[A-Za-z0-9]{32}$/);
		assert.equal(user.email, ada.email);
		assert.equal(user.emailVerified, false);
		assert.ok(user.createdAt instanceof Date, 'the client reads times as dates');

		const { session, user: same } = ok(await client.getSession());
		assert.deepEqual(same, user);
		assert.equal(session.token, token);
		assert.equal(session.userId, user.id);
		assert.equal(session.activeOrganizationId, null);
		const life = session.expiresAt - session.createdAt;
		assert.ok(Math.abs(life - 7 * 24 * 3600 * 1000) < 5000, `a session lives 7 days, not ${life} ms`);

		assert.deepEqual(ok(await client.signOut()), { success: true });
		assert.equal(ada.cookies.size, 0);
		assert.equal(ok(await client.getSession()), null);

		refused(await client.signIn.email({ email: ada.email, password: 'not the password' }), 401, 'INVALID_EMAIL_OR_PASSWORD');
		refused(await client.signIn.email({ email: 'nobody@example.com', password }), 401, 'INVALID_EMAIL_OR_PASSWORD');
		const signedIn = ok(await client.signIn.email({ email: ada.email.toUpperCase(), password, callbackURL: '/welcome' }));
		assert.deepEqual({ ...signedIn, user: signedIn.user.id }, { redirect: true, url: '/welcome', token: signedIn.token, user: user.id });
		assert.notEqual(signedIn.token, token);
		assert.equal((await ada.session(side)).session.token, signedIn.token);
	});

	test(`${side}: sign up is refused`, async () => {
		const ada = new Person();
		const client = new Person().client(side);
		await ada.signUp(side);
		const sign = (input) => client.signUp.email({ name: 'Eve', email: new Person('eve').email, password, ...input });
		refused(await sign({ email: ada.email }), 422, 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL');
		refused(await sign({ password: 'seven77' }), 400, 'PASSWORD_TOO_SHORT');
		refused(await sign({ password: 'x'.repeat(129) }), 400, 'PASSWORD_TOO_LONG');
		refused(await sign({ email: 'not an address' }), 400, 'VALIDATION_ERROR');
		refused(await sign({ callbackURL: 'https://evil.example' }), 403, 'INVALID_CALLBACK_URL');
	});

	test(`${side}: a session that is not remembered`, async () => {
		const ada = new Person();
		await ada.signUp(side);
		const other = ada.elsewhere();
		ok(await other.client(side).signIn.email({ email: ada.email, password, rememberMe: false }));
		assert.deepEqual([...other.cookies.keys()].sort(), ['better-auth.dont_remember', 'better-auth.session_token']);
		const { session } = await other.session(side);
		const life = session.expiresAt - session.createdAt;
		assert.ok(Math.abs(life - 24 * 3600 * 1000) < 5000, `it lives a day, not ${life} ms`);
	});

	test(`${side}: the user is updated`, async () => {
		const ada = new Person();
		const client = ada.client(side);
		await ada.signUp(side);
		assert.deepEqual(ok(await client.updateUser({ name: 'Ada Lovelace', image: 'https://example.com/ada.png' })), { status: true });
		const { user } = await ada.session(side);
		assert.deepEqual([user.name, user.image], ['Ada Lovelace', 'https://example.com/ada.png']);
		assert.ok(user.updatedAt > user.createdAt);
		ok(await client.updateUser({ image: null }));
		assert.equal((await ada.session(side)).user.image, null);
		refused(await client.updateUser({ email: 'other@example.com' }), 400, 'EMAIL_CAN_NOT_BE_UPDATED');
		refused(await new Person().client(side).updateUser({ name: 'nobody' }), 401, 'UNAUTHORIZED');
	});

	test(`${side}: the password is changed`, async () => {
		const ada = new Person();
		const client = ada.client(side);
		await ada.signUp(side);
		const other = ada.elsewhere();
		await other.signIn(side);

		const changed = 'a new password';
		refused(await client.changePassword({ currentPassword: 'wrong one', newPassword: changed }), 400, 'INVALID_PASSWORD');
		refused(await client.changePassword({ currentPassword: password, newPassword: 'short' }), 400, 'PASSWORD_TOO_SHORT');
		const { token } = ok(await client.changePassword({ currentPassword: password, newPassword: changed, revokeOtherSessions: true }));
		assert.equal((await ada.session(side)).session.token, token);
		assert.equal(await other.session(side), null);
		refused(await other.client(side).signIn.email({ email: ada.email, password }), 401, 'INVALID_EMAIL_OR_PASSWORD');
		await other.signIn(side, changed);
		assert.deepEqual(ok(await client.verifyPassword({ password: changed })), { status: true });
		refused(await client.verifyPassword({ password }), 400, 'INVALID_PASSWORD');
	});

	test(`${side}: sessions are listed and revoked`, async () => {
		const ada = new Person();
		const client = ada.client(side);
		await ada.signUp(side);
		const others = [ada.elsewhere(), ada.elsewhere(), ada.elsewhere()];
		for (const other of others) await other.signIn(side);

		const sessions = ok(await client.listSessions());
		assert.equal(sessions.length, 4);
		assert.ok(sessions.every((session) => session.userId === ada.id && session.expiresAt instanceof Date));

		const token = (await others[0].session(side)).session.token;
		assert.deepEqual(ok(await client.revokeSession({ token })), { status: true });
		assert.equal(await others[0].session(side), null);
		assert.ok(await others[1].session(side));

		// What the list calls the token of another session revokes that one.
		const other = (await others[1].session(side)).session;
		const listed = ok(await client.listSessions()).find(({ id }) => id === other.id);
		assert.deepEqual(ok(await client.revokeSession({ token: listed.token })), { status: true });
		assert.equal(await others[1].session(side), null);

		await others[1].signIn(side);
		assert.deepEqual(ok(await client.revokeOtherSessions()), { status: true });
		assert.equal(await others[1].session(side), null);
		assert.ok(await ada.session(side));

		await others[2].signIn(side);
		assert.deepEqual(ok(await client.revokeSessions()), { status: true });
		assert.equal(await ada.session(side), null);
		assert.equal(await others[2].session(side), null);
		refused(await client.listSessions(), 401, 'UNAUTHORIZED');
	});

	test(`${side}: a stranger's session is not revoked`, async () => {
		const [ada, eve] = [new Person(), new Person('eve')];
		await ada.signUp(side);
		await eve.signUp(side);
		const { token } = (await ada.session(side)).session;
		ok(await eve.client(side).revokeSession({ token }));
		assert.ok(await ada.session(side));
	});

	test(`${side}: bearer tokens`, async () => {
		const ada = new Person();
		let signed;
		ok(await ada.client(side).signUp.email(
			{ name: 'Ada', email: ada.email, password },
			{ onSuccess: ({ response }) => void (signed = response.headers.get('set-auth-token')) },
		));
		const { token } = (await ada.session(side)).session;
		assert.ok(signed.startsWith(token + '.'), `set-auth-token is ${signed}`);
		for (const bearer of [token, signed, encodeURIComponent(signed)]) {
			const machine = new Person().client(side, { authorization: `Bearer ${bearer}` });
			assert.equal(ok(await machine.getSession()).session.token, token);
			assert.equal(ok(await machine.listSessions()).length, 1);
		}
		const forged = new Person().client(side, { authorization: `Bearer ${token}.${'A'.repeat(43)}=` });
		assert.equal(ok(await forged.getSession()), null);
	});

	test(`${side}: requests from foreign pages are refused`, async () => {
		const ada = new Person();
		await ada.signUp(side);
		const cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
		const post = (headers) =>
			fetch(`${side.url}/api/auth/update-user`, {
				method: 'POST',
				headers: { 'content-type': 'application/json', cookie, ...headers },
				body: '{"name":"Eve"}',
			});
		for (const [headers, code] of [
			[{ origin: 'https://evil.example' }, 'INVALID_ORIGIN'],
			[{ origin: 'null' }, 'MISSING_OR_NULL_ORIGIN'],
			[{}, 'MISSING_OR_NULL_ORIGIN'],
		]) {
			const response = await post(headers);
			assert.equal(response.status, 403);
			assert.equal((await response.json()).code, code);
		}
		assert.equal((await ada.session(side)).user.name, 'ada');
	});
}
