package integration_test

import (
	"strings"
	"testing"

	hard "github.com/agentuity/auth-go/internal/integration/hard/ent"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/limit"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/passport"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/user"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/wallet"
)

// The edge says whose row it is. An id that says something else gives way to it.
func TestSharedIDFollowsTheEdge(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		ada := c.newUser(t, "ada")
		p := must(c.Passport.Create().SetID("other").SetHolder(ada).SetNumber("1").Save(ctx))(t)
		if p.ID != ada.ID || must(p.QueryHolder().OnlyID(ctx))(t) != ada.ID {
			t.Errorf("the id is %q, want that of the holder, %q", p.ID, ada.ID)
		}
		// The id alone does not say it.
		grace := c.newUser(t, "grace")
		err := c.Passport.Create().SetID(grace.ID).SetNumber("2").Exec(ctx)
		if !hard.IsValidationError(err) || !strings.Contains(err.Error(), `missing required edge "Passport.holder"`) {
			t.Errorf("an id without the edge: got %v, want a validation error with the name of the edge", err)
		}
		if err := c.Passport.Create().SetHolderID("").SetNumber("2").Exec(ctx); err == nil {
			t.Error("an empty id is taken")
		}
		// A user who does not exist yet has no passport to be connected to.
		err = c.User.Create().SetName("linus").SetEmail("linus@example.com").SetPassport(p).Exec(ctx)
		if !hard.IsConstraintError(err) {
			t.Errorf("the passport of another user: got %v, want a constraint error", err)
		}
	})
}

func TestSharedIDBulk(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		users := []*hard.User{c.newUser(t, "ada"), c.newUser(t, "grace"), c.newUser(t, "linus")}
		passports := must(c.Passport.MapCreateBulk(users, func(b *hard.PassportCreate, i int) {
			b.SetHolder(users[i]).SetNumber(users[i].Name).SetVisits(i)
		}).Save(ctx))(t)
		for i, p := range passports {
			if p.ID != users[i].ID {
				t.Errorf("passport %d has the id %q, want %q", i, p.ID, users[i].ID)
			}
		}
		loaded := must(c.User.Query().WithPassport().Order(user.ByName()).All(ctx))(t)
		for i, u := range loaded {
			if u.Edges.Passport == nil || u.Edges.Passport.ID != u.ID || u.Edges.Passport.Visits != i {
				t.Errorf("user %d: %+v", i, u.Edges.Passport)
			}
		}
		if err := c.Passport.CreateBulk(
			c.Passport.Create().SetHolderID(users[0].ID).SetNumber("x").SetVisits(7),
			c.Passport.Create().SetHolderID(users[1].ID).SetNumber("y").SetVisits(8),
		).OnConflictColumns(passport.FieldID).UpdateNewValues().Exec(ctx); err != nil {
			t.Fatal(err)
		}
		if n := must(c.Passport.Query().Where(passport.VisitsGTE(7)).Count(ctx))(t); n != 2 {
			t.Errorf("%d rows were updated, want 2", n)
		}
		if err := c.Passport.Create().SetHolder(users[2]).SetNumber("z").OnConflictColumns(passport.FieldID).DoNothing().Exec(ctx); !isNothing(err) {
			t.Errorf("DoNothing: %v", err)
		}
		if n := must(c.Passport.Delete().Where(passport.HasHolderWith(user.NameIn("ada", "grace"))).Exec(ctx))(t); n != 2 {
			t.Errorf("Delete: %d rows", n)
		}
		must(0, c.Passport.DeleteOneID(users[2].ID).Exec(ctx))(t)
		if n := must(c.User.Query().Where(user.Not(user.HasPassport())).Count(ctx))(t); n != 3 {
			t.Errorf("%d users without a passport, want 3", n)
		}
	})
}

// isNothing reports whether an upsert succeeded, or says as Ent does that no row was returned.
func isNothing(err error) bool {
	return err == nil || strings.Contains(err.Error(), "no rows in result set")
}

