// API keys, as the official client and the machines that hold them use them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Person, ok, refused } from '../lib/person.mjs';
import { tested } from '../lib/sides.mjs';

const withKey = (key) => ({ headers: { 'x-agentuity-auth-api-key': key } });

for (const side of tested) {
	test(`${side}: a key is created, read, updated, deleted`, async () => {
		const [ada, eve] = [new Person(), new Person('eve')];
		await ada.signUp(side);
		await eve.signUp(side);
		const { apiKey } = ada.client(side);
		const day = 24 * 3600;
		const { key, ...created } = ok(await apiKey.create({ name: 'ci', metadata: { env: 'prod' }, expiresIn: 7 * day }));
		assert.match(key, /^ag_[A-Za-z]{64}$/);
		assert.deepEqual([created.start, created.prefix, created.referenceId, created.enabled], [key.slice(0, 6), 'ag_', ada.id, true]);
		assert.deepEqual(created.metadata, { env: 'prod' });
		const life = created.expiresAt - created.createdAt;
		assert.ok(Math.abs(life - 7 * day * 1000) < 5000, `it lives 7 days, not ${life} ms`);

		const read = ok(await apiKey.get({ query: { id: created.id } }));
		assert.deepEqual([read.id, read.name, read.metadata], [created.id, 'ci', { env: 'prod' }]);
		assert.ok(!('key' in read), 'the key is shown once');
		const other = ok(await apiKey.create({ prefix: 'my_' }));
		assert.ok(other.key.startsWith('my_'));
		const { apiKeys, total } = ok(await apiKey.list());
		assert.deepEqual(apiKeys.map(({ id }) => id).sort(), [created.id, other.id].sort());
		assert.equal(total, 2);

		const updated = ok(await apiKey.update({ keyId: created.id, name: 'deploy', metadata: { env: 'test' } }));
		assert.deepEqual([updated.name, updated.metadata], ['deploy', { env: 'test' }]);
		for (const refusal of [
			await eve.client(side).apiKey.get({ query: { id: created.id } }),
			await eve.client(side).apiKey.update({ keyId: created.id, name: 'mine' }),
			await eve.client(side).apiKey.delete({ keyId: created.id }),
		]) {
			refused(refusal, 404, 'KEY_NOT_FOUND');
		}
		assert.deepEqual(ok(await apiKey.delete({ keyId: created.id })), { success: true });
		refused(await apiKey.get({ query: { id: created.id } }), 404, 'KEY_NOT_FOUND');
	});

	test(`${side}: what a client may not say of its key`, async () => {
		const ada = new Person();
		await ada.signUp(side);
		const { apiKey } = ada.client(side);
		for (const input of [{ remaining: 5 }, { refillAmount: 1 }, { rateLimitMax: 100 }, { rateLimitEnabled: false }, { permissions: { project: ['read'] } }]) {
			refused(await apiKey.create(input), 400, 'SERVER_ONLY_PROPERTY');
		}
		refused(await apiKey.create({ name: 'x'.repeat(33) }), 400, 'INVALID_NAME_LENGTH');
		refused(await apiKey.create({ expiresIn: 60 }), 400, 'EXPIRES_IN_IS_TOO_SMALL');
		refused(await apiKey.create({ userId: ada.id, name: 'x' }), 401, 'UNAUTHORIZED_SESSION');
		refused(await new Person().client(side).apiKey.create({ name: 'x' }), 401, 'UNAUTHORIZED_SESSION');
	});

	test(`${side}: a key stands for its owner`, async () => {
		const ada = new Person();
		await ada.signUp(side);
		const { key, id } = ok(await ada.client(side).apiKey.create({ name: 'machine' }));
		const machine = new Person().client(side, withKey(key).headers);
		const { session, user } = ok(await machine.getSession());
		assert.deepEqual([user.id, user.email, session.userId, session.id], [ada.id, ada.email, ada.id, id]);

		assert.equal((await fetch(`${side.url}/api/v1/projects`, withKey(key))).status, 200);
		assert.equal((await fetch(`${side.url}/api/v1/projects`, { headers: { authorization: `ApiKey ${key}` } })).status, 200);
		const anonymous = await fetch(`${side.url}/api/v1/projects`);
		assert.equal(anonymous.status, 401);
		assert.deepEqual(await anonymous.json(), { error: 'Unauthorized: API key required' });
		const unknown = await fetch(`${side.url}/api/v1/projects`, withKey('ag_' + 'x'.repeat(64)));
		assert.equal(unknown.status, 401);
		assert.deepEqual(await unknown.json(), { error: 'Unauthorized: Invalid API key' });

		ok(await ada.client(side).apiKey.update({ keyId: id, enabled: false }));
		refused(await machine.getSession(), 401, 'KEY_DISABLED');
		ok(await ada.client(side).apiKey.update({ keyId: id, enabled: true }));
		assert.equal(ok(await machine.getSession()).user.id, ada.id);
		ok(await ada.client(side).apiKey.delete({ keyId: id }));
		refused(await machine.getSession(), 401, 'INVALID_API_KEY');
	});
}
