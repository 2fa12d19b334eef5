// The recorded exchanges with the TypeScript server, played to the Go server. What it
// answers differently on purpose is in transcripts/deviations.json with the reason.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Replay } from '../lib/replay.mjs';
import { databaseURL, gitlabURL, profiles, publicURL, secret, sides, tested } from '../lib/sides.mjs';

const directory = path.join(import.meta.dirname, '../transcripts');
const database = new pg.Pool({ connectionString: databaseURL, max: 1 });
after(() => database.end());

const hour = 3600 * 1000;
const later = (milliseconds) => new Date(Date.now() + milliseconds);
const sql = (text, ...values) => database.query(text, values);

// word is the token in the cookie, or whatever else of 20 characters and more, of a request.
const cookieToken = (replay, { headers }) => replay.value(/\{\{signed:([^}]*)\}\}/.exec(headers.cookie)[1]);
const sessionLife = (life) => async (replay, request) => {
	await sql('UPDATE session SET "expiresAt" = $1 WHERE token = $2', later(life), cookieToken(replay, request));
};
// newest binds a recorded token to the newest row of its kind in the database.
const newest = (prefix, recorded) => async (replay) => {
	const { rows } = await sql(`SELECT identifier FROM verification WHERE identifier LIKE $1 ORDER BY "createdAt" DESC LIMIT 1`, `${prefix}%`);
	replay.bound.set(recorded, rows[0]?.identifier.slice(prefix.length));
};

// happened is what took place before a recorded exchange that is not in the recording.
const happened = {
	81: sessionLife(145 * hour),
	82: sessionLife(143 * hour),
	83: sessionLife(143 * hour),
	84: sessionLife(143 * hour),
	86: sessionLife(-1000),
	88: async (replay, request) => {
		await sql('DELETE FROM "user" WHERE id = (SELECT "userId" FROM session WHERE token = $1)', cookieToken(replay, request));
	},
	157: newest('reset-password:', 'DLwi5O0pbDoPEtKvWMGPl96P'),
	172: newest('reset-password:', 'HeuA6NKqtVMmSjNwDzLsYT12'),
	174: async (replay) => {
		await newest('reset-password:', 'REDB7saMLz1udT93Wd2KthXo')(replay);
		await sql('UPDATE verification SET "expiresAt" = $1 WHERE identifier = $2', later(-hour), replay.value('reset-password:REDB7saMLz1udT93Wd2KthXo'));
	},
	212: newest('delete-account-', 'vjxc06t02d3zn3qsl1dt7ps23r3k51p7'),
	220: newest('delete-account-', 'b15hdw8ebwaduuid47vvtbq9xf61ejny'),
	242: (replay) => sql(`UPDATE account SET "accessTokenExpiresAt" = $1 WHERE "accountId" = $2`, later(-hour), replay.value('gl-{{run}}')),
	251: async (replay, request) => {
		await sql('UPDATE session SET "createdAt" = $1, "updatedAt" = $1 WHERE token = $2', later(-48 * hour), cookieToken(replay, request));
	},
	350: () => sleep(1100),
	359: () => sleep(2100),
	361: (replay) => sql('UPDATE apikey SET "expiresAt" = $1 WHERE id = $2', later(-hour), replay.expiring),
	459: (replay) => sql('UPDATE invitation SET "expiresAt" = $1 WHERE id = $2', later(-hour), replay.value('4EBdm2m5LKWGLkLdfEttDRFKgKj81Zbn')),
	541: (replay) => members(replay, 1, 99),
	545: (replay) => members(replay, 100, 100),
	549: (replay) =>
		sql(
			`INSERT INTO invitation (id, "organizationId", email, role, status, "expiresAt", "createdAt", "inviterId")
			SELECT 'inv-' || $1 || i, o.id, 'inv-' || $1 || i || '@example.com', 'member', 'pending', now() + interval '1 day', now(), m."userId"
			FROM generate_series(1, 100) i, organization o JOIN member m ON m."organizationId" = o.id AND m.role = 'owner' WHERE o.slug = 'big-' || $1`,
			replay.run,
		),
	610: (replay) => ownKey(replay, 'go', true, stockKey),
	614: (replay) => ownKey(replay, 'legacy', false, `${stockKey}L`),
	626: newest('reset-password:', 'slIVrjVZrqZhLXm7EpwnwR9E'),
	629: async (replay, request) => {
		await sql('UPDATE session SET "createdAt" = $1 WHERE token = $2', later(-48 * hour), cookieToken(replay, request));
	},
	633: async (replay, request) => {
		await sql('DELETE FROM session WHERE token = $1', cookieToken(replay, request));
	},
	675: async (replay, request) => {
		for (let i = 1; i <= 98; i++) await replay.send(request);
	},
	550: (replay, request) =>
		sql(
			`INSERT INTO session (id, token, "userId", "expiresAt", "createdAt", "updatedAt")
			SELECT 'ls-' || $1 || '-' || i, 'ls-' || $1 || '-' || i, s."userId", now() + interval '1 day', now(), now()
			FROM generate_series(1, 105) i, session s WHERE s.token = $2`,
			replay.run,
			cookieToken(replay, request),
		),
};

