// A GitLab for the tests, with the three addresses that a sign-in uses. The person at the
// browser is the query parameter "person" of /oauth/authorize: the profile as base64url of
// JSON. A code is good once, for the client, the redirect address and the PKCE verifier
// that it was made for. A recorded exchange has no person: its code is the profile itself.
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

// The client of the recorded exchanges.
export const clientID = 'peer-client';
export const clientSecret = 'interop-client-secret';

// encodePerson is the value of the parameter "person".
export const encodePerson = (profile) => Buffer.from(JSON.stringify(profile)).toString('base64url');

// decodePerson is the inverse of encodePerson, or null.
function decodePerson(text) {
	try {
		return { state: 'active', locked: false, ...JSON.parse(Buffer.from(text, 'base64url')) };
	} catch {
		return null;
	}
}

const token = () => randomBytes(24).toString('base64url');

// startGitLab serves on a free port of the loopback interface.
export function startGitLab() {
	const codes = new Map(); // What a code was made for.
	const refreshTokens = new Map(); // Profiles.
	const accessTokens = new Map(); // Profiles.

	function authorize(query, response) {
		if (query.get('client_id') !== clientID || query.get('response_type') !== 'code') {
			return json(response, 400, { error: 'invalid_request' });
		}
		const code = token();
		codes.set(code, {
			profile: decodePerson(query.get('person')),
			redirectURI: query.get('redirect_uri'),
			challenge: query.get('code_challenge'),
		});
		const back = new URL(query.get('redirect_uri'));
		back.searchParams.set('code', code);
		back.searchParams.set('state', query.get('state'));
		response.writeHead(302, { location: back.href }).end();
	}

	function grant(form, authorization, response) {
		const basic = 'Basic ' + Buffer.from(`${clientID}:${clientSecret}`).toString('base64');
		if (authorization !== basic && (form.get('client_id') !== clientID || form.get('client_secret') !== clientSecret)) {
			return json(response, 401, { error: 'invalid_client' });
		}
		let profile;
		switch (form.get('grant_type')) {
			case 'authorization_code': {
				const code = codes.get(form.get('code'));
				codes.delete(form.get('code'));
				const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
				if (!code) profile = decodePerson(form.get('code'));
				else if (code.redirectURI === form.get('redirect_uri') && code.challenge === challenge) profile = code.profile;
				break;
			}
			case 'refresh_token':
				profile = refreshTokens.get(form.get('refresh_token'));
				refreshTokens.delete(form.get('refresh_token'));
				break;
		}
		if (!profile) return json(response, 400, { error: 'invalid_grant' });
		const [access, refresh] = [token(), token()];
		accessTokens.set(access, profile);
		refreshTokens.set(refresh, profile);
		json(response, 200, {
			access_token: access,
			refresh_token: refresh,
			token_type: 'Bearer',
			expires_in: 7200,
			scope: 'read_user',
			created_at: Math.floor(Date.now() / 1000),
		});
	}

	const server = createServer(async (request, response) => {
		const url = new URL(request.url, 'http://gitlab');
		let body = '';
		for await (const chunk of request) body += chunk;
		switch (`${request.method} ${url.pathname}`) {
			case 'GET /oauth/authorize':
				return authorize(url.searchParams, response);
			case 'POST /oauth/token':
				return grant(new URLSearchParams(body), request.headers.authorization, response);
			case 'GET /api/v4/user': {
				const profile = accessTokens.get((request.headers.authorization ?? '').replace(/^Bearer /, ''));
				return profile ? json(response, 200, profile) : json(response, 401, { message: '401 Unauthorized' });
			}
		}
		json(response, 404, { error: 'not found' });
	});
	return new Promise((resolve) => {
		server.listen(0, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }));
	});
}

function json(response, status, body) {
	response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
