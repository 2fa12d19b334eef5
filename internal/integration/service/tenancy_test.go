package service_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/ent/session"
)

// GHSA-4vcf-q4xf-f48m: an id of another organization in a request of somebody who has rights in their own. Every
// endpoint that takes an id, with the ids of the other organization alone and mixed with the own ones, from a stranger
// to both, from its owner, and from a member of both who has rights in one.
func TestGHSA_4vcf_IDsOfAnotherOrganization(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		mine, theirs := newCrew(t, s, "mine"), newCrew(t, s, "theirs")
		// Both: an owner of mine, a plain member of theirs, with mine active.
		both := s.signUp(t, "both")
		both.accept(t, theirs.owner.invite(t, theirs.id, "both", "member"))
		both.accept(t, mine.owner.invite(t, mine.id, "both", "owner"))
		invitation := theirs.owner.invite(t, theirs.id, "guest", "member")
		before := snapshot(t, s, theirs.id)
		type attack struct {
			method, path string
			in           object
		}
		attacks := []attack{
			{"POST", "/organization/update", object{"organizationId": theirs.id, "data": object{"name": "stolen"}}},
			{"POST", "/organization/delete", object{"organizationId": theirs.id}},
			{"POST", "/organization/invite-member", object{"organizationId": theirs.id, "email": "x@example.com", "role": "member"}},
			{"POST", "/organization/cancel-invitation", object{"invitationId": invitation}},
			{"POST", "/organization/accept-invitation", object{"invitationId": invitation}},
			{"POST", "/organization/reject-invitation", object{"invitationId": invitation}},
			{"GET", "/organization/get-invitation", object{"id": invitation}},
		}
		for _, id := range []string{theirs.ownerID, theirs.adminID, theirs.plainID} {
			for _, organization := range []string{theirs.id, mine.id, ""} {
				update := object{"memberId": id, "role": "member"}
				remove := object{"memberIdOrEmail": id}
				if organization != "" {
					update["organizationId"], remove["organizationId"] = organization, organization
				}
				attacks = append(attacks, attack{"POST", "/organization/update-member-role", update}, attack{"POST", "/organization/remove-member", remove})
			}
		}
		for _, organization := range []string{theirs.id, mine.id} {
			attacks = append(attacks, attack{"POST", "/organization/remove-member", object{"memberIdOrEmail": "theirs-member@example.com", "organizationId": organization}})
		}
		reads := []attack{
			{"GET", "/organization/get-full-organization", object{"organizationId": theirs.id}},
			{"GET", "/organization/get-full-organization", object{"organizationSlug": "theirs"}},
			{"GET", "/organization/list-members", object{"organizationId": theirs.id}},
			{"GET", "/organization/list-members", object{"organizationSlug": "theirs"}},
			{"GET", "/organization/list-members", object{"organizationId": mine.id, "organizationSlug": "theirs"}},
			{"GET", "/organization/list-invitations", object{"organizationId": theirs.id}},
			{"GET", "/organization/get-active-member-role", object{"organizationId": theirs.id}},
			{"GET", "/organization/get-active-member-role", object{"organizationId": theirs.id, "userId": theirs.owner.userID(t)}},
			{"GET", "/organization/get-active-member-role", object{"userId": theirs.owner.userID(t)}},
			{"POST", "/organization/set-active", object{"organizationId": theirs.id}},
			{"POST", "/organization/set-active", object{"organizationSlug": "theirs"}},
			{"POST", "/organization/has-permission", object{"organizationId": theirs.id, "permissions": object{"ac": []string{"read"}}}},
			{"POST", "/organization/leave", object{"organizationId": theirs.id}},
			{"POST", "/update-session", object{"activeOrganizationId": theirs.id}},
		}
		for name, who := range map[string]struct {
			*browser
			attacks []attack
		}{
			"owner of another organization": {mine.owner, append(reads, attacks...)},
			"stranger":                      {mine.stranger, append(reads, attacks...)},
			"nobody":                        {s.browser(), append(reads, attacks...)},
			"member with rights elsewhere":  {both, attacks},
		} {
			activeBefore := who.get(t, "/get-session").field(t, "session.activeOrganizationId")
			for _, a := range who.attacks {
				var answer *answer
				if a.method == http.MethodPost {
					answer = who.post(t, a.path, a.in)
				} else {
					values := url.Values{}
					for name, value := range a.in {
						values.Set(name, value.(string))
					}
					answer = who.get(t, a.path+"?"+values.Encode())
				}
				// update-session may answer 200 for fields that it does not know, as long as nothing happens.
				if answer.status == http.StatusOK && a.path != "/update-session" || answer.status >= 500 {
					t.Errorf("%s: %s %v = %d %s, want a refusal", name, a.path, a.in, answer.status, answer.body)
				}
				for _, secret := range []string{"theirs-owner", theirs.ownerID, "guest@example.com"} {
					if strings.Contains(string(answer.body), secret) {
						t.Errorf("%s: %s tells %s: %s", name, a.path, secret, answer.body)
					}
				}
			}
			if got := who.get(t, "/get-session").field(t, "session.activeOrganizationId"); got != activeBefore {
				t.Errorf("%s: the active organization is %q, was %q", name, got, activeBefore)
			}
		}
		if after := snapshot(t, s, theirs.id); after != before {
			t.Errorf("the other organization changed:\n%s\nwas\n%s", after, before)
		}
	})
}

