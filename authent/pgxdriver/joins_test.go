package pgxdriver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/ent/invitation"
	"github.com/agentuity/auth-go/ent/member"
	"github.com/agentuity/auth-go/ent/organization"
	"github.com/agentuity/auth-go/ent/session"
	"github.com/agentuity/auth-go/ent/user"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// newFamily fills a new database with users, organizations, members, sessions and
// invitations, and returns its URL.
func newFamily(t testing.TB) string {
	t.Helper()
	url := pgtest.New(t)
	drv := stockDriver(t, url)
	if err := ent.NewClient(ent.Driver(drv)).Schema.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	exec(t, drv,
		`INSERT INTO "user" (id, name, email, "emailVerified") SELECT 'u'||i, 'User '||i, i||'@example.com', true FROM generate_series(1, 40) i`,
		`INSERT INTO organization (id, name, slug, "createdAt") SELECT 'o'||i, 'Org '||i, 'org-'||i, now() FROM generate_series(1, 8) i`,
		`INSERT INTO member (id, "userId", "organizationId", role, "createdAt") SELECT 'm'||i||'-'||j, 'u'||i, 'o'||j, 'member', now() FROM generate_series(1, 40) i, generate_series(1, 8) j WHERE (i + j) % 3 = 0`,
		`INSERT INTO session (id, token, "expiresAt", "userId", "updatedAt") SELECT 's'||i, 'token-'||i, now(), 'u'||(i % 30 + 1), now() FROM generate_series(1, 90) i`,
		`INSERT INTO invitation (id, "organizationId", email, role, status, "expiresAt", "inviterId") SELECT 'i'||i, 'o'||(i % 8 + 1), 'x'||i||'@example.com', 'member', 'pending', now(), 'u'||(i % 40 + 1) FROM generate_series(1, 50) i`,
		`ANALYZE`,
	)
	return url
}

// treeQueries are queries that load edges, of all depths and breadths.
var treeQueries = []struct {
	name string
	run  func(context.Context, *ent.Client) (any, error)
}{
	{"session and user", func(ctx context.Context, c *ent.Client) (any, error) {
		return c.Session.Query().Where(session.Token("token-7")).WithUser().Only(ctx)
	}},
	{"user, members, organizations", func(ctx context.Context, c *ent.Client) (any, error) {
		return c.User.Query().Where(user.ID("u3")).WithMembers(func(q *ent.MemberQuery) { q.WithOrganization().Order(member.ByID()) }).Only(ctx)
	}},
	{"all users", func(ctx context.Context, c *ent.Client) (any, error) {
		return c.User.Query().Order(user.ByID()).WithMembers().WithSessions().WithInvitations().All(ctx)
	}},
	{"deep", func(ctx context.Context, c *ent.Client) (any, error) {
		return c.Organization.Query().Order(organization.ByID()).
			WithMembers(func(q *ent.MemberQuery) {
				q.Order(member.ByID()).WithUser(func(q *ent.UserQuery) {
					q.WithSessions(func(q *ent.SessionQuery) { q.Order(session.ByID()).WithUser() })
					q.WithInvitations(func(q *ent.InvitationQuery) { q.WithOrganization() })
				})
			}).
			WithInvitations(func(q *ent.InvitationQuery) { q.WithInviter() }).All(ctx)
	}},
	{"first", func(ctx context.Context, c *ent.Client) (any, error) {
		return c.User.Query().Order(user.ByName()).WithSessions(func(q *ent.SessionQuery) { q.Order(session.ByID()) }).First(ctx)
	}},
	{"limit per parent", func(ctx context.Context, c *ent.Client) (any, error) {
		return c.Organization.Query().Order(organization.ByID()).
			WithMembers(func(q *ent.MemberQuery) { q.Order(member.ByUserID(), member.ByID()).LimitPerParent(3).WithUser() }).
			WithInvitations(func(q *ent.InvitationQuery) { q.Order(invitation.ByID()).LimitPerParent(2).OffsetPerParent(1) }).All(ctx)
	}},
	{"limit and offset", func(ctx context.Context, c *ent.Client) (any, error) {
		return c.User.Query().Order(user.ByID()).Limit(5).Offset(3).WithMembers(func(q *ent.MemberQuery) {
			q.Order(member.ByID()).Limit(4).WithOrganization()
		}).All(ctx)
	}},
	{"nothing found", func(ctx context.Context, c *ent.Client) (any, error) {
		return c.User.Query().Where(user.ID("nobody")).WithMembers(func(q *ent.MemberQuery) { q.WithOrganization() }).All(ctx)
	}},
	{"not found", func(ctx context.Context, c *ent.Client) (any, error) {
		return c.User.Query().Where(user.ID("nobody")).WithMembers().Only(ctx)
	}},
	{"not singular", func(ctx context.Context, c *ent.Client) (any, error) {
		return c.User.Query().WithMembers().Only(ctx)
	}},
	{"path", func(ctx context.Context, c *ent.Client) (any, error) {
		return c.Organization.Query().Where(organization.ID("o2")).QueryMembers().QueryUser().Order(user.ByID()).WithSessions().All(ctx)
	}},
	{"select", func(ctx context.Context, c *ent.Client) (any, error) {
		return c.User.Query().Order(user.ByID()).WithSessions(func(q *ent.SessionQuery) { q.Select(session.FieldExpiresAt) }).Select(user.FieldName).All(ctx)
	}},
}