// ownKey adds an API key that other code made for the newest user of a name. The text of the key is that of the recording with
// the run in its place, so that no other run has it.
async function ownKey(replay, id, referenceId, text) {
	const key = text.slice(0, -replay.run.length) + replay.run.replace(/\d/g, (digit) => 'abcdefghij'[digit]);
	replay.bound.set(text, key);
	const hash = createHash('sha256').update(key).digest('base64url');
	await sql(
		`INSERT INTO apikey (id, "configId", name, start, prefix, key, "referenceId", "userId", enabled, "rateLimitEnabled", "rateLimitTimeWindow", "rateLimitMax", "requestCount", "createdAt", "updatedAt")
		SELECT $1, 'default', 'go', $2, 'ag_', $3, CASE WHEN $4 THEN u.id ELSE '' END, u.id, true, false, 86400000, 10, 0, now(), now() FROM "user" u WHERE u.email = $5`,
		`${id}-${replay.run}`,
		key.slice(0, 6),
		hash,
		referenceId,
		`stock-${replay.run}@example.com`,
	);
}

const stockKey = 'ag_wiUzNeBEqRlvCtWcwweqvynQNyXLNSVjALrFTqdTOjpMoHzjLoGZZdXEHEZjQNri';

// members adds members to the organization "Big".
async function members(replay, from, to) {
	for (const statement of [
		`INSERT INTO "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
		SELECT 'lu-' || $1 || '-' || i, 'lu' || i, 'lu-' || $1 || '-' || i || '@example.com', false, now(), now() FROM generate_series($2::int, $3::int) i`,
		`INSERT INTO member (id, "organizationId", "userId", role, "createdAt")
		SELECT 'lm-' || $1 || '-' || i, o.id, 'lu-' || $1 || '-' || i, 'member', now() FROM generate_series($2::int, $3::int) i, organization o WHERE o.slug = 'big-' || $1`,
	]) {
		await sql(statement, replay.run, from, to);
	}
}

const deviations = JSON.parse(await readFile(path.join(directory, 'deviations.json'), 'utf8'));

// recording returns the exchanges with the TypeScript server of a profile.
async function recording(profile) {
	return (await readFile(path.join(directory, `${profile}.jsonl`), 'utf8'))
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));
}

// The TypeScript server has nothing to prove: --only=ts plays "full" to it, which proves the recording.
for (const side of tested.length > 1 ? [sides.go] : tested) replays('full', side, publicURL);
for (const [name, { url, publicURL }] of Object.entries(profiles)) replays(name, { name: 'go', url }, publicURL);

// replays plays a profile to a server.
function replays(profile, side, publicURL) {
	test(`${side.name}, profile ${profile}: the recorded exchanges`, async (t) => {
		const replay = new Replay({ url: side.url, publicURL, secret, gitlabURL });
		for (const [section, rows] of groupBy(await recording(profile))) {
			await t.test(section, async () => {
				const wrong = [];
				for (const exchange of rows) wrong.push(...judge(side, exchange, await play(replay, exchange)));
				assert.equal(wrong.length, 0, `\n${wrong.join('\n')}`);
			});
		}
	});
}

// play plays an exchange and returns the differences of its answer.
async function play(replay, { n, request, response }) {
	await happened[n]?.(replay, request);
	const operation = /^\/_peer\/(.*)$/.exec(request.path)?.[1];
	if (operation && !sides.ts) return [];
	const answer = operation
		? await replay.send({ ...request, path: `/server/${operation}` }, sides.ts.url)
		: await replay.send(request).catch((error) => ({ status: error.message, headers: {}, setCookie: [], body: '' }));
	if (n === 360) replay.expiring = answer.body.id;
	return replay.compare(response, answer);
}

// judge returns what is wrong with an answer, in the light of what is meant to be different.
function judge(side, { n, name, request }, differences) {
	const { everywhere, exchanges } = side.name === 'go' ? deviations : { everywhere: [], exchanges: {} };
	const meant = exchanges[n]?.differs ?? [];
	differences = differences.filter((text) => !everywhere.some(({ differs }) => new RegExp(differs).test(text)));
	const unexpected = differences.filter((text) => !meant.some((part) => text.startsWith(part)));
	const absent = meant.filter((part) => !differences.some((text) => text.startsWith(part)));
	if (unexpected.length + absent.length === 0) return [];
	return [
		`#${n} ${name}: ${request.method} ${request.path.slice(0, 100)}`,
		...unexpected.map((text) => `    ${text}`),
		...absent.map((part) => `    deviations.json expects a difference that is not there: ${part}`),
	];
}

function groupBy(rows) {
	const sections = new Map();
	for (const row of rows) sections.set(row.section, [...(sections.get(row.section) ?? []), row]);
	return sections;
}
