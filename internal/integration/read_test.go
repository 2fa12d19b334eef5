package integration_test

import (
	"fmt"
	"testing"

	entsql "entgo.io/ent/dialect/sql"

	hard "github.com/agentuity/auth-go/internal/integration/hard/ent"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/user"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/vault"
)

// Each row has its own values, NULL after a value included, whatever else the query selects.
func TestRowsDoNotShareValues(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		for i := range 6 {
			u := c.User.Create().SetID(fmt.Sprint(i)).SetName("name").SetEmail(fmt.Sprint(i, "@example.com"))
			v := c.Vault.Create().SetGold("gold")
			if i%2 == 0 {
				u.SetImage(fmt.Sprint("image ", i)).SetInput(fmt.Sprint(i))
				v.SetSilver(fmt.Sprint(i)).SetKeeperID(fmt.Sprint(i))
			}
			u.SaveX(ctx)
			v.SaveX(ctx)
		}
		check := func(what string, users []*hard.User) {
			t.Helper()
			if len(users) != 6 {
				t.Fatalf("%s: %d users", what, len(users))
			}
			for i, u := range users {
				image, input := "", ""
				if i%2 == 0 {
					image, input = fmt.Sprint("image ", i), fmt.Sprint(i)
				}
				if u.ID != fmt.Sprint(i) || u.Input != input || (u.Image == nil) != (image == "") || u.Image != nil && *u.Image != image {
					t.Errorf("%s: row %d is %v", what, i, u)
				}
			}
		}
		byID := func() *hard.UserQuery { return c.User.Query().Order(user.ByID()) }
		check("all", byID().AllX(ctx))
		check("again", byID().AllX(ctx))
		check("with secrets", byID().IncludeSecrets().AllX(ctx))
		check("unique", byID().Unique(true).AllX(ctx))
		check("ordered by neighbors", c.User.Query().Order(user.ByKeysCount(), user.ByID()).AllX(ctx))
		check("traversal", byID().Where(user.Not(user.HasKeys())).AllX(ctx))
		modified := byID()
		modified.Modify(func(s *entsql.Selector) { s.AppendSelectAs(s.C(user.FieldID)+" || '!'", "mark") })
		users := modified.AllX(ctx)
		check("modified", users)
		for i, u := range users {
			if v, err := u.Value("mark"); err != nil || fmt.Sprint(v) != fmt.Sprint(i, "!") {
				t.Errorf("the mark of row %d is %v: %v", i, v, err)
			}
		}
		for i, v := range c.Vault.Query().Order(vault.ByID()).WithKeeper().IncludeSecrets().AllX(ctx) {
			if (v.Edges.Keeper != nil) != (i%2 == 0) || v.Edges.Keeper != nil && (v.Edges.Keeper.ID != fmt.Sprint(i) || v.Silver != fmt.Sprint(i)) {
				t.Errorf("vault %d is %v", i, v)
			}
		}
	})
}
