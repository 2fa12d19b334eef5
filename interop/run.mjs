// Starts what the tests need, runs them, and stops it all:
//
//	node run.mjs [--sides=ts,go] [--tables=ts] [--only=go] [--twins] [test file...]
//
// A database on the Postgres server that AUTHENT_TEST_POSTGRES names; a GitLab on the
// loopback interface; the TypeScript server and the Go server on that one database, with
// one secret and one public address. The exit code is that of the tests.
//
// --sides names the servers. --tables is the side that makes the auth tables: "ts" has the
// DDL of the TypeScript side, "go" leaves it to the Go server. --only is the
// one that is tested if both are there. --twins runs the TypeScript
// server in the place of the Go server too: what fails then is wrong in the tests.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { clientID, clientSecret, startGitLab } from './lib/gitlab.mjs';
import { parseMail } from './lib/outbox.mjs';

const here = import.meta.dirname;
const root = path.dirname(here);

// profilesOfGo are the settings of the Go servers that play the profiles of the recording, besides "full", which the server
// under test plays: stock has none of what needs mail; strict requires verified addresses, deletes users at
// once and mails new addresses; prod is on https with limits; cache has a cookie cache; hono uses the middlewares.
const noProvider = { GITLAB_CLIENT_ID: '', GITLAB_CLIENT_SECRET: '' };
const profilesOfGo = {
	stock: { args: ['--production'], env: noProvider },
	strict: { env: { AUTH_REQUIRE_EMAIL_VERIFICATION: 'on', AUTH_DELETE_USER: 'at-once' } },
	prod: { scheme: 'https', args: ['--production'], env: { ...noProvider, AUTH_RATE_LIMIT: 'on', AUTH_TRUSTED_PROXIES: '127.0.0.1' } },
	cache: { env: { AUTH_COOKIE_CACHE: 'compact' } },
	hono: { program: './interop/middleware' },
};

const cleanups = [];
let ended = false;

try {
	process.exitCode = await main(process.argv.slice(2));
} catch (error) {
	console.error(`interop: ${error.message}`);
	process.exitCode = 1;
} finally {
	await cleanUp();
}

