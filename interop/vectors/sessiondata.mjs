// Prints cookies of the cookie cache that the published better-auth sets, and texts as JSON.stringify writes them, for the
// tests of internal/sessiondata:
//
//	cd interop && npm ci --ignore-scripts && node vectors/sessiondata.mjs > ../internal/sessiondata/testdata/foreign.json
//
// Times and ids are those of the run.
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';

const secret = 'a-secret-of-the-tests-0123456789abcdef';
const name = 'Zoë "\u2028\u007f\b</script>\u0001\\ 🔑';

// signUp signs a user up at a server with a cache, and returns the session_data that it sets.
async function signUp(strategy, image, version) {
	const auth = betterAuth({
		baseURL: 'http://localhost',
		secret,
		database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
		emailAndPassword: { enabled: true },
		session: { cookieCache: { enabled: true, strategy, version } },
		user: { additionalFields: { rank: { type: 'number', defaultValue: 1.5e-7 } } },
	});
	const { headers, response } = await auth.api.signUpEmail({
		body: { name, email: 'zoe@example.com', password: 'password-1', image },
		returnHeaders: true,
	});
	const parts = headers.getSetCookie().filter((line) => line.startsWith('better-auth.session_data'));
	return {
		strategy,
		version: version ?? '1',
		token: response.token,
		image: image ?? null,
		chunks: parts.map((line) => /=([^;]*)/.exec(line)[1]),
		names: parts.map((line) => line.split('=')[0]),
		seconds: Number(/Max-Age=(\d+)/.exec(parts[0])[1]),
	};
}

const texts = [
	' { "b" : 1 , "a" : [ ] , "10" : 1, "9" : 2, "01": 3, "-1": 4, "4294967295": 5, "4294967294": 6, "b" : 2 } ',
	'[1.0, 1e21, 1E20, 0.000001, 1e-7, -0, -0.0, 0.1, 5e-324, 1.7976931348623157e308, 0.30000000000000004, 100, -9007199254740992]',
	'"\\u2028\\u2029\\u007f\\u0000\\u001f\\b\\f\\n\\r\\t\\"\\\\\\/ <>&\\ud83d\\ude00 é\\u00e9"',
	'{"":{"":[{}, [], null, true, false, "", {"__proto__": 1, "constructor": 2}]}}',
];

console.log(
	JSON.stringify(
		{
			secret,
			name,
			cookies: [
				await signUp('compact'),
				await signUp('jwt', undefined, '7'),
				await signUp('jwe'),
				await signUp('compact', `https://example.com/${'é'.repeat(1500)}`),
				await signUp('jwe', `https://example.com/${'é'.repeat(1500)}`),
			],
			texts: texts.map((text) => [text, JSON.stringify(JSON.parse(text))]),
		},
		null,
		'\t',
	),
);