// resultText is what a query returned, without what differs from client to client.
func resultText(v any, err error) string {
	if err != nil {
		return fmt.Sprintf("%T %v", err, err)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// TestJoins compares with Ent's own driver, and counts round trips.
func TestJoins(t *testing.T) {
	t.Parallel()
	url := newFamily(t)
	stock := ent.NewClient(ent.Driver(stockDriver(t, url)))
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			w := newWire(t, url)
			drv := open(t, w.url, mode.opt, withoutPings(), pgxdriver.WithMaxConns(1))
			client := ent.NewClient(ent.Driver(drv), ent.Log(func(...any) {}))
			for _, q := range treeQueries {
				want := resultText(q.run(t.Context(), stock))
				for i := range 4 { // Hand-over with EXPLAIN, and what was chosen.
					var got string
					trips := w.count(func() { got = resultText(q.run(t.Context(), client)) })
					if got != want {
						t.Errorf("%s, run %d:\ngot  %s\nwant %s", q.name, i, got, want)
					}
					if i >= 2 && trips != 1 {
						t.Errorf("%s, run %d: %d round trips", q.name, i, trips)
					}
					idle(t, drv)
				}
				for name, ctx := range map[string]context.Context{
					"without joins":    pgxdriver.ContextWithJoins(t.Context(), false),
					"without snapshot": pgxdriver.ContextWithSnapshot(t.Context(), false),
				} {
					if got := resultText(q.run(ctx, client)); got != want {
						t.Errorf("%s, %s:\ngot  %s\nwant %s", q.name, name, got, want)
					}
				}
				tx, err := client.Tx(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for i := range 3 {
					var got string
					trips := w.count(func() { got = resultText(q.run(t.Context(), tx.Client())) })
					if got != want {
						t.Errorf("%s, in a transaction, run %d:\ngot  %s\nwant %s", q.name, i, got, want)
					}
					if i == 2 && trips != 1 {
						t.Errorf("%s, in a transaction: %d round trips", q.name, trips)
					}
				}
				if err := tx.Rollback(); err != nil {
					t.Fatal(err)
				}
				if got := resultText(q.run(t.Context(), client.Debug())); got != want {
					t.Errorf("%s, debug:\ngot  %s\nwant %s", q.name, got, want)
				}
				idle(t, drv)
			}
		})
	}
}

// TestEdgesAreLogged: a client that logs statements logs those of edges that have their own.
func TestEdgesAreLogged(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	client := ent.NewClient(ent.Driver(open(t, newFamily(t))), ent.Log(func(v ...any) { fmt.Fprintln(&log, v...) })).Debug()
	users, err := client.User.Query().WithSessions().Prepare("users")
	if err != nil {
		t.Fatal(err)
	}
	for name, ask := range map[string]func() (int, error){
		"query":    func() (int, error) { return lenOf(client.User.Query().WithSessions().All(t.Context())) },
		"prepared": func() (int, error) { return lenOf(users.All(t.Context())) },
	} {
		for range 3 {
			log.Reset()
			if n, err := ask(); err != nil || n == 0 {
				t.Fatal(n, err)
			}
			if !strings.Contains(log.String(), ` FROM "session" WHERE "session"."userId" IN `) {
				t.Errorf("%s: logged %s", name, log.String())
			}
		}
	}
}

func lenOf[T any](all []T, err error) (int, error) { return len(all), err }
