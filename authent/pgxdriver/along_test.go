package pgxdriver_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect/sql"

	"github.com/agentuity/auth-go/authent/param"
	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/ent/member"
	"github.com/agentuity/auth-go/ent/organization"
	"github.com/agentuity/auth-go/ent/session"
	"github.com/agentuity/auth-go/ent/user"
)

// TestEdgesThatComeAlong checks which edges come in the rows of their parents: edges to one are joined, and so is one
// edge to many of one row; other edges of one row are nested. Nothing else is sent for them, and, if nothing else is to be sent, no BEGIN.
func TestEdgesThatComeAlong(t *testing.T) {
	t.Parallel()
	url := newFamily(t)
	stock := ent.NewClient(ent.Driver(stockDriver(t, url)))
	memberID := firstMember(t, stock, "u3")
	const joined, nested, pipeline = "LEFT JOIN LATERAL", "ARRAY(SELECT authent_row", "begin"
	for _, test := range []struct {
		name string
		run  func(context.Context, *ent.Client) (any, error)
		want []string // what the statements have in them, of joined, nested and pipeline
	}{
		{"one row and many below", func(ctx context.Context, c *ent.Client) (any, error) {
			return c.User.Query().Where(user.ID("u3")).WithMembers(func(q *ent.MemberQuery) {
				q.Order(member.ByID()).WithOrganization()
			}).WithSessions(func(q *ent.SessionQuery) { q.Order(session.ByID()).Limit(1) }).Only(ctx)
		}, []string{nested}},
		{"one row and many in no order below", func(ctx context.Context, c *ent.Client) (any, error) {
			return c.User.Query().Where(user.ID("u3")).WithMembers(func(q *ent.MemberQuery) {
				q.Where(member.ID(memberID)).WithOrganization()
			}).Only(ctx)
		}, []string{joined}},
		{"one row, one edge to many in an order, and to one below", func(ctx context.Context, c *ent.Client) (any, error) {
			return c.User.Query().Where(user.ID("u3")).WithMembers(func(q *ent.MemberQuery) {
				q.Order(member.ByRole(), member.ByID(sql.OrderDesc())).WithOrganization()
			}).Only(ctx)
		}, []string{joined}},
		{"one row, and many of which there are none", func(ctx context.Context, c *ent.Client) (any, error) {
			return c.User.Query().Where(user.ID("u3")).WithMembers(func(q *ent.MemberQuery) { q.Where(member.ID("none")) }).Only(ctx)
		}, []string{joined}},
		{"no row", func(ctx context.Context, c *ent.Client) (any, error) {
			return c.User.Query().Where(user.ID("none")).WithMembers().Only(ctx)
		}, []string{joined}},
		{"more than the only one", func(ctx context.Context, c *ent.Client) (any, error) {
			return c.User.Query().Where(user.IDIn("u3", "u4")).WithMembers(func(q *ent.MemberQuery) { q.Order(member.ByRole()) }).Only(ctx)
		}, []string{joined}},
		{"the first row, and some of many", func(ctx context.Context, c *ent.Client) (any, error) {
			return c.User.Query().Where(user.IDIn("u3", "u4")).Order(user.ByName(sql.OrderDesc()), user.ByID()).WithMembers(func(q *ent.MemberQuery) {
				q.Order(member.ByID(sql.OrderDesc())).Limit(2)
			}).First(ctx)
		}, []string{joined}},
		{"one row, one edge to one and one to many", func(ctx context.Context, c *ent.Client) (any, error) {
			return c.Member.Query().Where(member.ID(memberID)).WithUser().WithOrganization(func(q *ent.OrganizationQuery) {
				q.WithMembers(func(q *ent.MemberQuery) { q.Order(member.ByID()) })
			}).Only(ctx)
		}, []string{joined, nested}},
		{"one row, one edge to many, and to many below", func(ctx context.Context, c *ent.Client) (any, error) {
			return c.User.Query().Where(user.ID("u3")).WithMembers(func(q *ent.MemberQuery) {
				q.Order(member.ByID()).WithOrganization(func(q *ent.OrganizationQuery) {
					q.WithMembers(func(q *ent.MemberQuery) { q.Order(member.ByID()) })
				})
			}).Only(ctx)
		}, []string{joined, nested}},
		{"one row, and many in an order that is not in theirs", func(ctx context.Context, c *ent.Client) (any, error) {
			return c.User.Query().Where(user.ID("u3")).WithMembers(func(q *ent.MemberQuery) {
				q.Order(member.ByOrganizationField(organization.FieldName), member.ByID())
			}).Only(ctx)
		}, []string{nested}},
		{"one row, one below, and many below that", func(ctx context.Context, c *ent.Client) (any, error) {
			return c.Session.Query().Order(session.ByID()).WithUser(func(q *ent.UserQuery) {
				q.WithMembers(func(q *ent.MemberQuery) { q.Order(member.ByID()) })
			}).First(ctx)
		}, []string{joined, nested}},
		{"the first row", func(ctx context.Context, c *ent.Client) (any, error) {
			return c.Session.Query().Order(session.ByID()).WithUser(func(q *ent.UserQuery) { q.Where(user.NameNEQ("x")) }).First(ctx)
		}, []string{joined}},
		{"edges to one", func(ctx context.Context, c *ent.Client) (any, error) {
			return c.Session.Query().Where(session.UserIDIn("u3", "u4")).Order(session.ByCreatedAt(sql.OrderDesc()), session.ByID()).WithUser().All(ctx)
		}, []string{joined}},
		{"edges to one that many share", func(ctx context.Context, c *ent.Client) (any, error) {
			return c.Session.Query().Order(session.ByCreatedAt(sql.OrderDesc()), session.ByID()).WithUser().All(ctx)
		}, []string{pipeline}},
		{"edges to one, in an order that is not in the rows", func(ctx context.Context, c *ent.Client) (any, error) {
			return c.Session.Query().Where(session.UserID("u3")).Order(session.ByUserField(user.FieldName), session.ByID()).WithUser().All(ctx)
		}, []string{nested}},
		{"edges to many, and to one below", func(ctx context.Context, c *ent.Client) (any, error) {
			return c.User.Query().Where(user.IDIn("u3", "u4")).Order(user.ByID()).WithMembers(func(q *ent.MemberQuery) {
				q.Order(member.ByID()).WithOrganization()
			}).All(ctx)
		}, []string{pipeline, joined}},
		{"edges to many", func(ctx context.Context, c *ent.Client) (any, error) {
			return c.User.Query().Where(user.IDIn("u3", "u4")).Order(user.ByID()).WithSessions(func(q *ent.SessionQuery) { q.Order(session.ByID()) }).All(ctx)
		}, []string{pipeline}},
		{"a limit for many parents", func(ctx context.Context, c *ent.Client) (any, error) {
			return c.User.Query().Where(user.ID("u3")).WithMembers(func(q *ent.MemberQuery) {
				q.Order(member.ByID()).WithOrganization(func(q *ent.OrganizationQuery) { q.Limit(1) })
			}).Only(ctx)
		}, []string{pipeline}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWire(t, url)
			// Statements are not prepared, so that each is on the wire.
			drv := open(t, w.url, withoutPings(), pgxdriver.WithMaxConns(1), pgxdriver.WithStatementCache(pgxdriver.CacheDescriptions))
			client := ent.NewClient(ent.Driver(drv))
			want := resultText(test.run(t.Context(), stock))
			var sent string
			for range 3 {
				sent = w.sends(func() {
					if got := resultText(test.run(t.Context(), client)); got != want {
						t.Errorf("got  %s\nwant %s", got, want)
					}
				})
			}
			for _, part := range []string{joined, nested, pipeline} {
				if slices.Contains(test.want, part) != strings.Contains(sent, part) {
					t.Errorf("sent %q, want only %q in it", sent, test.want)
				}
			}
		})
	}
}

