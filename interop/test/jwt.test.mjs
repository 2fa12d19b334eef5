// JWTs, verified by another library with the keys that a server publishes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Person, ok, password, refused } from '../lib/person.mjs';
import { publicURL, tested } from '../lib/sides.mjs';

for (const side of tested) {
	test(`${side}: a token is verified with the published keys`, async () => {
		const ada = new Person();
		await ada.signUp(side);
		const client = ada.client(side);
		const { session, user } = await ada.session(side);
		const { token } = ok(await client.token());
		const keys = createRemoteJWKSet(new URL(`${side.url}/api/auth/jwks`));
		const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer: publicURL, audience: publicURL, algorithms: ['EdDSA'] });
		assert.equal(payload.sub, ada.id);
		assert.equal(payload.exp - payload.iat, 900);
		const { iat, exp, iss, aud, ...claims } = payload;
		assert.deepEqual(claims, {
			sub: ada.id,
			email: ada.email,
			name: 'ada',
			emailVerified: false,
			createdAt: user.createdAt.toISOString(),
			updatedAt: user.updatedAt.toISOString(),
			sessionId: session.id,
			activeOrganizationId: null,
		});
		const { keys: published } = ok(await client.jwks());
		assert.ok(published.some(({ kid }) => kid === protectedHeader.kid));
		assert.ok(published.every((key) => key.kty === 'OKP' && key.crv === 'Ed25519' && key.alg === 'EdDSA' && !('d' in key)));
	});

	test(`${side}: a session is answered with a token`, async () => {
		const ada = new Person();
		await ada.signUp(side);
		let token;
		ok(await ada.client(side).getSession({ fetchOptions: { onSuccess: ({ response }) => void (token = response.headers.get('set-auth-jwt')) } }));
		const keys = createRemoteJWKSet(new URL(`${side.url}/api/auth/jwks`));
		const { payload } = await jwtVerify(token, keys, { issuer: publicURL, audience: publicURL });
		assert.equal(payload.sub, ada.id);
	});

	test(`${side}: a token has the active organization`, async () => {
		const ada = new Person();
		await ada.signUp(side);
		const client = ada.client(side);
		const { id } = ok(await client.organization.create({ name: 'Acme', slug: `acme-${ada.id.toLowerCase()}` }));
		const { token } = ok(await client.token());
		const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(`${side.url}/api/auth/jwks`)));
		assert.equal(payload.activeOrganizationId, id);
	});

	test(`${side}: no token without a session`, async () => {
		refused(await new Person().client(side).token(), 401, 'UNAUTHORIZED');
		const ada = new Person();
		await ada.signUp(side);
		ok(await ada.client(side).signOut());
		refused(await ada.client(side).token(), 401, 'UNAUTHORIZED');
		await ada.signIn(side, password);
		ok(await ada.client(side).token());
	});
}
