package equality_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/internal/integration/equality/ent"
	"github.com/agentuity/auth-go/internal/integration/equality/ent/group"
	"github.com/agentuity/auth-go/internal/integration/equality/ent/tag"
	"github.com/agentuity/auth-go/internal/integration/equality/ent/thing"
	"github.com/agentuity/auth-go/internal/integration/equality/ent/user"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// some are the entities of each parent that a test asks for.
type some struct{ limit, offset int }

// of returns those of all entities of a parent.
func of[T any](s some, all []T) []T {
	all = all[min(s.offset, len(all)):]
	if s.limit > 0 {
		all = all[:min(s.limit, len(all))]
	}
	return all
}

// perParentCases are queries of users with edges of which some entities are loaded for each parent. names tells which were
// loaded, of all that with was not told to leave out.
var perParentCases = []struct {
	name  string
	with  func(q *ent.UserQuery, s some)
	names func(u *ent.User, s some) string
}{
	{
		"to many", func(q *ent.UserQuery, s some) {
			q.WithThings(func(q *ent.ThingQuery) {
				q.Order(thing.ByN(entsql.OrderDesc()), thing.ByID()).LimitPerParent(s.limit).OffsetPerParent(s.offset)
			})
		},
		func(u *ent.User, s some) string { return thingNames(of(s, u.Edges.Things)) },
	},
	{
		"with a condition and columns", func(q *ent.UserQuery, s some) {
			q.WithThings(func(q *ent.ThingQuery) {
				q.Where(thing.NGT(1)).Order(thing.ByID()).LimitPerParent(s.limit).OffsetPerParent(s.offset).Select(thing.FieldName)
			})
		},
		func(u *ent.User, s some) string { return thingNames(of(s, u.Edges.Things)) },
	},
	{
		"in an order of another table", func(q *ent.UserQuery, s some) {
			q.WithThings(func(q *ent.ThingQuery) {
				q.Order(thing.ByTagsCount(entsql.OrderDesc()), thing.ByID()).LimitPerParent(s.limit).OffsetPerParent(s.offset).WithTags(func(q *ent.TagQuery) { q.Order(tag.ByID()) })
			})
		},
		func(u *ent.User, s some) string { return thingNames(of(s, u.Edges.Things)) },
	},
	{
		"many to many", func(q *ent.UserQuery, s some) {
			q.WithFriends(func(q *ent.UserQuery) {
				q.Order(user.ByAge(), user.ByID()).LimitPerParent(s.limit).OffsetPerParent(s.offset)
			})
		},
		func(u *ent.User, s some) string { return userNames(of(s, u.Edges.Friends)) },
	},
	{
		"many to many, in an order of another table", func(q *ent.UserQuery, s some) {
			q.WithFriends(func(q *ent.UserQuery) {
				q.Order(user.ByThingsCount(), user.ByID()).LimitPerParent(s.limit).OffsetPerParent(s.offset)
			})
		},
		func(u *ent.User, s some) string { return userNames(of(s, u.Edges.Friends)) },
	},
	{
		"to the own type", func(q *ent.UserQuery, s some) {
			q.WithReports(func(q *ent.UserQuery) {
				q.Order(user.ByID()).LimitPerParent(s.limit).OffsetPerParent(s.offset).WithManager()
			})
		},
		func(u *ent.User, s some) string { return userNames(of(s, u.Edges.Reports)) },
	},
	{
		"through an edge schema", func(q *ent.UserQuery, s some) {
			q.WithGroups(func(q *ent.GroupQuery) {
				q.Order(group.ByID(entsql.OrderDesc())).LimitPerParent(s.limit).OffsetPerParent(s.offset)
			})
		},
		func(u *ent.User, s some) string {
			var names []string
			for _, g := range of(s, u.Edges.Groups) {
				names = append(names, g.Name)
			}
			return strings.Join(names, " ")
		},
	},
	{
		"at two levels", func(q *ent.UserQuery, s some) {
			q.WithThings(func(q *ent.ThingQuery) {
				q.Order(thing.ByName(entsql.OrderDesc()), thing.ByID()).LimitPerParent(s.limit).OffsetPerParent(s.offset)
				q.WithOwner().WithTags(func(q *ent.TagQuery) { q.Order(tag.ByName(), tag.ByID()).LimitPerParent(s.limit) })
			})
		},
		func(u *ent.User, s some) string {
			var names []string
			for _, t := range of(s, u.Edges.Things) {
				names = append(names, t.Name+" of "+t.Edges.Owner.Name)
				for _, tag := range of(some{limit: s.limit}, t.Edges.Tags) {
					names = append(names, "tag "+tag.Name)
				}
			}
			return strings.Join(names, " ")
		},
	},
	{
		"by names", func(q *ent.UserQuery, s some) {
			q.WithNamedThings("some", func(q *ent.ThingQuery) {
				q.Order(thing.ByID()).LimitPerParent(s.limit).OffsetPerParent(s.offset)
			})
			q.WithNamedThings("all", func(q *ent.ThingQuery) { q.Order(thing.ByID(entsql.OrderDesc())) })
		},
		func(u *ent.User, s some) string {
			first, err1 := u.NamedThings("some")
			all, err2 := u.NamedThings("all")
			if err1 != nil || err2 != nil {
				return fmt.Sprint(err1, err2)
			}
			return thingNames(of(s, first)) + " and " + thingNames(all)
		},
	},
}

