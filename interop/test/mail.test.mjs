// What needs a mail: password reset, e-mail verification, change of e-mail, deletion.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Person, ok, password, refused } from '../lib/person.mjs';
import { publicURL, tested } from '../lib/sides.mjs';

// redirectOf returns where an answer leads to, as a URL.
function redirectOf(response) {
	assert.equal(response.status, 302);
	return new URL(response.headers.get('location'), publicURL);
}

for (const side of tested) {
	test(`${side}: the password is reset`, async () => {
		const ada = new Person();
		await ada.signUp(side);
		const client = ada.elsewhere().client(side);
		const { status } = ok(await client.requestPasswordReset({ email: ada.email, redirectTo: '/reset?step=2' }));
		assert.equal(status, true);
		const link = await side.mail('reset-password', ada.email);
		assert.ok(link.startsWith(`${publicURL}/api/auth/reset-password/`), link);
		assert.ok(link.endsWith('?callbackURL=%2Freset%3Fstep%3D2'), link);

		const page = redirectOf(await ada.elsewhere().open(side, link));
		assert.deepEqual([page.origin, page.pathname, page.searchParams.get('step')], [publicURL, '/reset', '2']);
		const token = page.searchParams.get('token');
		assert.match(token, /^[A-Za-z0-9]{24}$/);

		const newPassword = 'a new password';
		refused(await client.resetPassword({ newPassword: 'short', token }), 400, 'PASSWORD_TOO_SHORT');
		assert.deepEqual(ok(await client.resetPassword({ newPassword, token })), { status: true });
		refused(await client.resetPassword({ newPassword: 'once more please', token }), 400, 'INVALID_TOKEN');
		refused(await client.signIn.email({ email: ada.email, password }), 401, 'INVALID_EMAIL_OR_PASSWORD');
		await ada.elsewhere().signIn(side, newPassword);
		assert.equal(redirectOf(await ada.elsewhere().open(side, link)).searchParams.get('error'), 'INVALID_TOKEN');
	});

	test(`${side}: a reset for an unknown address tells nothing`, async () => {
		const [ada, nobody] = [new Person(), new Person('nobody')];
		await ada.signUp(side);
		const client = new Person().client(side);
		const known = ok(await client.requestPasswordReset({ email: ada.email, redirectTo: '/reset' }));
		assert.deepEqual(ok(await client.requestPasswordReset({ email: nobody.email, redirectTo: '/reset' })), known);
		refused(await client.requestPasswordReset({ email: ada.email, redirectTo: 'https://evil.example' }), 403, 'INVALID_REDIRECT_URL');
	});

	test(`${side}: the e-mail is verified`, async () => {
		const ada = new Person();
		const client = ada.client(side);
		await ada.signUp(side);
		assert.deepEqual(ok(await client.sendVerificationEmail({ email: ada.email, callbackURL: '/verified' })), { status: true });
		const link = await side.mail('verify-email', ada.email);
		assert.ok(link.startsWith(`${publicURL}/api/auth/verify-email?token=`), link);

		assert.equal(redirectOf(await ada.elsewhere().open(side, link)).pathname, '/verified');
		assert.equal((await ada.session(side)).user.emailVerified, true);
		refused(await client.sendVerificationEmail({ email: ada.email }), 400, 'EMAIL_ALREADY_VERIFIED');
		refused(await client.verifyEmail({ query: { token: 'garbage' } }), 401, 'INVALID_TOKEN');
		const token = new URL(link).searchParams.get('token');
		assert.equal(ok(await client.verifyEmail({ query: { token } })).status, true, 'a second visit is no error');
	});

	test(`${side}: the e-mail is changed`, async () => {
		const ada = new Person();
		const client = ada.client(side);
		await ada.signUp(side);
		refused(await client.changeEmail({ newEmail: 'no address' }), 400, 'VALIDATION_ERROR');

		// An address that was never verified: only the new one is asked.
		const second = new Person('ada-2').email;
		ok(await client.changeEmail({ newEmail: second, callbackURL: '/account' }));
		await ada.open(side, await side.mail('change-email-verification', second));
		let { user } = await ada.session(side);
		assert.deepEqual([user.email, user.emailVerified], [second, true]);

		// A verified one must agree first, then the new one.
		const third = new Person('ada-3').email;
		ok(await client.changeEmail({ newEmail: third, callbackURL: '/account' }));
		await ada.open(side, await side.mail('change-email-confirmation', second));
		assert.equal((await ada.session(side)).user.email, second);
		await ada.open(side, await side.mail('change-email-verification', third));
		({ user } = await ada.session(side));
		assert.deepEqual([user.email, user.emailVerified], [third, true]);

		ada.email = third;
		await ada.elsewhere().signIn(side);
		const taken = new Person('eve');
		await taken.signUp(side);
		assert.deepEqual(ok(await client.changeEmail({ newEmail: taken.email })), { status: true });
		assert.equal((await ada.session(side)).user.email, third);
	});

	test(`${side}: the user is deleted`, async () => {
		const [ada, eve] = [new Person(), new Person('eve')];
		await ada.signUp(side);
		await eve.signUp(side);
		refused(await ada.client(side).deleteUser({ password: 'wrong one' }), 400, 'INVALID_PASSWORD');
		const { success } = ok(await ada.client(side).deleteUser({ callbackURL: '/bye' }));
		assert.equal(success, true);
		assert.ok(await ada.session(side), 'nothing happens before the link is opened');

		const link = await side.mail('delete-user', ada.email);
		assert.ok(link.startsWith(`${publicURL}/api/auth/delete-user/callback?token=`), link);
		assert.equal((await eve.open(side, link)).status, 404);
		assert.ok(await ada.session(side), 'a link of another is worth nothing');
		assert.equal(redirectOf(await ada.open(side, link)).pathname, '/bye');
		assert.equal(await ada.session(side), null);
		refused(await ada.client(side).signIn.email({ email: ada.email, password }), 401, 'INVALID_EMAIL_OR_PASSWORD');
		await ada.signUp(side); // The address is free again.
	});

	test(`${side}: the user is deleted with the token`, async () => {
		const ada = new Person();
		await ada.signUp(side);
		ok(await ada.client(side).deleteUser());
		const token = new URL(await side.mail('delete-user', ada.email)).searchParams.get('token');
		assert.deepEqual(ok(await ada.client(side).deleteUser({ token })), { success: true, message: 'User deleted' });
		assert.equal(await ada.session(side), null);
	});
}