async function main(args) {
	const { values: flags, positionals: files } = parseArgs({
		args,
		allowPositionals: true,
		options: {
			sides: { type: 'string', default: 'ts,go' },
			tables: { type: 'string', default: 'ts' },
			only: { type: 'string' },
			twins: { type: 'boolean', default: false },
		},
	});
	const server = process.env.AUTHENT_TEST_POSTGRES;
	if (!server) throw new Error('AUTHENT_TEST_POSTGRES is not set: run "make interop", which starts a Postgres');
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
		process.once(signal, async () => {
			await cleanUp();
			process.exit(1);
		});
	}

	const temporary = await mkdtemp(path.join(tmpdir(), 'authent-interop-'));
	cleanups.push(() => rm(temporary, { recursive: true, force: true }));
	const databaseURL = await createDatabase(server);
	const gitlab = await startGitLab();
	cleanups.push(gitlab.close);

	const mails = { ts: [], go: [] };
	const controlURL = await serveMails(mails);

	const ports = { go: await freePort(), ts: await freePort() };
	const address = (name) => `http://127.0.0.1:${ports[name]}`;
	const publicURL = address('go');
	const secret = randomBytes(32).toString('base64');
	const env = {
		...process.env,
		DATABASE_URL: databaseURL,
		AGENTUITY_AUTH_SECRET: secret,
		AGENTUITY_BASE_URL: publicURL,
		AUTH_RATE_LIMIT: 'off',
		GITLAB_ISSUER: gitlab.url,
		GITLAB_CLIENT_ID: clientID,
		GITLAB_CLIENT_SECRET: clientSecret,
	};
	const peer = (name) => ({
		command: process.execPath,
		args: ['--import', path.join(here, 'peer/bun.mjs'), path.join(here, 'peer/server.mjs')],
		env: { ...env, PORT: String(ports[name]) },
	});
	const service = async () => ({
		command: await buildGo(temporary, './examples/app-schema'),
		args: ['serve', '--addr', `127.0.0.1:${ports.go}`, '--migrate'],
		env,
	});
	if (flags.tables === 'ts') await execute(databaseURL, path.join(root, 'internal/integration/testdata/agentuity-2.0.21.sql'));
	const sides = {};
	for (const name of ['go', 'ts'].filter((name) => flags.sides.split(',').includes(name))) {
		const { command, args, env } = name === 'ts' || flags.twins ? peer(name) : await service();
		await startServer(name, command, args, env, `${address(name)}/api/auth/ok`, mails[name]);
		sides[name] = address(name);
	}
	await execute(databaseURL, path.join(here, 'peer/apikey-userid-trigger.sql'));

	// wanted tells whether the tests of a file run.
	const wanted = (name) => files.length === 0 || files.some((file) => file.includes(name));

	// The Go servers of the other profiles of the recording, each at an address of its own.
	const profiles = {};
	if (sides.go && !flags.twins && flags.only !== 'ts' && wanted('transcripts')) {
		for (const [name, profile] of Object.entries(profilesOfGo)) {
			const address = `127.0.0.1:${await freePort()}`;
			const publicURL = `${profile.scheme ?? 'http'}://${address}`;
			const child = { ...env, AGENTUITY_BASE_URL: publicURL, ...profile.env };
			const command = profile.program ? await buildGo(temporary, profile.program) : (await service()).command;
			const args = profile.program ? [address] : ['serve', '--addr', address, ...(profile.args ?? [])];
			await startServer(name, command, args, child, `http://${address}/api/auth/ok`, []);
			profiles[name] = { url: `http://${address}`, publicURL };
		}
	}

	const rotation = sides.ts && sides.go && !flags.twins && wanted('rotation') ? await startRotation() : null;

	const caches = sides.ts && sides.go && !flags.twins && wanted('cookiecache') ? await startCaches() : {};

	const settings = { caches, rotation, profiles, only: flags.only, sides, publicURL, secret, databaseURL, gitlabURL: gitlab.url, controlURL, chromium: chromium() };
	// startRotation starts servers of both sides on a database of their own: with one secret, and with a second one that has
	// taken its place. Of the Go servers, which keep signing keys in memory, there are three with the second.
	async function startRotation() {
		const databaseURL = await createDatabase(server);
		await execute(databaseURL, path.join(root, 'internal/integration/testdata/agentuity-2.0.21.sql'));
		const before = { ...env, DATABASE_URL: databaseURL, AUTH_ENCRYPT_TOKENS: 'on' };
		const after = { ...before, BETTER_AUTH_SECRETS: `1:${randomBytes(32).toString('base64')}` };
		const started = { databaseURL };
		for (const [name, child] of Object.entries({ tsBefore: before, goBefore: before, tsAfter: after, goAfter: after, goReader: after, goMaker: after })) {
			const port = await freePort();
			const url = `http://127.0.0.1:${port}`;
			const { command, args } = name.startsWith('ts') ? peer('ts') : { ...(await service()), args: ['serve', '--addr', `127.0.0.1:${port}`, '--migrate'] };
			mails[name] = [];
			await startServer(name, command, args, { ...child, PORT: String(port) }, `${url}/api/auth/ok`, mails[name]);
			started[name] = url;
		}
		return started;
	}

	// startCaches starts a server of each side with a cookie cache of each strategy. Those of Go have no field of their own.
	async function startCaches() {
		const caches = {};
		for (const strategy of ['compact', 'jwt', 'jwe']) {
			caches[strategy] = {};
			for (const name of ['ts', 'go']) {
				const port = await freePort();
				const url = `http://127.0.0.1:${port}`;
				const { command, args } = name === 'ts' ? peer('ts') : { command: await buildGo(temporary, './interop/middleware'), args: [`127.0.0.1:${port}`] };
				await startServer(`${name}, ${strategy}`, command, args, { ...env, AUTH_COOKIE_CACHE: strategy, PORT: String(port) }, `${url}/api/auth/ok`, []);
				caches[strategy][name] = url;
			}
		}
		return caches;
	}

	return runTests(files, { ...process.env, AUTHENT_INTEROP: JSON.stringify(settings) });
}

