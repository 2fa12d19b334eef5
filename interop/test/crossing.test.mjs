// One database, two servers: what one of them writes, signs or mails, the other one takes,
// in the middle of whatever a person does, in both directions.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import pg from 'pg';
import { encodePerson } from '../lib/gitlab.mjs';
import { Person, ok, password, refused } from '../lib/person.mjs';
import { both, databaseURL, publicURL, sides } from '../lib/sides.mjs';

const slug = () => `acme-${randomBytes(6).toString('hex')}`;
const pairs = both ? [[sides.ts, sides.go], [sides.go, sides.ts]] : [];
const database = new pg.Pool({ connectionString: databaseURL, max: 1 });
after(() => database.end());

async function verified(a, name) {
	const person = new Person(name);
	await person.signUp(a);
	await database.query('UPDATE "user" SET "emailVerified" = true WHERE id = $1', [person.id]);
	return person;
}

// shared is what both servers say of a session: not the app's own field of the user.
function shared({ session, user: { locale, ...user } }) {
	return { session, user };
}

// operate runs an operation of the TypeScript side that has no address of its own.
async function operate(operation, body) {
	const response = await fetch(`${sides.ts.url}/server/${operation}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});
	assert.equal(response.status, 200, operation);
	return response.json();
}

for (const [a, b] of pairs) {
	test(`${a} to ${b}: a session`, async () => {
		const ada = new Person();
		await ada.signUp(a);
		const { session, user } = shared(await ada.session(a));
		assert.deepEqual(shared(await ada.session(b)), { session, user });
		assert.equal(ok(await ada.client(b).listSessions()).length, 1);
		const { token } = session;
		assert.equal(ok(await new Person().client(b, { authorization: `Bearer ${token}` }).getSession()).user.id, ada.id);

		const response = await ada.fetch(`${b.url}/api/me`);
		assert.equal(response.status, 200);
		assert.equal((await response.json()).user.email, ada.email);

		ok(await ada.client(b).updateUser({ name: 'Ada Lovelace' }));
		assert.equal((await ada.session(a)).user.name, 'Ada Lovelace');
		ok(await ada.client(b).signOut());
		assert.equal(ok(await new Person().client(a, { authorization: `Bearer ${token}` }).getSession()), null);
	});

	test(`${a} to ${b}: a session is refreshed and expires`, async () => {
		const ada = new Person();
		await ada.signUp(a);
		const day = 24 * 3600 * 1000;
		const setLife = (days) =>
			database.query(`UPDATE session SET "expiresAt" = $1 WHERE "userId" = $2`, [new Date(Date.now() + days * day), ada.id]);
		await setLife(5);
		const lifeAt = async (side) => Math.round(((await ada.session(side)).session.expiresAt - Date.now()) / day);
		await lifeAt(b);
		assert.equal(await lifeAt(a), 7);
		await setLife(-1);
		assert.equal(await ada.session(b), null);
		assert.equal(await ada.session(a), null);
	});

	test(`${a} to ${b}: sessions are revoked`, async () => {
		const ada = new Person();
		await ada.signUp(a);
		const others = [ada.elsewhere(), ada.elsewhere()];
		await others[0].signIn(a);
		await others[1].signIn(b);
		assert.equal(ok(await ada.client(b).listSessions()).length, 3);
		ok(await ada.client(b).revokeOtherSessions());
		for (const other of others) assert.equal(await other.session(a), null);
		assert.ok(await ada.session(a));
	});

	test(`${a} to ${b}: a password`, async () => {
		const ada = new Person();
		ada.name = 'Zoë';
		const first = 'Pässwörd ﬁne 🔑'; // It is hashed in Unicode's form NFKC.
		ada.id = ok(await ada.client(a).signUp.email({ name: ada.name, email: ada.email, password: first })).user.id;
		await ada.elsewhere().signIn(b, first);
		await ada.elsewhere().signIn(b, first.normalize('NFKC'));
		refused(await ada.client(b).signIn.email({ email: ada.email, password }), 401, 'INVALID_EMAIL_OR_PASSWORD');
		ok(await ada.client(b).changePassword({ currentPassword: first, newPassword: 'another password', revokeOtherSessions: true }));
		assert.ok(await ada.session(a));
		await ada.elsewhere().signIn(a, 'another password');
	});

	test(`${a} to ${b}: a password reset`, async () => {
		const ada = new Person();
		await ada.signUp(b);
		ok(await new Person().client(a).requestPasswordReset({ email: ada.email, redirectTo: '/reset' }));
		const page = await ada.elsewhere().open(b, await a.mail('reset-password', ada.email));
		const token = new URL(page.headers.get('location'), publicURL).searchParams.get('token');
		ok(await new Person().client(b).resetPassword({ newPassword: 'another password', token }));
		await ada.elsewhere().signIn(a, 'another password');
		refused(await new Person().client(a).resetPassword({ newPassword: 'one more password', token }), 400, 'INVALID_TOKEN');
	});

	test(`${a} to ${b}: mails are verified`, async () => {
		const ada = new Person();
		await ada.signUp(a);
		ok(await ada.client(a).sendVerificationEmail({ email: ada.email, callbackURL: '/verified' }));
		await ada.open(b, await a.mail('verify-email', ada.email));
		assert.equal((await ada.session(a)).user.emailVerified, true);

		const next = new Person().email;
		ok(await ada.client(a).changeEmail({ newEmail: next, callbackURL: '/account' }));
		await ada.open(b, await a.mail('change-email-confirmation', ada.email));
		await ada.open(a, await b.mail('change-email-verification', next));
		const { user } = await ada.session(b);
		assert.deepEqual([user.email, user.emailVerified], [next, true]);
	});

	test(`${a} to ${b}: a user is deleted`, async () => {
		const ada = new Person();
		await ada.signUp(a);
		ok(await ada.client(a).deleteUser({ callbackURL: '/bye' }));
		const response = await ada.open(b, await a.mail('delete-user', ada.email));
		assert.equal(response.status, 302);
		refused(await ada.client(a).signIn.email({ email: ada.email, password }), 401, 'INVALID_EMAIL_OR_PASSWORD');
		const { rows } = await database.query('SELECT 1 FROM account WHERE "userId" = $1 UNION ALL SELECT 1 FROM session WHERE "userId" = $1', [ada.id]);
		assert.equal(rows.length, 0);
	});

	test(`${a} to ${b}: an API key`, async () => {
		const ada = new Person();
		await ada.signUp(a);
		const { key, id } = ok(await ada.client(a).apiKey.create({ name: 'ci', metadata: { env: 'prod', list: [1, null, 'ä'] }, expiresIn: 7 * 24 * 3600 }));
		const machine = (side) => new Person().client(side, { 'x-agentuity-auth-api-key': key });
		assert.equal(ok(await machine(b).getSession()).user.id, ada.id);
		assert.equal((await fetch(`${b.url}/api/v1/projects`, { headers: { 'x-agentuity-auth-api-key': key } })).status, 200);

		const read = ok(await ada.client(b).apiKey.get({ query: { id } }));
		assert.deepEqual(read.metadata, { env: 'prod', list: [1, null, 'ä'] });
		assert.equal(read.requestCount, 2);
		assert.equal(ok(await ada.client(b).apiKey.list()).apiKeys[0].id, id);
		ok(await ada.client(b).apiKey.update({ keyId: id, name: 'deploy', metadata: { env: 'test' } }));
		const same = ok(await ada.client(a).apiKey.get({ query: { id } }));
		assert.deepEqual([same.name, same.metadata], ['deploy', { env: 'test' }]);
		assert.deepEqual(same.expiresAt, read.expiresAt);
		assert.equal((await operate('verify-api-key', { key })).valid, true);
		ok(await ada.client(b).apiKey.delete({ keyId: id }));
		refused(await machine(a).getSession(), 401, 'INVALID_API_KEY');
		assert.equal((await operate('verify-api-key', { key })).valid, false);
	});

	test(`${a} to ${b}: uses of a key are counted together`, async () => {
		const ada = new Person();
		await ada.signUp(a);
		const { key } = ok(await ada.client(a).apiKey.create({ name: 'ten a day' }));
		const use = async (side) => new Person().client(side, { 'x-agentuity-auth-api-key': key }).getSession();
		for (let i = 0; i < 5; i++) {
			ok(await use(a));
			ok(await use(b));
		}
		for (const side of [a, b]) assert.ok((await use(side)).error, `${side} lets an eleventh use pass`);

		const limited = await operate('create-api-key', { userId: ada.id, remaining: 3, permissions: { project: ['read'] }, rateLimitEnabled: false });
		const project = async (side) => (await fetch(`${side.url}/api/v1/projects`, { headers: { 'x-agentuity-auth-api-key': limited.key } })).status;
		assert.deepEqual([await project(b), await project(a), await project(b)], [200, 200, 200]);
		assert.notEqual(await project(b), 200);
		assert.notEqual(await project(a), 200);
	});

	test(`${a} to ${b}: JWTs`, async () => {
		const ada = new Person();
		await ada.signUp(a);
		const issued = [ok(await ada.client(a).token()).token, ok(await ada.client(b).token()).token];
		const claims = [];
		for (const side of [a, b]) {
			const keys = createRemoteJWKSet(new URL(`${side.url}/api/auth/jwks`));
			for (const token of issued) {
				const { payload } = await jwtVerify(token, keys, { issuer: publicURL, audience: publicURL, algorithms: ['EdDSA'] });
				const { iat, exp, ...rest } = payload;
				claims.push({ ...rest, life: exp - iat });
			}
		}
		for (const other of claims) assert.deepEqual(other, claims[0]);
		for (const token of issued) assert.equal((await operate('verify-jwt', { token })).payload.sub, ada.id);
	});

	test(`${a} to ${b}: organizations, members, invitations`, async () => {
		const [ada, bob, cy] = [await verified(a, 'ada'), await verified(b, 'bob'), await verified(a, 'cy')];
		const at = (person, side) => person.client(side).organization;
		const acme = ok(await at(ada, a).create({ name: 'Acme', slug: slug(), metadata: { tier: 'gold' } }));
		const plain = ok(await at(ada, a).create({ name: 'Plain', slug: slug(), keepCurrentActiveOrganization: true }));
		assert.equal((await ada.session(b)).session.activeOrganizationId, acme.id);
		assert.deepEqual(ok(await at(ada, a).list()), ok(await at(ada, b).list()));

		const first = ok(await at(ada, a).inviteMember({ email: bob.email, role: 'admin' }));
		const second = ok(await at(ada, b).inviteMember({ email: cy.email, role: ['member'] }));
		refused(await at(ada, b).inviteMember({ email: bob.email, role: 'admin' }), 400, 'USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION');
		assert.deepEqual(ok(await at(ada, a).listInvitations()), ok(await at(ada, b).listInvitations()));
		assert.equal(ok(await at(bob, b).listUserInvitations())[0].id, first.id);
		assert.equal(ok(await at(bob, b).acceptInvitation({ invitationId: first.id })).member.role, 'admin');
		assert.equal(ok(await at(cy, a).acceptInvitation({ invitationId: second.id })).member.role, 'member');
		refused(await at(bob, a).acceptInvitation({ invitationId: first.id }), 400, 'INVITATION_NOT_FOUND');
		assert.equal((await bob.session(a)).session.activeOrganizationId, acme.id);
		assert.deepEqual(ok(await at(ada, a).getFullOrganization()), ok(await at(ada, b).getFullOrganization()));

		const members = ok(await at(bob, a).listMembers({ query: { sortBy: 'createdAt' } }));
		assert.deepEqual(ok(await at(bob, b).listMembers({ query: { sortBy: 'createdAt' } })), members);
		assert.deepEqual(members.members.map(({ role }) => role), ['owner', 'admin', 'member']);
		const memberId = members.members[2].id;
		ok(await at(ada, b).updateMemberRole({ memberId, role: ['member', 'admin'] }));
		assert.equal(ok(await at(cy, a).hasPermission({ permissions: { member: ['create'] } })).success, true);
		assert.equal(ok(await at(cy, b).hasPermission({ permissions: { organization: ['delete'] } })).success, false);

		const me = await cy.fetch(`${b.url}/api/me`);
		assert.equal(me.status, 200);
		assert.equal((await me.json()).org.id, acme.id);

		ok(await at(bob, a).removeMember({ memberIdOrEmail: cy.email }));
		refused(await at(cy, b).getFullOrganization({ query: { organizationId: acme.id } }), 403, 'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION');
		refused(await at(ada, b).leave({ organizationId: acme.id }), 400, 'YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER');
		ok(await at(ada, b).update({ organizationId: acme.id, data: { name: 'Acme 2', metadata: { tier: 'silver' } } }));
		assert.equal(ok(await at(ada, a).getFullOrganization()).name, 'Acme 2');
		ok(await at(ada, a).setActive({ organizationId: plain.id }));
		assert.equal((await ada.session(b)).session.activeOrganizationId, plain.id);
		ok(await at(ada, b).delete({ organizationId: acme.id }));
		assert.deepEqual(ok(await at(ada, a).list()).map(({ id }) => id), [plain.id]);
	});

	test(`${a} to ${b}: a social sign-in`, async () => {
		const ada = new Person();
		const profile = { id: `${Date.now()}`, username: 'ada', name: 'Ada', email: ada.email, email_verified: true, state: 'active', locked: false };
		const signIn = async (from, to) => {
			const start = ok(await ada.client(from).signIn.social({ provider: 'gitlab', callbackURL: '/dash', newUserCallbackURL: '/welcome' }));
			const url = new URL(start.url);
			url.searchParams.set('person', encodePerson(profile));
			const back = await fetch(url, { redirect: 'manual' });
			const response = await ada.open(to, back.headers.get('location'));
			return new URL(response.headers.get('location'), publicURL).pathname;
		};
		assert.equal(await signIn(a, b), '/welcome');
		const { user } = await ada.session(a);
		assert.equal(await signIn(b, a), '/dash');
		assert.equal((await ada.session(b)).user.id, user.id);
		const [{ accessToken }, again] = [ok(await ada.client(b).getAccessToken({ providerId: 'gitlab' })), ok(await ada.client(a).getAccessToken({ providerId: 'gitlab' }))];
		assert.equal(again.accessToken, accessToken);
		ok(await ada.client(b).refreshToken({ providerId: 'gitlab' }));
		assert.notEqual(ok(await ada.client(a).getAccessToken({ providerId: 'gitlab' })).accessToken, accessToken);
	});
}
