// The TypeScript server: the published createAuth of @agentuity/auth with every feature
// that needs a setting switched on, and the routes of an app that uses its middlewares.
//
// Settings come from the environment: PORT, DATABASE_URL, GITLAB_ISSUER, GITLAB_CLIENT_ID,
// GITLAB_CLIENT_SECRET, AUTH_COOKIE_CACHE, AUTH_ENCRYPT_TOKENS, and AGENTUITY_BASE_URL, AGENTUITY_AUTH_SECRET and
// BETTER_AUTH_SECRETS, which the package reads itself. Mails are printed as "mail <address> <link>".
import { createServer } from 'node:http';
import { createApiKeyMiddleware, createAuth, createSessionMiddleware } from '@agentuity/auth';
import { Hono } from 'hono';

const mail = async (to, url) => console.log(`mail ${to} ${url}`);

const cache = process.env.AUTH_COOKIE_CACHE;

const auth = createAuth({
	connectionString: process.env.DATABASE_URL,
	emailAndPassword: {
		enabled: true,
		sendResetPassword: ({ user, url }) => mail(user.email, url),
	},
	emailVerification: {
		sendVerificationEmail: ({ user, url }) => mail(user.email, url),
	},
	user: {
		changeEmail: {
			enabled: true,
			sendChangeEmailConfirmation: ({ user, url }) => mail(user.email, url),
		},
		deleteUser: {
			enabled: true,
			sendDeleteAccountVerification: ({ user, url }) => mail(user.email, url),
		},
	},
	session: cache ? { cookieCache: { enabled: true, strategy: cache } } : {},
	account: { encryptOAuthTokens: process.env.AUTH_ENCRYPT_TOKENS === 'on' },
	socialProviders: {
		gitlab: {
			issuer: process.env.GITLAB_ISSUER,
			clientId: process.env.GITLAB_CLIENT_ID,
			clientSecret: process.env.GITLAB_CLIENT_SECRET,
		},
	},
});

const app = new Hono();
app.notFound((c) => c.body(null, 404));
app.on(['GET', 'POST'], '/api/auth/*', (c) => auth.handler(c.req.raw));

// What an app does with a session and with a key.
app.get('/api/me', createSessionMiddleware(auth), async (c) =>
	c.json({ user: c.var.user, org: await c.var.auth.getOrg(), role: await c.var.auth.getOrgRole() }),
);
app.get('/api/v1/key', createApiKeyMiddleware(auth), (c) => c.json({ name: c.var.auth.apiKey.name }));
app.get('/api/v1/projects', createApiKeyMiddleware(auth), (c) => c.json({ projects: [] }));

// The operations of the package that it does not serve, for the tests.
const operations = {
	'add-member': auth.api.addMember,
	'create-api-key': auth.api.createApiKey,
	'set-password': auth.api.setPassword,
	'sign-jwt': auth.api.signJWT,
	'update-api-key': auth.api.updateApiKey,
	'verify-api-key': auth.api.verifyApiKey,
	'verify-jwt': auth.api.verifyJWT,
};
app.post('/server/:operation', async (c) => {
	const cookie = c.req.header('cookie');
	try {
		return c.json(await operations[c.req.param('operation')]({ body: await c.req.json(), headers: cookie ? { cookie } : undefined }));
	} catch (error) {
		if (error.name !== 'APIError') throw error;
		return c.json(error.body, error.statusCode);
	}
});

const server = createServer(async (request, response) => {
	const body = [];
	for await (const chunk of request) body.push(chunk);
	// A body without a type is none, as in the handler for Node that comes with the package.
	const hasBody = !['GET', 'HEAD'].includes(request.method) && body.length > 0 && request.headers['content-type'];
	const scheme = request.headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
	const answer = await app.fetch(
		new Request(`${scheme}://${request.headers.host}${request.url}`, {
			method: request.method,
			headers: request.headers,
			body: hasBody ? Buffer.concat(body) : undefined,
		}),
	);
	response.statusCode = answer.status;
	for (const [name, value] of answer.headers) {
		if (name !== 'set-cookie') response.setHeader(name, value);
	}
	const cookies = answer.headers.getSetCookie();
	if (cookies.length > 0) response.setHeader('set-cookie', cookies);
	response.end(Buffer.from(await answer.arrayBuffer()));
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));

// The package handles SIGTERM to close its connections, and does not end the process.
process.on('SIGTERM', () => process.exit(0));
