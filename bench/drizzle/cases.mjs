// The cases in Drizzle's way: relational queries, built for each call or prepared once.
import { randomBytes } from 'node:crypto';
import { asc, eq, gt, sql } from 'drizzle-orm';
import { member, organization, project, session, task, user } from './schema.mjs';

const tasks = { orderBy: [asc(task.id)] };
const memberships = { orderBy: [asc(member.id)], with: { organization: true } };

// The queries, each of its arguments: values, or placeholders.
const queries = {
	get: (db, a) => db.query.user.findFirst({ where: eq(user.id, a('id')) }),
	list100: (db, a) => db.query.user.findMany({ where: gt(user.id, a('id')), orderBy: [asc(user.id)], limit: 100 }),
	session: (db, a) => db.query.session.findFirst({ where: eq(session.token, a('id')), with: { user: true } }),
	memberships: (db, a) => db.query.user.findFirst({ where: eq(user.id, a('id')), with: { members: memberships } }),
	members: (db, a) => db.query.member.findMany({ where: eq(member.organizationId, a('id')), orderBy: [asc(member.id)], with: { user: true } }),
	projects20: (db, a) => db.query.project.findMany({ where: eq(project.organizationId, a('id')), orderBy: [asc(project.id)], with: { owner: true, tasks } }),
	page20: (db, a) => db.query.project.findMany({ where: gt(project.id, a('id')), orderBy: [asc(project.id)], limit: 20, with: { owner: true, tasks } }),
	tasks500: (db, a) => db.query.task.findMany({ where: gt(task.id, a('id')), orderBy: [asc(task.id)], limit: 500, with: { project: { with: { owner: true } } } }),
	update: (db, a) => db.update(user).set({ name: a('name'), updatedAt: a('now') }).where(eq(user.id, a('id'))).returning(),
	createTask: (db, a) => db.insert(task).values({ id: a('task'), projectId: a('project'), title: a('title') }).returning(),
	updateProject: (db, a) => db.update(project).set({ name: a('name') }).where(eq(project.id, a('project'))).returning(),
};
queries.projects200 = queries.projects20;

// built runs a query that is built for each call.
function built(db) {
	return (name, values, on = db) => queries[name](on, (key) => values[key]);
}

// prepared runs a query that was built once.
function prepared(db) {
	const statements = {};
	return (name, values, on) => {
		// A prepared query belongs to its connection: in a transaction it is built again.
		if (on) return queries[name](on, (key) => values[key]);
		statements[name] ??= queries[name](db, (key) => sql.placeholder(key)).prepare(name);
		return statements[name].execute(values);
	};
}

// cases returns a function for each case, of the arguments that the harness chooses.
export function cases(db, isPrepared) {
	const run = isPrepared ? prepared(db) : built(db);
	const all = {};
	for (const name of ['get', 'list100', 'session', 'memberships', 'members', 'projects20', 'page20', 'projects200', 'tasks500']) {
		all[name] = (a) => run(name, a);
	}
	all.update = async (a) => (await run('update', { ...a, now: new Date() }))[0];
	all.tx = (a) =>
		db.transaction(async (tx) => {
			const values = { ...a, task: randomBytes(16).toString('hex') };
			const [created] = await run('createTask', values, tx);
			const [updated] = await run('updateProject', { ...values, project: created.projectId }, tx);
			return [created, updated];
		});
	return all;
}
