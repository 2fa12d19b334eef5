package service_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent/invitation"
	"github.com/agentuity/auth-go/ent/member"
	"github.com/agentuity/auth-go/ent/user"
)

func TestInvitation(t *testing.T) {
	configure := func(c *authent.Config) { c.Organization.InvitationURL = "/invitations/{id}" }
	onEach(t, configure, func(t *testing.T, s *server) {
		owner, admin, plain, stranger := s.signUp(t, "owner"), s.signUp(t, "admin"), s.signUp(t, "member"), s.signUp(t, "stranger")
		acme := owner.newOrganization(t, "acme")
		invite := func(b *browser, email string, role any) *answer {
			t.Helper()
			s.clock.advance(time.Second)
			return b.post(t, "/organization/invite-member", object{"organizationId": acme, "email": email, "role": role})
		}
		shape := func(email, role, status string) string {
			return `{"organizationId":"ID","email":"` + email + `@example.com","role":"` + role + `","status":"` + status + `","expiresAt":"TIME","createdAt":"TIME","inviterId":"ID","id":"ID"}`
		}
		forAdmin := invite(owner, "ADMIN@Example.COM", "admin").shape(t, shape("admin", "admin", "pending")).field(t, "id")
		mail := s.mail.last(t, authent.MailInvitation, "admin@example.com")
		if mail.URL != s.url+"/invitations/"+forAdmin || mail.Token != forAdmin || mail.Organization.Slug != "acme" || mail.User.Email != "owner@example.com" || mail.Invitation.ID != forAdmin {
			t.Errorf("mail = %+v", mail)
		}
		forMember := invite(owner, "member@example.com", []string{"member"}).shape(t, shape("member", "member", "pending")).field(t, "id")
		invite(owner, "member@example.com", "member").refused(t, 400, "USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION")
		s.clock.advance(time.Hour)
		resent := owner.post(t, "/organization/invite-member", object{"email": "member@example.com", "role": "member", "resend": true}).
			shape(t, shape("member", "member", "pending"))
		if resent.field(t, "id") != forMember || resent.field(t, "expiresAt") != "2026-03-03T13:00:04.000Z" || resent.field(t, "createdAt") != "2026-03-01T12:00:03.000Z" {
			t.Errorf("resent = %s", resent.body)
		}
		s.mail.last(t, authent.MailInvitation, "member@example.com")
		invite(owner, "owner@example.com", "member").refused(t, 400, "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION")
		invite(owner, "nope", "member").refused(t, 400, "INVALID_EMAIL")
		invite(owner, "x@example.com", "superuser").is(t, 400, `{"message":"ROLE_NOT_FOUND: superuser"}`)
		invite(owner, "x@example.com", "member,superuser").is(t, 400, `{"message":"ROLE_NOT_FOUND: superuser"}`)
		owner.post(t, "/organization/invite-member", object{"email": "x@example.com"}).is(t, 400, `{"message":"[body.role] Invalid input","code":"VALIDATION_ERROR"}`)
		invite(stranger, "x@example.com", "member").refused(t, 400, "MEMBER_NOT_FOUND")
		owner.post(t, "/organization/invite-member", object{"organizationId": "nope", "email": "x@example.com", "role": "member"}).refused(t, 400, "MEMBER_NOT_FOUND")
		stranger.post(t, "/organization/invite-member", object{"email": "x@example.com", "role": "member"}).refused(t, 400, "ORGANIZATION_NOT_FOUND")
		invite(s.browser(), "x@example.com", "member").refused(t, 401, "UNAUTHORIZED")

		get := "/organization/get-invitation?id="
		admin.get(t, get+forAdmin).shape(t, strings.TrimSuffix(shape("admin", "admin", "pending"), "}")+
			`,"organizationName":"acme","organizationSlug":"acme","inviterEmail":"owner@example.com"}`)
		stranger.get(t, get+forAdmin).refused(t, 403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION")
		admin.get(t, get+"nope").is(t, 400, `{"message":"Invitation not found!"}`)
		s.browser().get(t, get+forAdmin).is(t, 401, `{"message":"Not authenticated"}`)
		admin.get(t, "/organization/get-invitation").is(t, 400, `{"message":"[query.id] Invalid input: expected string, received undefined","code":"VALIDATION_ERROR"}`)

		list := "/organization/list-invitations"
		both := "[" + shape("admin", "admin", "pending") + "," + shape("member", "member", "pending") + "]"
		owner.get(t, list).shape(t, both)
		owner.get(t, list+"?organizationId="+acme).shape(t, both)
		stranger.get(t, list+"?organizationId="+acme).is(t, 403, `{"message":"You are not a member of this organization"}`)
		stranger.get(t, list).is(t, 400, `{"message":"Organization ID is required"}`)
		s.browser().get(t, list+"?organizationId="+acme).refused(t, 401, "UNAUTHORIZED")

		accept := func(b *browser, id string) *answer {
			t.Helper()
			return b.post(t, "/organization/accept-invitation", object{"invitationId": id})
		}
		accept(stranger, forAdmin).refused(t, 403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION")
		accept(s.browser(), forAdmin).refused(t, 401, "UNAUTHORIZED")
		accepted := accept(admin, forAdmin).shape(t, `{"invitation":`+shape("admin", "admin", "accepted")+
			`,"member":{"organizationId":"ID","userId":"ID","role":"admin","createdAt":"TIME","id":"ID"}}`)
		if accepted.cookie("session_token") != nil {
			t.Error("accepting sends a cookie")
		}
		if got := admin.active(t); got != acme {
			t.Errorf("active = %q, want the organization", got)
		}
		accept(admin, forAdmin).refused(t, 400, "INVITATION_NOT_FOUND")
		accept(plain, forMember).ok(t)

		forStranger := invite(owner, "stranger@example.com", "member").ok(t).field(t, "id")
		reject := func(b *browser) *answer {
			t.Helper()
			return b.post(t, "/organization/reject-invitation", object{"invitationId": forStranger})
		}
		reject(admin).refused(t, 403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION")
		reject(stranger).shape(t, `{"invitation":`+shape("stranger", "member", "rejected")+`,"member":null}`)
		reject(stranger).is(t, 400, `{"message":"Invitation not found!","code":"INVITATION_NOT_FOUND"}`)

		forStranger = invite(owner, "stranger@example.com", "member").ok(t).field(t, "id")
		cancel := func(b *browser, id string) *answer {
			t.Helper()
			return b.post(t, "/organization/cancel-invitation", object{"invitationId": id})
		}
		cancel(plain, forStranger).refused(t, 403, "YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION")
		cancel(stranger, forStranger).refused(t, 400, "MEMBER_NOT_FOUND")
		cancel(admin, forStranger).shape(t, shape("stranger", "member", "canceled"))
		cancel(admin, forStranger).refused(t, 400, "INVITATION_NOT_FOUND")
		cancel(admin, forAdmin).refused(t, 400, "INVITATION_NOT_FOUND") // It is accepted.
		cancel(admin, "nope").refused(t, 400, "INVITATION_NOT_FOUND")
		accept(stranger, forStranger).refused(t, 400, "INVITATION_NOT_FOUND")

		forStranger = invite(owner, "stranger@example.com", "member").ok(t).field(t, "id")
		s.clock.advance(48*time.Hour + time.Second)
		accept(stranger, forStranger).refused(t, 400, "INVITATION_NOT_FOUND")
		stranger.get(t, get+forStranger).is(t, 400, `{"message":"Invitation not found!"}`)
		reject(stranger).shape(t, `{"invitation":`+shape("stranger", "member", "rejected")+`,"member":null}`)

		invite(admin, "byadmin@example.com", "member").ok(t)
		invite(admin, "byadmin2@example.com", "owner").refused(t, 403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE")
		invite(admin, "byadmin2@example.com", "admin, owner").refused(t, 403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE")
		invite(plain, "bymember@example.com", "member").refused(t, 403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION")
		// A plain member sees no invitation that it did not send, here and with the organization.
		plain.get(t, list+"?organizationId="+acme).is(t, 200, `[]`)
		if got := plain.get(t, "/organization/get-full-organization").ok(t).field(t, "invitations"); got != "[]" {
			t.Errorf("invitations for a plain member = %s", got)
		}
	})
}

// Without a Mailer, and with one that fails, the invitation is there.
func TestInvitationWithoutMail(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		owner := s.signUp(t, "owner")
		acme := owner.newOrganization(t, "acme")
		s.mail.fail(errors.New("the mail server is down"))
		owner.post(t, "/organization/invite-member", object{"organizationId": acme, "email": "a@example.com", "role": "member"}).refused(t, 500, "INTERNAL_SERVER_ERROR")
		s.mail.fail(nil)
		if n := must(s.client.Invitation.Query().Count(t.Context()))(t); n != 1 {
			t.Errorf("%d invitations, want one", n)
		}
		owner.post(t, "/organization/invite-member", object{"organizationId": acme, "email": "a@example.com", "role": "member", "resend": true}).ok(t)
		if url := s.mail.last(t, authent.MailInvitation, "a@example.com").URL; url != "" {
			t.Errorf("URL = %q, want none: the config names no page", url)
		}
	})
	t.Run("none", func(t *testing.T) {
		onEach(t, func(c *authent.Config) { c.Mailer, c.Email.Change = nil, false }, func(t *testing.T, s *server) {
			owner := s.signUp(t, "owner")
			a := s.signUp(t, "a")
			a.accept(t, owner.invite(t, owner.newOrganization(t, "acme"), "a", "member"))
		})
	})
}

// GHSA-fmh4-wcc4-5jm3: the list of invitations trusted an address that nobody had verified.
func TestGHSA_fmh4_UnverifiedAddressSeesNoInvitations(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		owner := s.signUp(t, "owner")
		acme := owner.newOrganization(t, "acme")
		id := owner.invite(t, acme, "victim", "admin")
		victim := s.signUp(t, "victim") // Perhaps somebody else, who only knows the address.
		list := "/organization/list-user-invitations"
		if a := victim.get(t, list).refused(t, 403, "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION"); strings.Contains(string(a.body), id) {
			t.Errorf("the answer names the invitation: %s", a.body)
		}
		must(s.client.User.Update().Where(user.Email("victim@example.com")).SetEmailVerified(true).Save(t.Context()))(t)
		victim.get(t, list).shape(t, `[{"organizationId":"ID","email":"victim@example.com","role":"admin","status":"pending","expiresAt":"TIME","createdAt":"TIME","inviterId":"ID","id":"ID","organizationName":"acme"}]`)
		victim.get(t, list+"?email=victim@example.com").is(t, 400, `{"message":"User email cannot be passed for client side API calls."}`)
		s.browser().get(t, list).is(t, 400, `{"message":"Missing session headers, or email query parameter."}`)
		victim.accept(t, id)
		victim.get(t, list).is(t, 200, `[]`)
	})
}

// GHSA-fmh4-wcc4-5jm3: where the config says so, an invitation is only for a verified address.
func TestGHSA_fmh4_VerifiedAddressRequired(t *testing.T) {
	configure := func(c *authent.Config) { c.Organization.RequireVerifiedEmail = true }
	onEach(t, configure, func(t *testing.T, s *server) {
		owner, guest := s.signUp(t, "owner"), s.signUp(t, "guest")
		id := owner.invite(t, owner.newOrganization(t, "acme"), "guest", "member")
		const code = "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION"
		guest.get(t, "/organization/get-invitation?id="+id).refused(t, 403, code)
		guest.post(t, "/organization/accept-invitation", object{"invitationId": id}).refused(t, 403, code)
		guest.post(t, "/organization/reject-invitation", object{"invitationId": id}).refused(t, 403, code)
		must(s.client.User.Update().Where(user.Email("guest@example.com")).SetEmailVerified(true).Save(t.Context()))(t)
		guest.accept(t, id)
	})
}

// GHSA-fmh4-wcc4-5jm3: addresses that only look or fold alike are others.
func TestGHSA_fmh4_AddressesThatFoldAlike(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		owner, attacker := s.signUp(t, "owner"), s.signUp(t, "attacker")
		id := owner.invite(t, owner.newOrganization(t, "acme"), "kim", "admin")
		for _, email := range []string{"\u212aim@example.com", "k\u0131m@example.com", "k\u0130m@example.com", "\uff4bim@example.com", "kim@example.com ", "kim@example.com\u200b"} {
			must(s.client.User.Update().Where(user.Name("attacker")).SetEmail(email).SetEmailVerified(true).Save(t.Context()))(t)
			attacker.get(t, "/organization/get-invitation?id="+id).refused(t, 403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION")
			attacker.post(t, "/organization/accept-invitation", object{"invitationId": id}).refused(t, 403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION")
			attacker.get(t, "/organization/list-user-invitations").is(t, 200, `[]`)
		}
		// Rows of others may have capitals: those are the same address.
		must(s.client.User.Update().Where(user.Name("attacker")).SetEmail("KIM@Example.com").Save(t.Context()))(t)
		if got := attacker.get(t, "/organization/list-user-invitations").ok(t); !strings.Contains(string(got.body), id) {
			t.Errorf("list = %s", got.body)
		}
		attacker.accept(t, id)
	})
}

// An invitation counts for as much as who sent it: nothing once they have left or may no longer invite.
func TestInvitationOfFormerMember(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		owner, admin, guest := s.signUp(t, "owner"), s.signUp(t, "admin"), s.signUp(t, "guest")
		acme := owner.newOrganization(t, "acme")
		adminID := admin.accept(t, owner.invite(t, acme, "admin", "owner"))
		asOwner := admin.invite(t, acme, "guest", "owner")
		role := func(role string) {
			t.Helper()
			owner.post(t, "/organization/update-member-role", object{"memberId": adminID, "role": role}).ok(t)
		}
		role("admin")
		guest.post(t, "/organization/accept-invitation", object{"invitationId": asOwner}).refused(t, 400, "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION")
		role("member")
		guest.post(t, "/organization/accept-invitation", object{"invitationId": asOwner}).refused(t, 400, "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION")
		owner.post(t, "/organization/remove-member", object{"memberIdOrEmail": "admin@example.com"}).ok(t)
		guest.post(t, "/organization/accept-invitation", object{"invitationId": asOwner}).refused(t, 400, "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION")
		guest.get(t, "/organization/get-invitation?id="+asOwner).refused(t, 400, "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION")
		if n := must(s.client.Member.Query().Where(member.OrganizationID(acme)).Count(t.Context()))(t); n != 1 {
			t.Errorf("%d members, want the owner alone", n)
		}
		if got := must(s.client.Invitation.Get(t.Context(), asOwner))(t).Status; got != "pending" {
			t.Errorf("status = %q: a refusal changed it", got)
		}
	})
}

