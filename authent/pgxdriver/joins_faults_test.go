package pgxdriver_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/ent/member"
	"github.com/agentuity/auth-go/ent/session"
	"github.com/agentuity/auth-go/ent/user"
)

// TestJoinsSnapshot swaps members between users while others read: in each tree, every member
// is there once.
func TestJoinsSnapshot(t *testing.T) {
	t.Parallel()
	url := newFamily(t)
	writer := stockDriver(t, url)
	ctx, cancel := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	defer writing.Wait()
	defer cancel()
	writing.Go(func() {
		for ctx.Err() == nil {
			_ = writer.Exec(ctx, `UPDATE session SET "userId" = CASE "userId" WHEN 'u1' THEN 'u2' ELSE 'u1' END, token = token WHERE "userId" IN ('u1', 'u2')`, []any{}, nil)
			_ = writer.Exec(ctx, `UPDATE "user" SET name = CASE id WHEN 'u1' THEN (SELECT name FROM "user" WHERE id = 'u2') ELSE (SELECT name FROM "user" WHERE id = 'u1') END WHERE id IN ('u1', 'u2')`, []any{}, nil)
		}
	})
	client := ent.NewClient(ent.Driver(open(t, url)))
	until := time.Now().Add(2 * time.Second)
	reads := 0
	for ; time.Now().Before(until); reads++ {
		users, err := client.User.Query().Where(user.IDIn("u1", "u2")).WithSessions(func(q *ent.SessionQuery) { q.WithUser() }).All(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		seen := make(map[string]bool)
		for _, u := range users {
			for _, s := range u.Edges.Sessions {
				if seen[s.ID] || s.Edges.User == nil || s.Edges.User.Name != u.Name {
					t.Fatalf("after %d reads, a torn tree: session %s of %s", reads, s.ID, u.ID)
				}
				seen[s.ID] = true
			}
		}
		if len(seen) != 6 {
			t.Fatalf("after %d reads, a torn tree: %d sessions", reads, len(seen))
		}
	}
	if reads < 20 {
		t.Errorf("%d reads only", reads)
	}
}

// divides makes the statement of an edge fail on the server.
func divides(s *entsql.Selector) {
	s.Where(entsql.ExprP(`1 / (length("session"."id") - length("session"."id")) = 1`))
}

// unknown makes the statement of an edge one that the server refuses.
func unknown(s *entsql.Selector) { s.Where(entsql.ExprP(`"no such column" = 1`)) }

// TestJoinsFail runs trees of which a statement fails.
func TestJoinsFail(t *testing.T) {
	t.Parallel()
	url := newFamily(t)
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			drv := open(t, url, mode.opt, pgxdriver.WithMaxConns(1))
			client := ent.NewClient(ent.Driver(drv))
			for name, fail := range map[string]func(*entsql.Selector){"22012": divides, "42703": unknown} {
				query := func(id string) *ent.UserQuery {
					return client.User.Query().Where(user.ID(id)).
						WithMembers(func(q *ent.MemberQuery) { q.WithOrganization() }).
						WithSessions(func(q *ent.SessionQuery) { q.Where(fail) }).
						WithInvitations()
				}
				for range 3 {
					_, err := query("u3").All(t.Context())
					var pgErr *pgconn.PgError
					if !errors.As(err, &pgErr) || pgErr.Code != name {
						t.Errorf("got %v, want SQLSTATE %s", err, name)
					}
					idle(t, drv)
					// Ent does not come to the statement without a user.
					if users, err := query("nobody").All(t.Context()); err != nil || len(users) != 0 {
						t.Errorf("without users: %v, %v", users, err)
					}
					idle(t, drv)
				}
			}
			// A transaction goes on after a statement that Ent does not send, and only then.
			tx, err := client.Tx(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, fail := range []func(*entsql.Selector){divides, unknown, unknown} {
				users, err := tx.User.Query().Where(user.ID("nobody")).WithMembers().WithSessions(func(q *ent.SessionQuery) { q.Where(fail) }).All(t.Context())
				if err != nil || len(users) != 0 {
					t.Errorf("without users, in a transaction: %v, %v", users, err)
				}
			}
			if n := len(tx.User.Query().Where(user.ID("u3")).WithMembers().OnlyX(t.Context()).Edges.Members); n == 0 {
				t.Error("no members")
			}
			if _, err := tx.User.Query().Where(user.ID("u3")).WithSessions(func(q *ent.SessionQuery) { q.Where(divides) }).All(t.Context()); err == nil {
				t.Error("an edge failed, and there is no error")
			}
			if _, err := tx.User.Query().All(t.Context()); err == nil || !strings.Contains(err.Error(), "25P02") {
				t.Errorf("after an error: %v", err)
			}
			if err := tx.Rollback(); err != nil {
				t.Error(err)
			}
			// A root that fails.
			if _, err := client.User.Query().Where(unknown).WithMembers().All(t.Context()); err == nil || !strings.Contains(err.Error(), "42703") {
				t.Errorf("a wrong root: %v", err)
			}
			if n := client.User.Query().WithMembers().CountX(t.Context()); n != 40 {
				t.Errorf("%d users", n)
			}
			idle(t, drv)
		})
	}
}

