// Organizations, members and invitations, as the official client uses them.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { Person, ok, refused } from '../lib/person.mjs';
import { tested } from '../lib/sides.mjs';

const slug = (name) => `${name}-${randomBytes(6).toString('hex')}`;

// verified is a person whose address is verified, which a server may ask of those that
// answer invitations.
async function verified(side, name) {
	const person = new Person(name);
	await person.signUp(side);
	ok(await person.client(side).sendVerificationEmail({ email: person.email }));
	await person.open(side, await side.mail('verify-email', person.email));
	return person;
}

// organizationOf makes an organization with an owner and, by invitation, others.
async function organizationOf(side, owner, others = {}) {
	const organization = ok(await owner.client(side).organization.create({ name: 'Acme', slug: slug('acme') }));
	for (const [role, person] of Object.entries(others)) {
		const { id } = ok(await owner.client(side).organization.inviteMember({ email: person.email, role, organizationId: organization.id }));
		ok(await person.client(side).organization.acceptInvitation({ invitationId: id }));
	}
	return organization;
}

for (const side of tested) {
	test(`${side}: an organization is created, read, updated, deleted`, async () => {
		const ada = await verified(side, 'ada');
		const { organization } = ada.client(side);
		const name = slug('acme');
		assert.deepEqual(ok(await organization.checkSlug({ slug: name })), { status: true });
		const acme = ok(await organization.create({ name: 'Acme', slug: name, logo: 'https://example.com/l.png', metadata: { tier: 'gold' } }));
		assert.deepEqual(acme.metadata, { tier: 'gold' });
		assert.equal(acme.members.length, 1);
		assert.deepEqual([acme.members[0].userId, acme.members[0].role], [ada.id, 'owner']);
		refused(await organization.checkSlug({ slug: name }), 400, 'ORGANIZATION_SLUG_ALREADY_TAKEN');
		refused(await organization.create({ name: 'Acme', slug: name }), 400, 'ORGANIZATION_ALREADY_EXISTS');
		assert.equal((await ada.session(side)).session.activeOrganizationId, acme.id);

		const second = ok(await organization.create({ name: 'Second', slug: slug('second'), keepCurrentActiveOrganization: true }));
		assert.equal((await ada.session(side)).session.activeOrganizationId, acme.id);
		const listed = ok(await organization.list());
		assert.deepEqual(listed.map(({ id }) => id).sort(), [acme.id, second.id].sort());

		const full = ok(await organization.getFullOrganization());
		assert.equal(full.id, acme.id);
		assert.deepEqual(full.invitations, []);
		assert.deepEqual(full.members.map(({ user }) => user.email), [ada.email]);
		for (const query of [{ organizationId: second.id }, { organizationSlug: second.slug }]) {
			assert.equal(ok(await organization.getFullOrganization({ query })).id, second.id);
		}

		const updated = ok(await organization.update({ data: { name: 'Acme 2', metadata: { tier: 'silver' } } }));
		assert.deepEqual([updated.id, updated.name, updated.slug, updated.metadata], [acme.id, 'Acme 2', name, { tier: 'silver' }]);
		refused(await organization.update({ data: { slug: second.slug }, organizationId: acme.id }), 400, 'ORGANIZATION_SLUG_ALREADY_TAKEN');

		assert.equal(ok(await organization.setActive({ organizationId: second.id })).id, second.id);
		assert.equal((await ada.session(side)).session.activeOrganizationId, second.id);
		assert.equal(ok(await organization.setActive({ organizationSlug: acme.slug })).id, acme.id);
		assert.equal(ok(await organization.setActive({ organizationId: null })), null);
		assert.equal(ok(await organization.getFullOrganization()), null);

		ok(await organization.setActive({ organizationId: acme.id }));
		assert.equal(ok(await organization.delete({ organizationId: acme.id })).id, acme.id);
		assert.equal((await ada.session(side)).session.activeOrganizationId, null);
		assert.deepEqual(ok(await organization.list()).map(({ id }) => id), [second.id]);
	});

	test(`${side}: invitations are accepted, rejected, canceled`, async () => {
		const [ada, bob, cy] = [await verified(side, 'ada'), await verified(side, 'bob'), await verified(side, 'cy')];
		const acme = await organizationOf(side, ada);
		const owner = ada.client(side).organization;
		const invite = (person, role = 'member') => owner.inviteMember({ email: person.email, role });

		const invitation = ok(await invite(bob, ['admin']));
		assert.deepEqual(
			[invitation.email, invitation.role, invitation.status, invitation.organizationId, invitation.inviterId],
			[bob.email, 'admin', 'pending', acme.id, ada.id],
		);
		const life = invitation.expiresAt - Date.now();
		assert.ok(Math.abs(life - 48 * 3600 * 1000) < 10_000, `it lives 48 hours, not ${life} ms`);
		refused(await invite(bob), 400, 'USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION');
		refused(await invite(ada), 400, 'USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION');
		refused(await owner.inviteMember({ email: 'no address', role: 'member' }), 400, 'INVALID_EMAIL');

		const guest = bob.client(side).organization;
		const seen = ok(await guest.getInvitation({ query: { id: invitation.id } }));
		assert.deepEqual([seen.organizationName, seen.organizationSlug, seen.inviterEmail], [acme.name, acme.slug, ada.email]);
		assert.deepEqual(ok(await guest.listUserInvitations()).map(({ id, organizationName }) => [id, organizationName]), [[invitation.id, acme.name]]);
		assert.deepEqual(ok(await owner.listInvitations()).map(({ id }) => id), [invitation.id]);
		refused(await cy.client(side).organization.acceptInvitation({ invitationId: invitation.id }), 403, 'YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION');
		const { member, invitation: accepted } = ok(await guest.acceptInvitation({ invitationId: invitation.id }));
		assert.deepEqual([member.userId, member.role, member.organizationId, accepted.status], [bob.id, 'admin', acme.id, 'accepted']);
		assert.equal((await bob.session(side)).session.activeOrganizationId, acme.id);
		refused(await guest.acceptInvitation({ invitationId: invitation.id }), 400, 'INVITATION_NOT_FOUND');

		const stranger = cy.client(side).organization;
		const rejected = ok(await invite(cy));
		assert.equal(ok(await stranger.rejectInvitation({ invitationId: rejected.id })).invitation.status, 'rejected');
		const canceled = ok(await invite(cy));
		assert.equal(ok(await owner.cancelInvitation({ invitationId: canceled.id })).status, 'canceled');
		refused(await stranger.acceptInvitation({ invitationId: canceled.id }), 400, 'INVITATION_NOT_FOUND');
		refused(await guest.inviteMember({ email: cy.email, role: 'owner', organizationId: acme.id }), 403, 'YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE');
	});

	test(`${side}: members and their roles`, async () => {
		const [ada, bob, cy] = [await verified(side, 'ada'), await verified(side, 'bob'), await verified(side, 'cy')];
		const acme = await organizationOf(side, ada, { admin: bob, member: cy });
		const owner = ada.client(side).organization;
		const admin = bob.client(side).organization;
		const member = cy.client(side).organization;

		const { members, total } = ok(await owner.listMembers({ query: { sortBy: 'createdAt', limit: 10 } }));
		assert.equal(total, 3);
		assert.deepEqual(members.map(({ user, role }) => [user.email, role]), [[ada.email, 'owner'], [bob.email, 'admin'], [cy.email, 'member']]);
		const some = ok(await owner.listMembers({ query: { filterField: 'role', filterOperator: 'eq', filterValue: 'admin' } }));
		assert.deepEqual(some.members.map(({ userId }) => userId), [bob.id]);
		const idOf = (person) => members.find(({ userId }) => userId === person.id).id;

		assert.equal(ok(await member.getActiveMember()).user.email, cy.email);
		assert.deepEqual(ok(await admin.getActiveMemberRole()), { role: 'admin' });

		const may = async (person, permissions) => ok(await person.client(side).organization.hasPermission({ permissions })).success;
		assert.equal(await may(ada, { organization: ['delete'] }), true);
		assert.equal(await may(bob, { organization: ['delete'] }), false);
		assert.equal(await may(bob, { organization: ['update'], member: ['create'] }), true);
		assert.equal(await may(cy, { invitation: ['create'] }), false);

		refused(await member.updateMemberRole({ memberId: idOf(bob), role: 'member' }), 403, 'YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER');
		refused(await admin.updateMemberRole({ memberId: idOf(bob), role: 'owner' }), 403, 'YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER');
		assert.equal(ok(await owner.updateMemberRole({ memberId: idOf(cy), role: ['member', 'admin'] })).role, 'member,admin');
		assert.equal(await may(cy, { invitation: ['create'] }), true);
		ok(await owner.updateMemberRole({ memberId: idOf(cy), role: 'member' }));

		refused(await owner.leave({ organizationId: acme.id }), 400, 'YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER');
		refused(await member.removeMember({ memberIdOrEmail: bob.email }), 401, 'YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER');
		refused(await member.delete({ organizationId: acme.id }), 403, 'YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION');
		assert.equal(ok(await admin.removeMember({ memberIdOrEmail: cy.email })).member.userId, cy.id);
		refused(await member.getFullOrganization({ query: { organizationId: acme.id } }), 403, 'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION');
		assert.equal(ok(await admin.leave({ organizationId: acme.id })).userId, bob.id);
		assert.equal((await bob.session(side)).session.activeOrganizationId, null);
		assert.equal(ok(await owner.listMembers()).total, 1);
	});

	test(`${side}: an organization is closed to strangers`, async () => {
		const [ada, eve] = [await verified(side, 'ada'), await verified(side, 'eve')];
		const { id } = await organizationOf(side, ada);
		const { organization } = eve.client(side);
		refused(await organization.setActive({ organizationId: id }), 403, 'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION');
		refused(await organization.getFullOrganization({ query: { organizationId: id } }), 403, 'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION');
		refused(await organization.listMembers({ query: { organizationId: id } }), 403, 'YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION');
		refused(await organization.update({ organizationId: id, data: { name: 'Mine' } }), 400, 'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION');
		refused(await organization.delete({ organizationId: id }), 400, 'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION');
		refused(await organization.inviteMember({ organizationId: id, email: eve.email, role: 'owner' }), 400, 'MEMBER_NOT_FOUND');
		refused(await organization.hasPermission({ organizationId: id, permissions: { member: ['create'] } }), 401, 'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION');
		assert.equal((await eve.session(side)).session.activeOrganizationId, null);
		refused(await new Person().client(side).organization.list(), 401, 'UNAUTHORIZED');
	});
}