// GHSA-hc7v-rggr-4hvx: an invitation that many accept at the same time makes one member.
func TestGHSA_hc7v_RaceInvitationAcceptedTwice(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		owner, guest := s.signUp(t, "owner"), s.signUp(t, "guest")
		acme := owner.newOrganization(t, "acme")
		id := owner.invite(t, acme, "guest", "member")
		statuses := race(10, func(int) int {
			a, err := guest.try(http.MethodPost, "/organization/accept-invitation", object{"invitationId": id})
			if err != nil {
				t.Error(err)
				return 0
			}
			return a.status
		})
		if count(statuses, http.StatusOK) != 1 || count(statuses, http.StatusBadRequest) != 9 {
			t.Errorf("statuses = %v, want one 200 and else 400", statuses)
		}
		if n := must(s.client.Member.Query().Where(member.OrganizationID(acme)).Count(t.Context()))(t); n != 2 {
			t.Errorf("%d members, want two", n)
		}
	})
}

// Accepted, rejected and canceled at the same time, an invitation becomes one of these, and there is a member only if it
// is accepted.
func TestRaceInvitationAnswers(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		owner, guest := s.signUp(t, "owner"), s.signUp(t, "guest")
		acme := owner.newOrganization(t, "acme")
		id := owner.invite(t, acme, "guest", "member")
		paths := []string{"accept", "reject", "cancel"}
		statuses := race(9, func(i int) int {
			b := guest
			if i%3 == 2 {
				b = owner
			}
			a, err := b.try(http.MethodPost, "/organization/"+paths[i%3]+"-invitation", object{"invitationId": id})
			if err != nil {
				t.Error(err)
				return 0
			}
			return a.status
		})
		if count(statuses, http.StatusOK) != 1 {
			t.Fatalf("statuses = %v, want one 200", statuses)
		}
		members := must(s.client.Member.Query().Where(member.OrganizationID(acme)).Count(t.Context()))(t)
		status := must(s.client.Invitation.Get(t.Context(), id))(t).Status
		if (status == "accepted") != (members == 2) {
			t.Errorf("the invitation is %s, with %d members", status, members)
		}
	})
}