// TestJoinsCanceled ends the context, or the connection, in the middle of a tree.
func TestJoinsCanceled(t *testing.T) {
	t.Parallel()
	url := newFamily(t)
	drv := open(t, url, pgxdriver.WithMaxConns(1), withoutPings())
	client := ent.NewClient(ent.Driver(drv))
	slow := func(s *entsql.Selector) { s.Where(entsql.ExprP(`(SELECT pg_sleep(0.2)) IS NOT NULL`)) }
	query := func() *ent.UserQuery {
		return client.User.Query().Where(user.ID("u3")).WithMembers().WithSessions(func(q *ent.SessionQuery) { q.Where(slow) })
	}
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		if _, err := query().All(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		cancel()
		if n := len(query().OnlyX(t.Context()).Edges.Members); n == 0 {
			t.Error("no members")
		}
		idle(t, drv)
	}
	killer := open(t, url)
	var killing sync.WaitGroup
	killing.Go(func() {
		time.Sleep(100 * time.Millisecond)
		exec(t, killer, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%pg_sleep(0.2)%'`)
	})
	if _, err := query().All(t.Context()); err == nil {
		t.Error("the backend was killed, and there is no error")
	}
	killing.Wait()
	for range 2 {
		if n := len(query().OnlyX(t.Context()).Edges.Members); n == 0 {
			t.Error("no members")
		}
		idle(t, drv)
	}
}

// TestJoinsConcurrent runs 200 trees at a time on pools that are too small for them.
func TestJoinsConcurrent(t *testing.T) {
	t.Parallel()
	url := newFamily(t)
	want, err := json.Marshal(family(t.Context(), ent.NewClient(ent.Driver(stockDriver(t, url)))))
	if err != nil {
		t.Fatal(err)
	}
	for _, conns := range []int32{1, 4} {
		drv := open(t, url, pgxdriver.WithMaxConns(conns))
		client := ent.NewClient(ent.Driver(drv))
		var all sync.WaitGroup
		for range 200 {
			all.Go(func() {
				got, err := json.Marshal(family(t.Context(), client))
				if err != nil || string(got) != string(want) {
					t.Errorf("got %s, %v, want %s", got, err, want)
				}
			})
		}
		all.Wait()
		idle(t, drv)
	}
}

// family is a tree.
func family(ctx context.Context, client *ent.Client) []*ent.User {
	return client.User.Query().Where(user.IDIn("u1", "u2", "u3")).Order(user.ByID()).
		WithMembers(func(q *ent.MemberQuery) { q.Order(member.ByID()).WithOrganization() }).
		WithSessions(func(q *ent.SessionQuery) { q.Order(session.ByID()) }).AllX(ctx)
}

// TestJoinsInterceptors runs interceptors of edges as Ent does, once each.
func TestJoinsInterceptors(t *testing.T) {
	t.Parallel()
	url := newFamily(t)
	stock := stockDriver(t, url)
	w := newWire(t, url)
	for name, drv := range map[string]*ent.Client{
		"stock": ent.NewClient(ent.Driver(stock)), "native": ent.NewClient(ent.Driver(open(t, w.url, withoutPings()))),
	} {
		var traversed, wrapped int
		drv.Session.Intercept(ent.TraverseFunc(func(_ context.Context, q ent.Query) error {
			traversed++
			q.(*ent.SessionQuery).Where(session.IDIn("s2", "s32"))
			return nil
		}))
		drv.Member.Intercept(ent.InterceptFunc(func(next ent.Querier) ent.Querier {
			return ent.QuerierFunc(func(ctx context.Context, q ent.Query) (ent.Value, error) {
				wrapped++
				q.(*ent.MemberQuery).Where(member.OrganizationID("o3"))
				return next.Query(ctx, q)
			})
		}))
		for range 3 {
			traversed, wrapped = 0, 0
			u := drv.User.Query().Where(user.ID("u3")).WithSessions().WithMembers(func(q *ent.MemberQuery) { q.WithOrganization() }).OnlyX(t.Context())
			if len(u.Edges.Sessions) != 2 || len(u.Edges.Members) != 1 || u.Edges.Members[0].Edges.Organization == nil {
				t.Errorf("%s: got %d sessions and %d members", name, len(u.Edges.Sessions), len(u.Edges.Members))
			}
			if traversed != 1 || wrapped != 1 {
				t.Errorf("%s: ran %d and %d times", name, traversed, wrapped)
			}
		}
	}
	// The wrapped edge and what is below it take a round trip of their own.
	native := ent.NewClient(ent.Driver(open(t, w.url, withoutPings())))
	native.Member.Intercept(ent.InterceptFunc(func(next ent.Querier) ent.Querier {
		return ent.QuerierFunc(func(ctx context.Context, q ent.Query) (ent.Value, error) { return next.Query(ctx, q) })
	}))
	for i := range 4 {
		trips := w.count(func() {
			native.User.Query().Where(user.ID("u3")).WithSessions().WithMembers(func(q *ent.MemberQuery) { q.WithOrganization() }).OnlyX(t.Context())
		})
		if i >= 2 && trips != 2 {
			t.Errorf("%d round trips", trips)
		}
	}
}
