package service_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent/member"
	"github.com/agentuity/auth-go/ent/organization"
	"github.com/agentuity/auth-go/ent/session"
	"github.com/agentuity/auth-go/ent/user"
)

// withOrganizationActive returns another session of a user, in which an organization is active.
func (s *server) withOrganizationActive(t *testing.T, name, organizationID string) *browser {
	t.Helper()
	b := s.signIn(t, name)
	b.post(t, "/organization/set-active", object{"organizationId": organizationID}).ok(t)
	return b
}

// TestRemovalReachesAllSessions: who is removed, leaves, or was in an organization that is deleted has it in no session
// any more, in the database and in a secondary storage, and in no new token.
func TestRemovalReachesAllSessions(t *testing.T) {
	onEach(t, nil, func(t *testing.T, known *server) {
		for _, storage := range []*memory{nil, newMemory()} {
			s, slug := known, "acme"
			if storage != nil {
				s, slug = serve(t, known.client.AuthStore(), func(c *authent.Config) { c.Session.Storage = storage }), "stored"
				s.client = known.client
			}
			c := newCrew(t, s, slug)
			gone := func(what string, browsers ...*browser) {
				t.Helper()
				for i, b := range browsers {
					if got := b.active(t); got != "" {
						t.Errorf("%s: session %d has %s active", what, i, got)
					}
					jwt := b.get(t, "/token").ok(t).field(t, "token")
					if claims := must(s.auth.VerifyJWT(t.Context(), authent.VerifyJWTInput{Token: jwt}))(t); claims["activeOrganizationId"] != nil {
						t.Errorf("%s: a new token says %v", what, claims["activeOrganizationId"])
					}
				}
			}
			stays := func(b *browser) {
				t.Helper()
				if b.active(t) != c.id {
					t.Error("the session of another member lost the organization")
				}
			}

			plain, admin, owner := s.withOrganizationActive(t, slug+"-member", c.id), s.withOrganizationActive(t, slug+"-admin", c.id), s.withOrganizationActive(t, slug+"-owner", c.id)
			c.owner.post(t, "/organization/remove-member", object{"memberIdOrEmail": c.plainID, "organizationId": c.id}).ok(t)
			gone("removed", plain, c.plain)
			stays(admin)
			c.admin.post(t, "/organization/leave", object{"organizationId": c.id}).ok(t)
			gone("left", admin, c.admin)
			stays(owner)
			c.owner.post(t, "/organization/delete", object{"organizationId": c.id}).ok(t)
			gone("deleted", owner, c.owner)
			if n := must(s.client.Session.Query().Where(session.ActiveOrganizationID(c.id)).Count(t.Context()))(t); n != 0 {
				t.Errorf("%d rows have the organization active", n)
			}
		}
	})
}

