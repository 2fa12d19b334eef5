package integration_test

import (
	"testing"
	"time"

	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/ent/member"
	"github.com/agentuity/auth-go/ent/organization"
	"github.com/agentuity/auth-go/ent/user"
)

// fill creates a row in each table that belongs to a user or an organization.
func fill(t *testing.T, c *ent.Client) (ada *ent.User, acme *ent.Organization) {
	t.Helper()
	ctx := t.Context()
	ada = must(c.User.Create().SetName("Ada").SetEmail("ada@example.com").Save(ctx))(t)
	acme = must(c.Organization.Create().SetName("Acme").SetSlug("acme").Save(ctx))(t)
	must(c.Session.Create().SetUser(ada).SetToken("t").SetExpiresAt(time.Now()).Save(ctx))(t)
	must(c.Account.Create().SetUser(ada).SetAccountID(ada.ID).SetProviderID("credential").SetPassword("x").Save(ctx))(t)
	must(c.APIKey.Create().SetUser(ada).SetKey("k").Save(ctx))(t)
	must(c.Member.Create().SetUser(ada).SetOrganization(acme).SetRole("owner").Save(ctx))(t)
	must(c.Invitation.Create().SetInviter(ada).SetOrganization(acme).SetEmail("x@example.com").SetStatus("pending").SetExpiresAt(time.Now()).Save(ctx))(t)
	must(c.Verification.Create().SetIdentifier("i").SetValue("v").SetExpiresAt(time.Now()).Save(ctx))(t)
	must(c.JWKS.Create().SetPublicKey("{}").SetPrivateKey("x").Save(ctx))(t)
	return ada, acme
}

// Every relation of the TypeScript side is an edge in both directions.
func TestEdges(t *testing.T) {
	onEach(t, newClient, func(t *testing.T, c *ent.Client) {
		ctx := t.Context()
		ada, acme := fill(t, c)

		u := must(c.User.Query().WithSessions().WithAccounts().WithMembers().WithInvitations().WithAPIKeys().Only(ctx))(t)
		e := u.Edges
		if len(e.Sessions) != 1 || len(e.Accounts) != 1 || len(e.Members) != 1 || len(e.Invitations) != 1 || len(e.APIKeys) != 1 {
			t.Errorf("edges of the user: %+v", e)
		}
		o := must(c.Organization.Query().WithMembers(func(q *ent.MemberQuery) { q.WithUser() }).WithInvitations(func(q *ent.InvitationQuery) { q.WithInviter() }).Only(ctx))(t)
		if o.Edges.Members[0].Edges.User.ID != ada.ID || o.Edges.Invitations[0].Edges.Inviter.ID != ada.ID {
			t.Errorf("edges of the organization: %+v", o.Edges)
		}
		for what, id := range map[string]string{
			"session.user":            must(c.Session.Query().QueryUser().OnlyID(ctx))(t),
			"account.user":            must(c.Account.Query().QueryUser().OnlyID(ctx))(t),
			"apikey.user":             must(c.APIKey.Query().QueryUser().OnlyID(ctx))(t),
			"member.user":             must(c.Member.Query().QueryUser().OnlyID(ctx))(t),
			"invitation.inviter":      must(c.Invitation.Query().QueryInviter().OnlyID(ctx))(t),
			"user.sessions.user":      must(ada.QuerySessions().QueryUser().OnlyID(ctx))(t),
			"organization.members":    must(acme.QueryMembers().QueryUser().OnlyID(ctx))(t),
			"user.members across":     must(c.User.Query().Where(user.HasMembersWith(member.HasOrganizationWith(organization.Slug("acme")))).OnlyID(ctx))(t),
			"organization.invitation": must(acme.QueryInvitations().QueryInviter().OnlyID(ctx))(t),
		} {
			if id != ada.ID {
				t.Errorf("%s leads to %q", what, id)
			}
		}
		for what, id := range map[string]string{
			"member.organization":     must(c.Member.Query().QueryOrganization().OnlyID(ctx))(t),
			"invitation.organization": must(c.Invitation.Query().QueryOrganization().OnlyID(ctx))(t),
		} {
			if id != acme.ID {
				t.Errorf("%s leads to %q", what, id)
			}
		}

		// An edge can be set from the other side.
		s := must(c.Session.Query().Only(ctx))(t)
		grace := must(c.User.Create().SetName("Grace").SetEmail("grace@example.com").AddSessionIDs().Save(ctx))(t)
		must(s.Update().SetUser(grace).Save(ctx))(t)
		if n := must(grace.QuerySessions().Count(ctx))(t); n != 1 {
			t.Errorf("%d sessions after SetUser", n)
		}
	})
}

func TestDeletingAUserCascades(t *testing.T) {
	onEach(t, newClient, func(t *testing.T, c *ent.Client) {
		ada, _ := fill(t, c)
		must(0, c.User.DeleteOne(ada).Exec(t.Context()))(t)
		assertCounts(t, c, map[string]int{"organization": 1, "verification": 1, "jwks": 1})
	})
}

func TestDeletingAnOrganizationCascades(t *testing.T) {
	onEach(t, newClient, func(t *testing.T, c *ent.Client) {
		_, acme := fill(t, c)
		must(0, c.Organization.DeleteOne(acme).Exec(t.Context()))(t)
		assertCounts(t, c, map[string]int{"user": 1, "session": 1, "account": 1, "apikey": 1, "verification": 1, "jwks": 1})
	})
}

// assertCounts compares the number of rows of every table; those not named have none.
func assertCounts(t *testing.T, c *ent.Client, want map[string]int) {
	t.Helper()
	ctx := t.Context()
	for table, n := range map[string]int{
		"user":         must(c.User.Query().Count(ctx))(t),
		"session":      must(c.Session.Query().Count(ctx))(t),
		"account":      must(c.Account.Query().Count(ctx))(t),
		"verification": must(c.Verification.Query().Count(ctx))(t),
		"organization": must(c.Organization.Query().Count(ctx))(t),
		"member":       must(c.Member.Query().Count(ctx))(t),
		"invitation":   must(c.Invitation.Query().Count(ctx))(t),
		"jwks":         must(c.JWKS.Query().Count(ctx))(t),
		"apikey":       must(c.APIKey.Query().Count(ctx))(t),
	} {
		if n != want[table] {
			t.Errorf("%s: %d rows, want %d", table, n, want[table])
		}
	}
}
