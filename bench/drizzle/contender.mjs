// The contender: it reads requests from standard input, a line of JSON each, and answers
// each with a line.
//
//	{"case":"get","arguments":[{"id":"..."}]}          {"times":[nanoseconds],"cpu":nanoseconds}
//	{"case":"get","arguments":[{"id":"..."}],"result":true}   {"result":...}
import { createInterface } from 'node:readline';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { cases } from './cases.mjs';
import * as schema from './schema.mjs';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4, idleTimeoutMillis: 0 });
const run = cases(drizzle(pool, { schema }), process.argv[2] === 'prepared');

async function answer(request) {
	const f = run[request.case];
	if (request.result) return { result: await f(request.arguments[0]) };
	const times = [];
	const cpu = process.cpuUsage();
	for (const a of request.arguments) {
		const start = process.hrtime.bigint();
		await f(a);
		times.push(Number(process.hrtime.bigint() - start));
	}
	const { user, system } = process.cpuUsage(cpu);
	return { times, cpu: (user + system) * 1000 };
}

for await (const line of createInterface({ input: process.stdin })) {
	let reply;
	try {
		reply = await answer(JSON.parse(line));
	} catch (error) {
		reply = { error: `${error.message}${error.cause ? `: ${error.cause.message}` : ''}` };
	}
	process.stdout.write(`${JSON.stringify(reply)}\n`);
}
await pool.end();