// TestRefusedRemovalChangesNoSession: a removal that is refused leaves the sessions as they are.
func TestRefusedRemovalChangesNoSession(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		c := newCrew(t, s, "acme")
		owner := s.withOrganizationActive(t, "acme-owner", c.id)
		owner.post(t, "/organization/leave", object{"organizationId": c.id}).refused(t, 400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER")
		c.admin.post(t, "/organization/remove-member", object{"memberIdOrEmail": c.ownerID, "organizationId": c.id}).
			refused(t, 400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER")
		c.admin.post(t, "/organization/delete", object{"organizationId": c.id}).refused(t, 403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION")
		if owner.active(t) != c.id || c.owner.active(t) != c.id {
			t.Error("a refused removal changed a session")
		}
	})
}

// TestDeletedUserLeavesNoOrganizationBehind: an organization without other members goes with its user; one with others
// stays, and so does each if the config says so.
func TestDeletedUserLeavesNoOrganizationBehind(t *testing.T) {
	enabled := func(keep, noDeletion bool) func(*authent.Config) {
		return func(c *authent.Config) {
			c.DeleteUser = authent.DeleteUserConfig{Enabled: true, KeepOrganizations: keep}
			c.Organization.DisableDeletion = noDeletion
		}
	}
	onEach(t, enabled(false, false), func(t *testing.T, known *server) {
		exists := func(slug string) bool {
			return known.client.Organization.Query().Where(organization.Slug(slug)).ExistX(t.Context())
		}
		ann := known.signUp(t, "ann")
		own := ann.newOrganization(t, "own")
		ann.invite(t, own, "somebody", "member")
		shared := known.signUp(t, "bea").newOrganization(t, "shared")
		known.client.Member.Create().SetOrganizationID(shared).SetUserID(ann.userID(t)).SetRole("owner").SaveX(t.Context())
		ann.post(t, "/delete-user", object{}).ok(t)
		if exists("own") || !exists("shared") {
			t.Error("an organization without members must go, and one with others stay")
		}
		if n := known.client.Member.Query().Where(member.OrganizationID(shared)).CountX(t.Context()); n != 1 {
			t.Errorf("%d members, want 1", n)
		}
		if n := known.client.Invitation.Query().CountX(t.Context()); n != 0 {
			t.Errorf("%d invitations, want none", n)
		}
		for slug, configure := range map[string]func(*authent.Config){"kept": enabled(true, false), "fixed": enabled(false, true)} {
			s := serve(t, known.client.AuthStore(), configure)
			b := s.signUp(t, slug)
			b.newOrganization(t, slug)
			b.post(t, "/delete-user", object{}).ok(t)
			if !exists(slug) {
				t.Errorf("the organization %q was deleted", slug)
			}
		}
	})
}

// TestDeletionOfWhatIsReferenced: rows of the app that refer to a user or an organization without deleting themselves
// keep it, with all that belongs to it, and the client is told.
func TestDeletionOfWhatIsReferenced(t *testing.T) {
	t.Parallel()
	for _, d := range databases {
		for _, deferred := range []string{"", " DEFERRABLE INITIALLY DEFERRED"} {
			t.Run(d.name+deferred, func(t *testing.T) {
				t.Parallel()
				drv := d.open(t)
				s := newServer(t, drv, func(c *authent.Config) { c.DeleteUser.Enabled = true })
				exec := func(query string, args ...any) {
					t.Helper()
					check(t, drv.Exec(t.Context(), query, args, nil))
				}
				quote := map[string]string{dialect.Postgres: "$1", dialect.SQLite: "?"}[drv.Dialect()]
				exec(`CREATE TABLE "note" ("id" text PRIMARY KEY, "author" text REFERENCES "user" ("id")` + deferred + `, "org" text REFERENCES "organization" ("id")` + deferred + `)`)
				b := s.signUp(t, "ann")
				other := s.signIn(t, "ann")
				id, org := b.userID(t), b.newOrganization(t, "org")
				key := s.newKey(t, authent.CreateAPIKeyInput{UserID: id})

				exec(`INSERT INTO "note" ("id", "author") VALUES ('1', `+quote+`)`, id)
				b.post(t, "/delete-user", object{}).is(t, 409, `{"message":"The user cannot be deleted: other records refer to it","code":"USER_IS_REFERENCED"}`)
				if !b.signedIn(t) || !other.signedIn(t) || s.verifyKey(t, authent.VerifyAPIKeyInput{Key: key.Key}) != "" || b.active(t) != org {
					t.Error("a user that was not deleted lost something")
				}
				s.signIn(t, "ann")

				exec(`UPDATE "note" SET "author" = NULL, "org" = `+quote, org)
				b.post(t, "/organization/delete", object{"organizationId": org}).is(t, 409, `{"message":"The organization cannot be deleted: other records refer to it","code":"ORGANIZATION_IS_REFERENCED"}`)
				if b.active(t) != org || b.get(t, "/organization/get-active-member").ok(t).field(t, "role") != "owner" {
					t.Error("an organization that was not deleted lost something")
				}
				b.post(t, "/delete-user", object{}).refused(t, 409, "USER_IS_REFERENCED")
				if strings.Contains(s.log.String(), "level=ERROR") {
					t.Errorf("it is no failure of the server: %s", s.log)
				}

				exec(`DELETE FROM "note"`)
				b.post(t, "/delete-user", object{}).ok(t)
				if s.client.User.Query().Where(user.ID(id)).ExistX(context.WithoutCancel(t.Context())) {
					t.Error("the user is still there")
				}
			})
		}
	}
}

// TestRateLimitOfPasswordChecks: what tells whether a password is right is limited as sign-in is.
func TestRateLimitOfPasswordChecks(t *testing.T) {
	on := true
	onEach(t, func(c *authent.Config) {
		c.RateLimit.Enabled = &on
		c.DeleteUser.Enabled = true
	}, func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		for _, path := range []string{"/verify-password", "/delete-user"} {
			for range 3 {
				b.post(t, path, object{"password": "guess-guess"}).refused(t, 400, "INVALID_PASSWORD")
			}
			for range 2 {
				a := b.post(t, path, object{"password": password})
				if a.status != http.StatusTooManyRequests || a.header.Get("X-Retry-After") != "10" {
					t.Errorf("%s: the fourth guess = %d %s", path, a.status, a.body)
				}
			}
		}
		s.clock.advance(11 * time.Second)
		b.post(t, "/verify-password", object{"password": password}).ok(t)
	})
}