func thingNames(things []*ent.Thing) string {
	names := make([]string, len(things))
	for i, t := range things {
		names[i] = t.Name
	}
	return strings.Join(names, " ")
}

func userNames(users []*ent.User) string {
	names := make([]string, len(users))
	for i, u := range users {
		names[i] = u.Name
	}
	return strings.Join(names, " ")
}

// fillPerParent makes users with 0 to 6 things, friends, reports and groups.
func fillPerParent(t *testing.T, c *ent.Client) {
	t.Helper()
	ctx := t.Context()
	if err := c.Schema.Create(ctx); err != nil {
		t.Fatal(err)
	}
	var users, tags []string
	for i := range 4 {
		id := fmt.Sprintf("tag-%d", i)
		c.Tag.Create().SetID(smallUUID(i)).SetName(id).ExecX(ctx)
		tags = append(tags, id)
	}
	var groupIDs []int64
	for i := range 3 {
		groupIDs = append(groupIDs, c.Group.Create().SetName(fmt.Sprintf("group-%d", i)).SaveX(ctx).ID)
	}
	for i := range 9 {
		id := fmt.Sprintf("user-%d", i)
		create := c.User.Create().SetID(id).SetName(id).SetEmail(id + "@example.com").SetAge((i * 5) % 7)
		if i > 0 {
			create.SetManagerID(users[i/4]).AddFriendIDs(users[i/2:]...)
		}
		create.AddGroupIDs(groupIDs[i%4%3:]...).ExecX(ctx)
		users = append(users, id)
		for j := range i % 7 {
			th := c.Thing.Create().SetName(fmt.Sprintf("thing-%d-%d", i, j)).SetN(j % 3).SetData([]byte(id)).SetKey(smallUUID(j)).SetOwnerID(id)
			for k := range (i + j) % (len(tags) + 1) {
				th.AddTagIDs(smallUUID(k))
			}
			th.ExecX(ctx)
		}
	}
}

// perParentClients are clients of databases with the same rows. The first one is stock Ent's driver.
func perParentClients(t *testing.T) (names []string, clients map[string]*ent.Client) {
	t.Helper()
	url := pgtest.New(t)
	native := func(opts ...pgxdriver.OpenOption) *ent.Client {
		drv, err := pgxdriver.Open(t.Context(), url, opts...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := drv.Close(); err != nil {
				t.Error(err)
			}
		})
		return ent.NewClient(ent.Driver(drv))
	}
	lite := openDB(t, "sqlite", "file:"+filepath.Join(t.TempDir(), "perparent.db")+"?_pragma=foreign_keys(1)&_time_format=sqlite")
	lite.SetMaxOpenConns(1)
	clients = map[string]*ent.Client{
		"stock":           ent.NewClient(ent.Driver(entsql.OpenDB(dialect.Postgres, openDB(t, "pgx", url)))),
		"native":          native(),
		"without joins":   native(pgxdriver.WithJoins(false)),
		"without a state": native(pgxdriver.WithSnapshot(false)),
		"sqlite":          ent.NewClient(ent.Driver(entsql.OpenDB(dialect.SQLite, lite))),
	}
	fillPerParent(t, clients["stock"])
	fillPerParent(t, clients["sqlite"])
	names = []string{"stock", "native", "without joins", "without a state", "sqlite"}
	return names, clients
}

// TestLimitPerParent compares what a limit for each parent leaves with what is cut out of all entities of the parents.
func TestLimitPerParent(t *testing.T) {
	t.Parallel()
	names, clients := perParentClients(t)
	for _, test := range perParentCases {
		for _, s := range []some{{limit: 1}, {limit: 2, offset: 1}, {limit: 3}, {offset: 2}, {limit: 100}, {}} {
			ask := func(c *ent.Client, s some) *ent.UserQuery {
				q := c.User.Query().Order(user.ByID())
				test.with(q, s)
				return q
			}
			want, err := ask(clients["stock"], some{}).All(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				named := test.name == "by names" // Ent's Clone forgets those, and they cannot be prepared.
				var prepared *ent.PreparedUser
				if !named {
					if prepared, err = ask(clients[name], s).Prepare("per parent"); err != nil {
						t.Fatalf("%s, %s: %v", test.name, name, err)
					}
				}
				for run := range 6 { // Another way of loading is taken once the numbers of rows are known.
					q := ask(clients[name], s)
					if run%2 == 1 && !named {
						q = q.Clone()
					}
					got, err := q.All(t.Context())
					if run > 3 && !named {
						got, err = prepared.All(t.Context())
					}
					if err != nil {
						t.Fatalf("%s, %s, %+v: %v", test.name, name, s, err)
					}
					compareSome(t, fmt.Sprintf("%s, %s, %+v, run %d", test.name, name, s, run), got, want, test.names, s)
				}
				for _, id := range []int{0, 5, 8} { // One parent.
					got, err := ask(clients[name], s).Where(user.ID(want[id].ID)).Only(t.Context())
					if err != nil {
						t.Fatalf("%s, %s, %+v: %v", test.name, name, s, err)
					}
					compareSome(t, fmt.Sprintf("%s, %s, %+v, one", test.name, name, s), []*ent.User{got}, want[id:id+1], test.names, s)
				}
			}
		}
	}
}