// The last seat is taken by one of many.
func TestRaceLastSeat(t *testing.T) {
	configure := func(c *authent.Config) { c.Organization.MembershipLimit = 2 }
	onEach(t, configure, func(t *testing.T, s *server) {
		owner := s.signUp(t, "owner")
		acme := owner.newOrganization(t, "acme")
		names := []string{"a", "b", "c", "d"}
		ids := make([]string, len(names))
		guests := make([]*browser, len(names))
		for i, name := range names {
			ids[i], guests[i] = owner.invite(t, acme, name, "member"), s.signUp(t, name)
		}
		statuses := race(len(names), func(i int) int {
			a, err := guests[i].try(http.MethodPost, "/organization/accept-invitation", object{"invitationId": ids[i]})
			if err != nil {
				t.Error(err)
				return 0
			}
			return a.status
		})
		if count(statuses, http.StatusOK) != 1 || count(statuses, http.StatusForbidden) != 3 {
			t.Errorf("statuses = %v, want one 200 and else 403", statuses)
		}
		if n := must(s.client.Member.Query().Where(member.OrganizationID(acme)).Count(t.Context()))(t); n != 2 {
			t.Errorf("%d members, want two", n)
		}
		if n := must(s.client.Invitation.Query().Where(invitation.Status("pending")).Count(t.Context()))(t); n != 3 {
			t.Errorf("%d invitations wait, want three", n)
		}
	})
}

// The last place for an invitation is taken by one of many, and nobody is invited twice.
func TestRaceInvitationLimit(t *testing.T) {
	configure := func(c *authent.Config) { c.Organization.InvitationLimit = 2 }
	onEach(t, configure, func(t *testing.T, s *server) {
		owner := s.signUp(t, "owner")
		acme := owner.newOrganization(t, "acme")
		statuses := race(8, func(i int) int {
			a, err := owner.try(http.MethodPost, "/organization/invite-member", object{
				"organizationId": acme, "email": string(rune('a'+i/2)) + "@example.com", "role": "member",
			})
			if err != nil {
				t.Error(err)
				return 0
			}
			return a.status
		})
		if count(statuses, http.StatusOK) != 2 {
			t.Errorf("statuses = %v, want two 200", statuses)
		}
		if n := must(s.client.Invitation.Query().Count(t.Context()))(t); n != 2 {
			t.Errorf("%d invitations, want two", n)
		}
	})
}
