// Prints what the published better-auth encrypts under several secrets, for the tests of internal/sealed:
//
//	cd interop && npm ci --ignore-scripts && node vectors/sealed.mjs > ../internal/sealed/testdata/foreign.json
//
// The nonces are random: each run prints other texts.
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { symmetricDecrypt, symmetricEncrypt } from 'better-auth/crypto';

const before = 'before-there-were-versions-0123456789';
const one = 'the-first-version-0123456789-abcdefghij';
const two = 'the-second-version-0123456789-abcdefghi';
const plain = '{"kty":"OKP","d":"schlüssel"}';

// keys returns what the package makes of its settings.
async function keys(settings) {
	const auth = betterAuth({ baseURL: 'http://localhost', database: memoryAdapter({}), ...settings });
	return (await auth.$context).secretConfig;
}

const single = await keys({ secret: before });
const first = await keys({ secret: before, secrets: [{ version: 1, value: one }] });
const second = await keys({
	secret: before,
	secrets: [
		{ version: 2, value: two },
		{ version: 1, value: one },
	],
});
const texts = {
	bare: await symmetricEncrypt({ key: single, data: plain }),
	first: await symmetricEncrypt({ key: first, data: plain }),
	second: await symmetricEncrypt({ key: second, data: plain }),
};
for (const [name, text] of Object.entries(texts)) {
	if ((await symmetricDecrypt({ key: second, data: text })) !== plain) throw new Error(`${name} is not decrypted`);
}
console.log(JSON.stringify({ before, one, two, plain, ...texts }, null, '\t'));