func compareSome(t *testing.T, where string, got, want []*ent.User, names func(*ent.User, some) string, s some) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d users, want %d", where, len(got), len(want))
	}
	for i, u := range got {
		if got, want := names(u, some{}), names(want[i], s); got != want {
			t.Errorf("%s: %s has\n%s\nwant\n%s", where, u.ID, got, want)
		}
	}
}

// TestLimitPerParentAndLimit checks that Limit still is for all parents together.
func TestLimitPerParentAndLimit(t *testing.T) {
	t.Parallel()
	names, clients := perParentClients(t)
	for _, name := range names {
		for range 3 {
			users, err := clients[name].User.Query().Order(user.ByID()).WithThings(func(q *ent.ThingQuery) {
				q.Order(thing.ByID()).LimitPerParent(2).Limit(5).Offset(1)
			}).All(t.Context())
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var got []string
			for _, u := range users {
				got = append(got, strings.Fields(thingNames(u.Edges.Things))...)
			}
			if want := strings.Fields("thing-2-0 thing-2-1 thing-3-0 thing-3-1 thing-4-0"); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}
}

// TestLimitPerParentErrors checks what cannot be.
func TestLimitPerParentErrors(t *testing.T) {
	t.Parallel()
	names, clients := perParentClients(t)
	for _, test := range []struct {
		name, want string
		run        func(context.Context, *ent.Client) error
	}{
		{"no edge", "are for the query of an edge to many", func(ctx context.Context, c *ent.Client) error {
			return errorAlone(c.Thing.Query().LimitPerParent(2).All(ctx))
		}},
		{"a count", "are for the query of an edge to many", func(ctx context.Context, c *ent.Client) error {
			return errorAlone(c.Thing.Query().LimitPerParent(2).Count(ctx))
		}},
		{"a traversal", "are for the query of an edge to many", func(ctx context.Context, c *ent.Client) error {
			return errorAlone(c.User.Query().QueryThings().OffsetPerParent(2).All(ctx))
		}},
		{"an edge to one", "are for the query of an edge to many", func(ctx context.Context, c *ent.Client) error {
			return errorAlone(c.Thing.Query().Where(thing.HasOwner()).WithOwner(func(q *ent.UserQuery) { q.LimitPerParent(1) }).All(ctx))
		}},
		{"negative", "LimitPerParent(-1): the limit is negative", func(ctx context.Context, c *ent.Client) error {
			return errorAlone(c.User.Query().WithThings(func(q *ent.ThingQuery) { q.LimitPerParent(-1) }).All(ctx))
		}},
		{"a negative offset", "OffsetPerParent(-2): the offset is negative", func(ctx context.Context, c *ent.Client) error {
			return errorAlone(c.User.Query().WithThings(func(q *ent.ThingQuery) { q.OffsetPerParent(-2) }).All(ctx))
		}},
		{"unique", "Unique(true) cannot be combined", func(ctx context.Context, c *ent.Client) error {
			return errorAlone(c.User.Query().WithThings(func(q *ent.ThingQuery) { q.LimitPerParent(1).Unique(true) }).All(ctx))
		}},
		{"an expression", "a modifier that selects an expression", func(ctx context.Context, c *ent.Client) error {
			return errorAlone(c.User.Query().WithThings(func(q *ent.ThingQuery) {
				q.LimitPerParent(1).Modify(func(s *entsql.Selector) { s.AppendSelectExprAs(entsql.Raw("1"), "one") })
			}).All(ctx))
		}},
		{"a limit by a modifier", "a modifier that locks or limits rows", func(ctx context.Context, c *ent.Client) error {
			return errorAlone(c.User.Query().WithThings(func(q *ent.ThingQuery) {
				q.LimitPerParent(1).Modify(func(s *entsql.Selector) { s.Limit(2) })
			}).All(ctx))
		}},
		{"a lock", "a modifier that locks or limits rows", func(ctx context.Context, c *ent.Client) error {
			return errorAlone(c.User.Query().WithThings(func(q *ent.ThingQuery) { q.LimitPerParent(1).ForUpdate() }).All(ctx))
		}},
		{"an order with arguments", "an order that has arguments", func(ctx context.Context, c *ent.Client) error {
			return errorAlone(c.User.Query().WithThings(func(q *ent.ThingQuery) {
				q.LimitPerParent(1).Order(func(s *entsql.Selector) { s.OrderExpr(entsql.Expr("n = ?", 1)) })
			}).All(ctx))
		}},
	} {
		for _, name := range names {
			err := test.run(t.Context(), clients[name])
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s, %s: error %v, want one with %q", test.name, name, err, test.want)
			}
		}
	}
}

func errorAlone[T any](_ T, err error) error { return err }
