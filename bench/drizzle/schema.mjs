// The tables and relations of the example app, as an app with Drizzle declares them.
import { relations } from 'drizzle-orm';
import { boolean, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

const time = (name) => timestamp(name, { withTimezone: true });

export const user = pgTable('user', {
	id: text('id').primaryKey(),
	name: text('name').notNull(),
	email: text('email').notNull().unique(),
	emailVerified: boolean('emailVerified').notNull().default(false),
	image: text('image'),
	createdAt: time('createdAt').notNull().defaultNow(),
	updatedAt: time('updatedAt').notNull().defaultNow(),
	locale: text('locale').notNull().default('en'),
});

export const session = pgTable('session', {
	id: text('id').primaryKey(),
	expiresAt: time('expiresAt').notNull(),
	token: text('token').notNull().unique(),
	createdAt: time('createdAt').notNull().defaultNow(),
	updatedAt: time('updatedAt').notNull(),
	ipAddress: text('ipAddress'),
	userAgent: text('userAgent'),
	userId: text('userId').notNull(),
	activeOrganizationId: text('activeOrganizationId'),
});

export const organization = pgTable('organization', {
	id: text('id').primaryKey(),
	name: text('name').notNull(),
	slug: text('slug').notNull().unique(),
	logo: text('logo'),
	createdAt: time('createdAt').notNull().defaultNow(),
	metadata: text('metadata'),
});

export const member = pgTable('member', {
	id: text('id').primaryKey(),
	organizationId: text('organizationId').notNull(),
	userId: text('userId').notNull(),
	role: text('role').notNull(),
	createdAt: time('createdAt').notNull().defaultNow(),
});

export const project = pgTable('project', {
	id: text('id').primaryKey(),
	name: text('name').notNull(),
	ownerId: text('owner_id').notNull(),
	organizationId: text('organization_id').notNull(),
	createdAt: time('created_at').notNull().defaultNow(),
});

export const task = pgTable('task', {
	id: text('id').primaryKey(),
	projectId: text('project_id').notNull(),
	title: text('title').notNull(),
	status: text('status').notNull().default('todo'),
	assigneeId: text('assignee_id'),
});

export const userRelations = relations(user, ({ many }) => ({ members: many(member) }));

export const sessionRelations = relations(session, ({ one }) => ({
	user: one(user, { fields: [session.userId], references: [user.id] }),
}));

export const memberRelations = relations(member, ({ one }) => ({
	user: one(user, { fields: [member.userId], references: [user.id] }),
	organization: one(organization, { fields: [member.organizationId], references: [organization.id] }),
}));

export const projectRelations = relations(project, ({ one, many }) => ({
	owner: one(user, { fields: [project.ownerId], references: [user.id] }),
	tasks: many(task),
}));

export const taskRelations = relations(task, ({ one }) => ({
	project: one(project, { fields: [task.projectId], references: [project.id] }),
}));