// snapshot returns all that the database has of an organization.
func snapshot(t *testing.T, s *server, id string) string {
	t.Helper()
	o := must(s.client.Organization.Get(t.Context(), id))(t)
	var out strings.Builder
	out.WriteString(o.String())
	for _, m := range must(o.QueryMembers().Order(ent.Asc("id")).All(t.Context()))(t) {
		out.WriteString("\n" + m.String())
	}
	for _, i := range must(o.QueryInvitations().Order(ent.Asc("id")).All(t.Context()))(t) {
		out.WriteString("\n" + i.String())
	}
	return out.String()
}

// The organization of a request's identity is only what the user is a member of, however it came into the session.
func TestIdentityOrganization(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		c, ctx := newCrew(t, s, "acme"), t.Context()
		identity := func(b *browser) *authent.Identity {
			t.Helper()
			known := must(s.client.Session.Query().IncludeSecrets().Where(session.UserID(b.userID(t))).Only(ctx))(t)
			row, user, err := s.client.AuthStore().Sessions().FindWithUser(ctx, known.Token)
			if err != nil {
				t.Fatal(err)
			}
			id := &authent.Identity{User: user, Session: row, Method: authent.MethodSession}
			s.auth.WithIdentity(ctx, id)
			return id
		}
		admin := identity(c.admin)
		org := must(admin.Org(ctx))(t)
		if org == nil || org.ID != c.id || org.Name != "acme" || org.Slug != "acme" || org.Role != "admin" || org.MemberID != c.adminID {
			t.Errorf("Org = %+v", org)
		}
		if role := must(admin.OrgRole(ctx))(t); role != "admin" {
			t.Errorf("OrgRole = %q", role)
		}
		for _, test := range []struct {
			roles []string
			want  bool
		}{{[]string{"owner", "admin"}, true}, {[]string{"owner"}, false}, {nil, false}, {[]string{""}, false}} {
			if got := must(admin.HasOrgRole(ctx, test.roles...))(t); got != test.want {
				t.Errorf("HasOrgRole(%q) = %v", test.roles, got)
			}
		}
		if !must(admin.HasOrgPermission(ctx, "member", "create", "delete"))(t) || must(admin.HasOrgPermission(ctx, "organization", "delete"))(t) {
			t.Error("HasOrgPermission is not what the role permits")
		}

		// Somebody else's organization in the session, as the TypeScript side lets clients write it.
		stranger := identity(c.stranger)
		if org := must(stranger.Org(ctx))(t); org != nil {
			t.Errorf("Org = %+v without an active one", org)
		}
		must(s.client.Session.Update().Where(session.UserID(c.stranger.userID(t))).SetActiveOrganizationID(c.id).Save(ctx))(t)
		stranger = identity(c.stranger)
		if org := must(stranger.Org(ctx))(t); org != nil {
			t.Errorf("Org = %+v of somebody else", org)
		}
		if role := must(stranger.OrgRole(ctx))(t); role != "" {
			t.Errorf("OrgRole = %q of somebody else", role)
		}
		if must(stranger.HasOrgRole(ctx, "owner", "member", ""))(t) || must(stranger.HasOrgPermission(ctx, "ac", "read"))(t) {
			t.Error("a stranger has a role")
		}
		// A member who was removed.
		c.owner.post(t, "/organization/remove-member", object{"memberIdOrEmail": c.plainID}).ok(t)
		if org := must(identity(c.plain).Org(ctx))(t); org != nil {
			t.Errorf("Org = %+v after the membership", org)
		}
		// An identity that is from nowhere is an error, not a denial.
		active := c.id
		made := &authent.Identity{User: &authent.User{ID: "u"}, Session: &authent.Session{ActiveOrganizationID: &active}}
		if _, err := made.Org(ctx); err == nil {
			t.Error("an identity without service has an organization")
		}
	})
}
