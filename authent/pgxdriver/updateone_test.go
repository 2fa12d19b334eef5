package pgxdriver_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/ent/user"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// TestUpdateOneRoundTrips counts the round trips of an UpdateOne. It fails if Ent sends other statements for
// it than those that the driver makes one of.
func TestUpdateOneRoundTrips(t *testing.T) {
	t.Parallel()
	w := newWire(t, pgtest.New(t))
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			drv := open(t, w.url, mode.opt, withoutPings(), pgxdriver.WithMaxConns(1))
			client := ent.NewClient(ent.Driver(drv))
			ctx := t.Context()
			if err := client.Schema.Create(ctx); err != nil {
				t.Fatal(err)
			}
			ann := client.User.Create().SetName("ann").SetEmail(mode.name + "@example.com").SaveX(ctx)
			session := client.Session.Create().SetUser(ann).SetToken(mode.name).SetExpiresAt(ann.CreatedAt).SaveX(ctx)
			for _, test := range []struct {
				name string
				want int
				run  func() error
			}{
				{"set", 1, func() error { return ann.Update().SetName("eve").Exec(ctx) }},
				{"add and clear", 1, func() error { return ann.Update().SetImage("i").SetEmailVerified(true).Exec(ctx) }},
				{"debug", 1, func() error {
					return ent.NewClient(ent.Driver(dialect.DebugWithContext(drv, func(context.Context, ...any) {}))).User.UpdateOneID(ann.ID).SetName("zoe").Exec(ctx)
				}},
				{"where", 1, func() error { return ann.Update().Where(user.EmailHasSuffix("@example.com")).SetName("ann").Exec(ctx) }},
				{"where, not found", 2, func() error {
					if err := ann.Update().Where(user.Name("zoe")).SetName("eve").Exec(ctx); !ent.IsNotFound(err) {
						return errors.Join(errors.New("want not found"), err)
					}
					return nil
				}},
				{"own key", 1, func() error { return session.Update().SetUserID(ann.ID).Exec(ctx) }},
				{"transaction", 3, func() error {
					tx, err := client.Tx(ctx)
					if err != nil {
						return err
					}
					for _, name := range []string{"eve", "ann"} {
						if err := tx.User.UpdateOneID(ann.ID).SetName(name).Exec(ctx); err != nil {
							return errors.Join(err, tx.Rollback())
						}
					}
					return tx.Commit()
				}},
			} {
				// The connection learns the statements first.
				for _, what := range []string{"first", "second", "third"} {
					got := w.count(func() {
						if err := test.run(); err != nil {
							t.Errorf("%s: %v", test.name, err)
						}
					})
					if what == "third" && got != test.want {
						t.Errorf("%s: %d round trips, want %d", test.name, got, test.want)
					}
				}
				idle(t, drv)
			}
			// An edge in another table needs the transaction: here it is rolled back.
			err := ann.Update().SetName("half").AddSessions(session).Exec(ctx)
			if name := client.User.GetX(ctx, ann.ID).Name; !ent.IsConstraintError(err) || name != "ann" {
				t.Errorf("an edge in another table: the name is %q: %v", name, err)
			}
		})
	}
}

// TestSeparateUpdates sees what an AFTER trigger does to the row, with the option that says so.
func TestSeparateUpdates(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	for want, opts := range map[string][]pgxdriver.OpenOption{
		"eve":        nil,
		"eve, again": {pgxdriver.SeparateUpdates()},
	} {
		drv := open(t, url, opts...)
		client := ent.NewClient(ent.Driver(drv))
		if err := client.Schema.Create(t.Context()); err != nil {
			t.Fatal(err)
		}
		exec(t, drv, `CREATE OR REPLACE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE "user" SET name = NEW.name || ', again' WHERE id = NEW.id; RETURN NULL; END $$`,
			`CREATE OR REPLACE TRIGGER again AFTER UPDATE ON "user" FOR EACH ROW WHEN (NEW.name NOT LIKE '%, again') EXECUTE FUNCTION again()`)
		ann := client.User.Create().SetName("ann").SetEmail(want + "@example.com").SaveX(t.Context())
		if got := ann.Update().SetName("eve").SaveX(t.Context()); got.Name != want {
			t.Errorf("got %q, want %q", got.Name, want)
		}
		if got := client.User.GetX(t.Context(), ann.ID); got.Name != "eve, again" {
			t.Errorf("got %q afterwards", got.Name)
		}
		idle(t, drv)
	}
}

// TestUpdateOneFails has errors that come before the row, after it, and with the end of the transaction.
func TestUpdateOneFails(t *testing.T) {
	t.Parallel()
	drv := newDriver(t, pgxdriver.WithMaxConns(1))
	client := ent.NewClient(ent.Driver(drv))
	ctx := t.Context()
	if err := client.Schema.Create(ctx); err != nil {
		t.Fatal(err)
	}
	ann := client.User.Create().SetName("ann").SetEmail("ann@example.com").SaveX(ctx)
	eve := client.User.Create().SetName("eve").SetEmail("eve@example.com").SaveX(ctx)
	session := client.Session.Create().SetUser(ann).SetToken("t").SetExpiresAt(ann.CreatedAt).SaveX(ctx)
	exec(t, drv, `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused at the end'; END $$`,
		`CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON "user" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.name = 'mad') EXECUTE FUNCTION refuse()`)
	for _, test := range []struct {
		name, want string
		err        error
	}{
		{"unique", "user_email_unique", eve.Update().SetEmail("ann@example.com").Exec(ctx)},
		{"foreign key", "session_userId_user_id_fk", session.Update().SetUserID("nobody").Exec(ctx)},
		{"deferred", "refused at the end", eve.Update().SetName("mad").Exec(ctx)},
	} {
		var pgErr *pgconn.PgError
		if !errors.As(test.err, &pgErr) || !strings.Contains(test.err.Error(), test.want) {
			t.Errorf("%s: got %v, want it to have %s", test.name, test.err, test.want)
		}
		if want := test.name != "deferred"; ent.IsConstraintError(test.err) != want {
			t.Errorf("%s: IsConstraintError is %t: %v", test.name, !want, test.err)
		}
		idle(t, drv)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := eve.Update().SetName("late").Exec(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("in a context that ended: %v", err)
	}
	if err := client.User.DeleteOne(eve).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	if err := eve.Update().SetName("gone").Exec(ctx); !ent.IsNotFound(err) {
		t.Errorf("got %v, want not found", err)
	}
	idle(t, drv)
	if got := client.User.Query().Select(user.FieldName).StringsX(ctx); len(got) != 1 || got[0] != "ann" {
		t.Errorf("the users are %v", got)
	}
}
