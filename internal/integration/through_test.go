package integration_test

import (
	"testing"

	hard "github.com/agentuity/auth-go/internal/integration/hard/ent"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/organization"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/user"
)

// Users and organizations are many to many through the auth table of the members, whose
// columns are not named as its fields.
func TestThroughAnAuthTable(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		ada, grace := c.newUser(t, "ada"), c.newUser(t, "grace")
		acme := must(c.Organization.Create().SetName("Acme").SetSlug("acme").Save(ctx))(t)
		for _, u := range []*hard.User{ada, grace} {
			must(c.Member.Create().SetOrganization(acme).SetUser(u).SetRole("member").Save(ctx))(t)
		}
		// There is no unique index: the TypeScript side may have written a member twice.
		must(c.Member.Create().SetOrganization(acme).SetUser(ada).SetRole("owner").Save(ctx))(t)

		u := must(c.User.Query().Where(user.ID(ada.ID)).WithOrganizations().WithOrganizationMembers().Only(ctx))(t)
		if len(u.Edges.Organizations) == 0 || u.Edges.Organizations[0].ID != acme.ID || len(u.Edges.OrganizationMembers) != 2 {
			t.Errorf("edges of the user: %+v", u.Edges)
		}
		if n := must(acme.QueryUsers().Count(ctx))(t); n != 2 {
			t.Errorf("%d users of the organization", n)
		}
		if n := must(c.User.Query().Where(user.HasOrganizationsWith(organization.Slug("acme"))).Count(ctx))(t); n != 2 {
			t.Errorf("%d users with the organization", n)
		}
	})
}

// An edge schema of the app with a composite id.
func TestThroughAnEdgeSchema(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		ada := c.newUser(t, "ada")
		team := must(c.Team.Create().SetName("a").Save(ctx))(t)
		must(c.TeamUser.Create().SetUser(ada).SetTeam(team).SetWeight(3).Save(ctx))(t)
		got := must(c.Team.Query().WithUsers().WithTeamUsers().Only(ctx))(t)
		if len(got.Edges.Users) != 1 || got.Edges.Users[0].ID != ada.ID || got.Edges.TeamUsers[0].Weight != 3 {
			t.Errorf("edges of the team: %+v", got.Edges)
		}
		// Self edges of every kind.
		grace := must(c.User.Create().SetName("grace").SetEmail("g@example.com").AddFriends(ada).AddFollowing(ada).SetManager(ada).SetSpouse(ada).Save(ctx))(t)
		grace = must(c.User.Query().Where(user.ID(grace.ID)).WithFriends().WithFollowing().WithManager().WithSpouse().Only(ctx))(t)
		e := grace.Edges
		if len(e.Friends) != 1 || len(e.Following) != 1 || e.Manager.ID != ada.ID || e.Spouse.ID != ada.ID {
			t.Errorf("self edges: %+v", e)
		}
	})
}