// createDatabase makes an empty database.
async function createDatabase(server) {
	const name = `interop_${randomBytes(6).toString('hex')}`;
	await query(server, `CREATE DATABASE ${name}`);
	cleanups.push(() => query(server, `DROP DATABASE ${name} WITH (FORCE)`));
	const url = new URL(server);
	url.pathname = `/${name}`;
	return url.href;
}

// execute runs the statements of a file.
async function execute(url, file) {
	await query(url, await readFile(file, 'utf8'));
}

async function query(url, sql) {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	try {
		await client.query(sql);
	} finally {
		await client.end();
	}
}

// serveMails serves the mails of each server to the tests.
async function serveMails(mails) {
	const server = createServer((request, response) => {
		const name = request.url.slice('/mails/'.length);
		response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(mails[name] ?? []));
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	cleanups.push(() => server.close());
	return `http://127.0.0.1:${server.address().port}`;
}

async function buildGo(temporary, folder) {
	const program = path.join(temporary, path.basename(folder));
	if (existsSync(program)) return program;
	const child = spawn('go', ['build', '-o', program, folder], { cwd: root, stdio: 'inherit' });
	const code = await exitOf(child);
	if (code !== 0) throw new Error('the Go server does not build');
	return program;
}

// startServer starts a server and returns when it answers. Its mails go to the list; the
// rest of what it prints is shown if AUTHENT_INTEROP_LOG is set, or if it does not start.
async function startServer(name, command, args, env, health, mails) {
	const child = spawn(command, args, { env, cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] });
	const lines = [];
	for (const stream of [child.stdout, child.stderr]) {
		createInterface({ input: stream }).on('line', (line) => {
			const mail = parseMail(line);
			if (mail) mails.push(mail);
			lines.push(line);
			if (process.env.AUTHENT_INTEROP_LOG) console.error(`${name}: ${line}`);
		});
	}
	const exit = exitOf(child);
	cleanups.push(async () => {
		child.kill('SIGTERM');
		await Promise.race([exit, sleep(10_000).then(() => child.kill('SIGKILL'))]);
	});
	for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) {
		if (child.exitCode !== null) break;
		const response = await fetch(health).catch(() => null);
		if (response?.ok) return;
	}
	throw new Error(`the server "${name}" does not answer at ${health}; it printed:\n${lines.slice(-30).join('\n')}`);
}

async function runTests(files, env) {
	const found = files.length > 0 ? files : ['test/'];
	const child = spawn(process.execPath, ['--test', '--test-reporter=spec', '--test-concurrency=1', ...found], { cwd: here, env, stdio: 'inherit' });
	cleanups.push(() => child.kill('SIGTERM'));
	return exitOf(child);
}

// chromium returns the browser of the machine, or null.
function chromium() {
	return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync) ?? null;
}

async function freePort() {
	const socket = createSocket();
	await new Promise((resolve) => socket.listen(0, '127.0.0.1', resolve));
	const { port } = socket.address();
	await new Promise((resolve) => socket.close(resolve));
	return port;
}

function exitOf(child) {
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', (code) => resolve(code ?? 1));
	});
}

// cleanUp undoes what was started, the last first.
async function cleanUp() {
	if (ended) return;
	ended = true;
	while (cleanups.length > 0) {
		try {
			await cleanups.pop()();
		} catch (error) {
			console.error(`interop: ${error.message}`);
			process.exitCode ||= 1;
		}
	}
}
