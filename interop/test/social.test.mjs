// Sign-in with GitLab: a server of the tests that checks code, redirect address and PKCE.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { encodePerson } from '../lib/gitlab.mjs';
import { Person, ok, password, refused } from '../lib/person.mjs';
import { publicURL, gitlabURL, tested } from '../lib/sides.mjs';

// profileOf is what GitLab says of a person.
const profileOf = (person, more = {}) => ({
	id: randomInt(1_000_000_000),
	username: person.name,
	name: 'Ada at GitLab',
	email: person.email,
	email_verified: true,
	avatar_url: 'https://example.com/ada.png',
	state: 'active',
	locked: false,
	...more,
});

// consent is the person at GitLab: it says yes there and comes back to the server.
async function consent(side, person, address, profile) {
	const url = new URL(address);
	assert.equal(url.origin, gitlabURL);
	assert.equal(url.searchParams.get('code_challenge_method'), 'S256');
	assert.equal(url.searchParams.get('redirect_uri'), `${publicURL}/api/auth/callback/gitlab`);
	url.searchParams.set('person', encodePerson(profile));
	const back = await fetch(url, { redirect: 'manual' });
	assert.equal(back.status, 302);
	const response = await person.open(side, back.headers.get('location'));
	assert.equal(response.status, 302);
	return new URL(response.headers.get('location'), publicURL);
}

const pages = { callbackURL: '/dash', newUserCallbackURL: '/welcome', errorCallbackURL: '/oops' };

async function signIn(side, person, profile) {
	const { url, redirect } = ok(await person.client(side).signIn.social({ provider: 'gitlab', ...pages }));
	assert.equal(redirect, true);
	return consent(side, person, url, profile);
}

for (const side of tested) {
	test(`${side}: a new user, and again`, async () => {
		const ada = new Person();
		const profile = profileOf(ada);
		assert.equal((await signIn(side, ada, profile)).pathname, '/welcome');
		const { user } = await ada.session(side);
		assert.deepEqual([user.email, user.name, user.image, user.emailVerified], [ada.email, profile.name, profile.avatar_url, true]);

		const again = ada.elsewhere();
		assert.equal((await signIn(side, again, profile)).pathname, '/dash');
		assert.equal((await again.session(side)).user.id, user.id);

		const client = again.client(side);
		const [account] = ok(await client.listAccounts());
		assert.deepEqual([account.providerId, account.accountId, account.scopes], ['gitlab', String(profile.id), ['read_user']]);
		const { accessToken } = ok(await client.getAccessToken({ providerId: 'gitlab' }));
		const atGitLab = await fetch(`${gitlabURL}/api/v4/user`, { headers: { authorization: `Bearer ${accessToken}` } });
		assert.equal((await atGitLab.json()).id, profile.id);
		const refreshed = ok(await client.refreshToken({ providerId: 'gitlab' }));
		assert.notEqual(refreshed.accessToken, accessToken);
		refused(await client.unlinkAccount({ providerId: 'gitlab' }), 400, 'FAILED_TO_UNLINK_LAST_ACCOUNT');
	});

	test(`${side}: an account is linked and unlinked`, async () => {
		const ada = new Person();
		await ada.signUp(side);
		const client = ada.client(side);
		const profile = profileOf(ada);
		const { url } = ok(await client.linkSocial({ provider: 'gitlab', callbackURL: '/linked', errorCallbackURL: '/oops' }));
		assert.equal((await consent(side, ada, url, profile)).pathname, '/linked');
		const accounts = ok(await client.listAccounts());
		assert.deepEqual(accounts.map(({ providerId }) => providerId).sort(), ['credential', 'gitlab']);
		const elsewhere = ada.elsewhere();
		await signIn(side, elsewhere, profile);
		assert.equal((await elsewhere.session(side)).user.id, ada.id);
		assert.deepEqual(ok(await client.unlinkAccount({ providerId: 'gitlab', accountId: String(profile.id) })), { status: true });
		assert.equal(ok(await client.listAccounts()).length, 1);
	});

	test(`${side}: an address that the provider did not verify is not linked`, async () => {
		const ada = new Person();
		await ada.signUp(side);
		const eve = ada.elsewhere();
		const page = await signIn(side, eve, profileOf(ada, { email_verified: false }));
		assert.deepEqual([page.pathname, page.searchParams.get('error')], ['/oops', 'account_not_linked']);
		assert.equal(await eve.session(side), null);
		assert.equal(ok(await ada.client(side).listAccounts()).length, 1);
		await ada.elsewhere().signIn(side, password);
	});

	test(`${side}: a state of another browser is refused`, async () => {
		const [ada, eve] = [new Person(), new Person('eve')];
		const { url } = ok(await eve.client(side).signIn.social({ provider: 'gitlab', ...pages }));
		const page = await consent(side, ada, url, profileOf(eve));
		assert.ok(page.searchParams.get('error') ?? page.searchParams.get('state'), page.href);
		assert.equal(await ada.session(side), null);
	});

	test(`${side}: what a social sign-in refuses`, async () => {
		const client = new Person().client(side);
		refused(await client.signIn.social({ provider: 'nope' }), 404, 'PROVIDER_NOT_FOUND');
		refused(await client.signIn.social({ provider: 'gitlab', errorCallbackURL: 'https://evil.example' }), 403, 'INVALID_ERROR_CALLBACK_URL');
		refused(await client.linkSocial({ provider: 'gitlab', callbackURL: '/' }), 401, 'UNAUTHORIZED');
	});
}