// A shared id of type int64 whose other side has no edge, and that no database counts up.
func TestSharedInt64ID(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		const big = int64(1) << 40
		w := must(c.Wallet.Create().SetID(big).SetLabel("w").Save(ctx))(t)
		l := must(c.Limit.Create().SetWallet(w).SetAmount(5).Save(ctx))(t)
		if l.ID != big {
			t.Fatalf("id %d, want %d", l.ID, big)
		}
		got := must(c.Limit.Query().WithWallet().Where(limit.HasWalletWith(wallet.LabelEQ("w"))).Only(ctx))(t)
		if got.ID != big || got.Edges.Wallet == nil || got.Edges.Wallet.ID != big || must(got.QueryWallet().OnlyID(ctx))(t) != big {
			t.Errorf("the limit: %+v", got)
		}
		id := must(c.Limit.Create().SetWalletID(big).SetAmount(6).OnConflictColumns(limit.FieldID).UpdateNewValues().ID(ctx))(t)
		if id != big || must(c.Limit.Get(ctx, big))(t).Amount != 6 {
			t.Errorf("upsert: id %d", id)
		}
		if err := c.Limit.Create().SetWalletID(big + 1).Exec(ctx); !hard.IsConstraintError(err) {
			t.Errorf("the limit of no wallet: %v, want a constraint error", err)
		}
		if err := c.Limit.Create().SetAmount(1).Exec(ctx); !hard.IsValidationError(err) {
			t.Errorf("a limit without a wallet: %v, want a validation error", err)
		}
		must(0, c.Wallet.DeleteOne(w).Exec(ctx))(t)
		if n := must(c.Limit.Query().Count(ctx))(t); n != 0 {
			t.Error("the limit outlives its wallet")
		}

		query := `SELECT count(*) FROM information_schema.columns WHERE table_name IN ('limits', 'scores') AND column_name IN ('wallet_id', 'team_id') AND (column_default IS NOT NULL OR is_identity = 'YES')`
		if c.dialect == "sqlite3" {
			query = `SELECT count(*) FROM sqlite_master WHERE name IN ('limits', 'scores') AND sql LIKE '%AUTOINCREMENT%'`
		}
		rows := must(c.QueryContext(ctx, query))(t) //nolint:rowserrcheck // It is checked below.
		defer func() { _ = rows.Close() }()
		var n int
		for rows.Next() {
			must(0, rows.Scan(&n))(t)
		}
		if err := rows.Err(); err != nil || n != 0 {
			t.Errorf("%d shared ids are made by the database: %v", n, err)
		}
	})
}

// An edge schema with an id of its own, and with a secret.
func TestThroughAnEdgeSchemaWithID(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		ada := c.newUser(t, "ada")
		w := must(c.Wallet.Create().SetID(1).AddHolders(ada).Save(ctx))(t)
		m := must(c.Membership.Query().Only(ctx))(t)
		if len(m.ID) != 32 || m.UserID != ada.ID || m.WalletID != w.ID || m.CreatedAt.IsZero() {
			t.Errorf("the row between: %+v", m)
		}
		must(0, m.Update().SetNote("hidden").Exec(ctx))(t)
		c.log.reset()
		u := must(c.User.Query().WithWallets().WithWalletMemberships().Only(ctx))(t)
		c.log.assertNotRead(t, "With", "note", "pin")
		if len(u.Edges.Wallets) != 1 || len(u.Edges.WalletMemberships) != 1 || u.Edges.WalletMemberships[0].Note != "" {
			t.Errorf("edges of the user: %+v", u.Edges)
		}
		if n := must(w.QueryHolders().Count(ctx))(t); n != 1 {
			t.Errorf("%d holders", n)
		}
		must(0, c.User.UpdateOne(ada).RemoveWallets(w).Exec(ctx))(t)
		if n := must(c.Membership.Query().Count(ctx))(t); n != 0 {
			t.Errorf("%d rows between after RemoveWallets", n)
		}
	})
}
