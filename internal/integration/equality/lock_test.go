package equality_test

import (
	"fmt"
	"slices"
	"testing"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/agentuity/auth-go/authent/param"
	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/internal/integration/equality/ent"
	"github.com/agentuity/auth-go/internal/integration/equality/ent/thing"
	"github.com/agentuity/auth-go/internal/integration/equality/ent/user"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// TestPreparedEdgeLocks runs a prepared query with a lock in a transaction, and asks another connection which rows it
// can have: those of the edge that is locked are not among them, and those of all others are. The first runs of a
// query and those after it send other statements.
func TestPreparedEdgeLocks(t *testing.T) {
	for _, joins := range []bool{true, false} {
		t.Run(fmt.Sprintf("joins=%t", joins), func(t *testing.T) {
			t.Parallel()
			drv, err := pgxdriver.Open(t.Context(), pgtest.New(t), pgxdriver.WithJoins(joins), pgxdriver.WithMaxConns(4))
			if err != nil {
				t.Fatal(err)
			}
			client := ent.NewClient(ent.Driver(drv))
			t.Cleanup(func() {
				if err := client.Close(); err != nil {
					t.Error(err)
				}
			})
			if err := client.Schema.Create(t.Context()); err != nil {
				t.Fatal(err)
			}
			lockThings(t, client)
		})
	}
}

func lockThings(t *testing.T, client *ent.Client) {
	t.Helper()
	ctx := t.Context()
	for _, id := range []string{"ann", "bob"} {
		owner := client.User.Create().SetID(id).SetName(id).SetEmail(id + "@example.com").SaveX(ctx)
		for _, name := range []string{"1", "2"} {
			client.Thing.Create().SetName(id + name).SetData([]byte{1}).SetKey([16]byte{1}).SetOwner(owner).ExecX(ctx)
		}
	}
	for _, tt := range []struct {
		name   string
		query  *ent.UserQuery
		users  []string // What another connection can lock meanwhile.
		things []string
	}{
		{
			name:   "edge",
			query:  client.User.Query().WithThings(func(q *ent.ThingQuery) { q.ForUpdate() }),
			users:  []string{"ann", "bob"},
			things: []string{"bob1", "bob2"},
		},
		{
			name: "edge with a placeholder",
			query: client.User.Query().WithThings(func(q *ent.ThingQuery) {
				q.Where(thing.NameNEQ(param.String("not"))).ForUpdate(entsql.WithLockTables(thing.Table))
			}),
			users:  []string{"ann", "bob"},
			things: []string{"ann2", "bob1", "bob2"},
		},
		{
			name: "edge of an edge",
			query: client.User.Query().WithThings(func(q *ent.ThingQuery) {
				q.WithOwner(func(q *ent.UserQuery) { q.ForUpdate() })
			}),
			users:  []string{"bob"},
			things: []string{"ann1", "ann2", "bob1", "bob2"},
		},
		{
			name:   "query",
			query:  client.User.Query().WithThings().ForUpdate(),
			users:  []string{"bob"},
			things: []string{"ann1", "ann2", "bob1", "bob2"},
		},
	} {
		params, args := []string{"id"}, []any{"ann"}
		if tt.name == "edge with a placeholder" {
			params, args = append(params, "not"), append(args, "ann2")
		}
		prepared, err := tt.query.Where(user.ID(param.String("id"))).Prepare(tt.name, params...)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		for run := range 4 {
			tx, err := client.Tx(ctx)
			if err != nil {
				t.Fatal(err)
			}
			got, err := prepared.WithTx(tx).Only(ctx, args...)
			if err != nil {
				t.Fatalf("%s, run %d: %v", tt.name, run, err)
			}
			if want := 4 - len(tt.things); want > 0 && len(got.Edges.Things) != want || want == 0 && len(got.Edges.Things) != 2 {
				t.Errorf("%s, run %d: %d things are loaded", tt.name, run, len(got.Edges.Things))
			}
			other, err := client.Tx(ctx)
			if err != nil {
				t.Fatal(err)
			}
			users := other.User.Query().Order(user.ByID()).ForUpdate(entsql.WithLockAction(entsql.SkipLocked)).IDsX(ctx)
			if !slices.Equal(users, tt.users) {
				t.Errorf("%s, run %d: another connection can lock the users %q, want %q", tt.name, run, users, tt.users)
			}
			things := other.Thing.Query().Order(thing.ByName()).ForUpdate(entsql.WithLockAction(entsql.SkipLocked)).Select(thing.FieldName).StringsX(ctx)
			if !slices.Equal(things, tt.things) {
				t.Errorf("%s, run %d: another connection can lock the things %q, want %q", tt.name, run, things, tt.things)
			}
			if err := other.Rollback(); err != nil {
				t.Fatal(err)
			}
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