func firstMember(t *testing.T, client *ent.Client, userID string) string {
	t.Helper()
	id, err := client.Member.Query().Where(member.UserID(userID)).Order(member.ByID()).FirstID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestEdgesOfManyRows goes back to a pipeline when many rows come along, and returns the same.
func TestEdgesOfManyRows(t *testing.T) {
	t.Parallel()
	url := newFamily(t)
	db := stockDriver(t, url)
	exec(t, db, `INSERT INTO session (id, token, "expiresAt", "userId", "updatedAt", "userAgent") SELECT 'many'||i, 'many-'||i, now(), 'u5', now(), repeat('x', 100) FROM generate_series(1, 2000) i`)
	w := newWire(t, url)
	client := ent.NewClient(ent.Driver(open(t, w.url, withoutPings(), pgxdriver.WithMaxConns(1), pgxdriver.WithStatementCache(pgxdriver.CacheDescriptions))))
	for _, test := range []struct {
		how  string
		with func(*ent.UserQuery)
	}{
		{"LEFT JOIN LATERAL", func(q *ent.UserQuery) { q.WithSessions() }},
		{"ARRAY(SELECT authent_row", func(q *ent.UserQuery) { q.WithSessions().WithMembers() }},
	} {
		var along []bool
		for _, id := range []string{"u5", "u5", "u6"} {
			sent := w.sends(func() {
				q := client.User.Query().Where(user.ID(id))
				test.with(q)
				u, err := q.Only(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				want := stockCount(t, url, id)
				if len(u.Edges.Sessions) != want {
					t.Errorf("%s has %d sessions, want %d", id, len(u.Edges.Sessions), want)
				}
			})
			along = append(along, strings.Contains(sent, test.how))
			if len(along) > 1 && (strings.Contains(sent, "LEFT JOIN LATERAL") || strings.Contains(sent, "ARRAY(SELECT authent_row")) {
				t.Errorf("run %d: there is no pipeline: %s", len(along), sent)
			}
		}
		if !along[0] || along[1] || along[2] {
			t.Errorf("%s in %v, want it in the first only", test.how, along)
		}
	}
	var joined []bool
	for _, agent := range []string{"none", "none", strings.Repeat("x", 100), "none"} {
		sent := w.sends(func() {
			sessions, err := client.Session.Query().Where(session.UserAgent(agent)).WithUser().All(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range sessions {
				if s.Edges.User == nil || s.Edges.User.ID != s.UserID {
					t.Fatalf("session %s of %s has the user %v", s.ID, s.UserID, s.Edges.User)
				}
			}
		})
		joined = append(joined, strings.Contains(sent, "LEFT JOIN LATERAL"))
	}
	// Nothing is known at first; then there were few rows; then there were many.
	if !slices.Equal(joined, []bool{false, true, true, false}) {
		t.Errorf("joined %v", joined)
	}
}

// TestSharedRowsAreNotJoined checks that the row of an edge to one does not come with each of many parents that share
// it: its own statement is given an array of keys.
func TestSharedRowsAreNotJoined(t *testing.T) {
	t.Parallel()
	url := newFamily(t)
	exec(t, stockDriver(t, url),
		`INSERT INTO session (id, token, "expiresAt", "userId", "updatedAt", "userAgent") SELECT 'shared'||i, 'shared-'||i, now(), 'u'||(i % 2 + 5), now(), 'shared' FROM generate_series(1, 300) i`,
		`ANALYZE`)
	w := newWire(t, url)
	client := ent.NewClient(ent.Driver(open(t, w.url, withoutPings(), pgxdriver.WithMaxConns(1), pgxdriver.WithStatementCache(pgxdriver.CacheDescriptions))))
	var joined, arrays []bool
	for _, agent := range []string{"none", "none", "shared", "shared", "shared"} {
		sent := w.sends(func() {
			sessions, err := client.Session.Query().Where(session.UserAgent(agent)).WithUser().All(t.Context())
			if err != nil || len(sessions) == 300 != (agent == "shared") {
				t.Fatalf("%d sessions: %v", len(sessions), err)
			}
			for _, s := range sessions {
				if s.Edges.User == nil || s.Edges.User.ID != s.UserID {
					t.Fatalf("session %s of %s has the user %v", s.ID, s.UserID, s.Edges.User)
				}
			}
		})
		joined, arrays = append(joined, strings.Contains(sent, "LEFT JOIN LATERAL")), append(arrays, strings.Contains(sent, "= ANY (ARRAY("))
	}
	// Nothing is known at first; then there were few rows; then they were shared by many.
	if !slices.Equal(joined, []bool{false, true, true, false, false}) || !slices.Equal(arrays, []bool{false, false, false, true, true}) {
		t.Errorf("joined %v, arrays %v", joined, arrays)
	}
}

// TestJoinedWhereNestedIsTooMuch checks that edges to one are joined to the rows of an edge to many whose rows are too many
// to be nested.
func TestJoinedWhereNestedIsTooMuch(t *testing.T) {
	t.Parallel()
	url := newFamily(t)
	exec(t, stockDriver(t, url),
		`INSERT INTO member (id, "organizationId", "userId", role, "createdAt") SELECT 'more'||i, 'o1', 'u'||(i % 40 + 1), 'member', now() FROM generate_series(1, 20) i`)
	w := newWire(t, url)
	client := ent.NewClient(ent.Driver(open(t, w.url, withoutPings(), pgxdriver.WithMaxConns(1), pgxdriver.WithStatementCache(pgxdriver.CacheDescriptions))))
	members := len(membersOf(t, ent.NewClient(ent.Driver(stockDriver(t, url)))))
	for run := range 4 {
		sent := w.sends(func() {
			all := membersOf(t, client)
			if len(all) != members {
				t.Errorf("run %d: %d members, want %d", run, len(all), members)
			}
			for _, m := range all {
				if m.Edges.User == nil || m.Edges.User.ID != m.UserID {
					t.Fatalf("run %d: member %s of %s has the user %v", run, m.ID, m.UserID, m.Edges.User)
				}
			}
		})
		nested, joined := strings.Contains(sent, "ARRAY(SELECT authent_row"), strings.Contains(sent, "LEFT JOIN LATERAL")
		if want := run == 0; nested != want {
			t.Errorf("run %d: nested %t, want %t", run, nested, want)
		}
		if run > 1 && !joined { // The run before told how many members there are.
			t.Errorf("run %d: the users are not joined to the members:\n%s", run, sent)
		}
	}
}

// membersOf returns some of the members of an organization, with their users.
func membersOf(t *testing.T, client *ent.Client) []*ent.Member {
	t.Helper()
	org, err := client.Organization.Query().Where(organization.ID("o1")).
		WithMembers(func(q *ent.MemberQuery) { q.Order(member.ByCreatedAt(), member.ByID()).Limit(100).WithUser() }).
		WithInvitations().Only(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return org.Edges.Members
}

func stockCount(t *testing.T, url, id string) int {
	t.Helper()
	n, err := ent.NewClient(ent.Driver(stockDriver(t, url))).Session.Query().Where(session.UserID(id)).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestStatementsThatRunAgain checks which statements of parents are part of those of their edges: cheap ones, and
// those that find many rows for what they cost.
func TestStatementsThatRunAgain(t *testing.T) {
	t.Parallel()
	url := newFamily(t)
	exec(t, stockDriver(t, url),
		`INSERT INTO session (id, token, "expiresAt", "userId", "updatedAt", "userAgent") SELECT 'many'||i, 'many-'||i, now(), 'u'||(i % 40 + 1), now(), CASE i % 5000 WHEN 0 THEN 'rare' ELSE 'common' END FROM generate_series(1, 20000) i`,
		`ANALYZE`)
	for _, test := range []struct {
		name      string
		run       func(context.Context, *ent.Client) error
		handsOver bool
	}{
		{"cheap", func(ctx context.Context, c *ent.Client) error {
			return errOf(c.User.Query().Where(user.IDIn("u1", "u2")).WithSessions().All(ctx))
		}, false},
		{"many rows", func(ctx context.Context, c *ent.Client) error {
			return errOf(c.Session.Query().WithUser().All(ctx))
		}, false},
		{"much for few rows", func(ctx context.Context, c *ent.Client) error {
			return errOf(c.Session.Query().Where(session.UserAgent("rare")).WithUser(func(q *ent.UserQuery) {
				q.WithMembers() // Not nested: these are many.
			}).All(ctx))
		}, true},
		{"a page by id", func(ctx context.Context, c *ent.Client) error {
			return errOf(c.User.Query().Order(user.ByID()).Limit(5).WithMembers().All(ctx))
		}, false},
		{"a page by name", func(ctx context.Context, c *ent.Client) error {
			return errOf(c.User.Query().Order(user.ByName()).Limit(5).WithMembers().All(ctx))
		}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWire(t, url)
			client := ent.NewClient(ent.Driver(open(t, w.url, withoutPings(), pgxdriver.WithMaxConns(1), pgxdriver.WithStatementCache(pgxdriver.CacheDescriptions))))
			var sent string
			for range 3 {
				sent = w.sends(func() {
					if err := test.run(t.Context(), client); err != nil {
						t.Fatal(err)
					}
				})
			}
			if strings.Contains(sent, "set_config") != test.handsOver {
				t.Errorf("sent %q, hands over %t", sent, !test.handsOver)
			}
		})
	}
}

func errOf[T any](_ T, err error) error { return err }

// TestPreparedTreeOfManyValues reads what is too much to be nested once each time, whichever way it comes.
func TestPreparedTreeOfManyValues(t *testing.T) {
	t.Parallel()
	url := newFamily(t)
	exec(t, stockDriver(t, url), `INSERT INTO session (id, token, "expiresAt", "userId", "updatedAt") SELECT 'many'||i, 'many-'||i, now(), 'u5', now() FROM generate_series(1, 20) i`)
	w := newWire(t, url)
	client := ent.NewClient(ent.Driver(open(t, w.url, withoutPings(), pgxdriver.WithMaxConns(1))))
	users, err := client.User.Query().Where(user.ID(param.String("id"))).WithSessions().Prepare("user")
	if err != nil {
		t.Fatal(err)
	}
	want := stockCount(t, url, "u5")
	run := func() {
		u, err := users.Only(t.Context(), "u5")
		if err != nil {
			t.Fatal(err)
		}
		if len(u.Edges.Sessions) != want {
			t.Fatalf("%d sessions, want %d", len(u.Edges.Sessions), want)
		}
	}
	for range 4 { // The connection learns the statements first, and the driver their cost.
		run()
	}
	const runs = 100 // It tries again to nest after 64.
	if got := w.count(func() {
		for range runs {
			run()
		}
	}); got != runs {
		t.Errorf("%d round trips for %d runs", got, runs)
	}
}
