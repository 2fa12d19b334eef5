package integration_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/agentuity/auth-go/authent/param"
	hard "github.com/agentuity/auth-go/internal/integration/hard/ent"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/apikey"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/device"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/intercept"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/team"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/user"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/wallet"
)

// seedDevices makes users, devices, teams and keys to query.
func seedDevices(t *testing.T, c *hardClient) {
	t.Helper()
	ctx := t.Context()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range 4 {
		id := fmt.Sprint(i)
		u := c.User.Create().SetID(id).SetName("user " + fmt.Sprint(i%2)).SetEmail(id + "@example.com").SetPin("pin " + id).SetCreatedAt(at).SetUpdatedAt(at)
		if i%2 == 0 {
			u.SetImage("image " + id)
		}
		u.SaveX(ctx)
		c.APIKey.Create().SetID("key " + id).SetUserID(id).SetKey("hash " + id).SetCreatedAt(at).SetUpdatedAt(at).SaveX(ctx)
		c.Team.Create().SetID(i + 1).SetName("team").SetCreatedAt(at).SetUpdatedAt(at).AddUserIDs(id).SaveX(ctx)
		c.Wallet.Create().SetID(int64(i + 1)).SetLabel("wallet " + id).SaveX(ctx)
		for j := range 3 {
			d := c.Device.Create().SetID(uuid.UUID{14: byte(i), 15: byte(j)}).SetName(fmt.Sprint("device ", j)).SetOwnerID(id).SetCounter(int64(i*10 + j)).SetWeight(float64(i) + 0.5)
			if j > 0 {
				d.SetKind(device.KindLaptop).SetSeenAt(at.Add(time.Duration(i) * time.Hour)).SetTags([]string{"tag", id}).SetTimeout(time.Duration(j) * time.Minute)
			}
			d.SaveX(ctx)
		}
	}
}

// Prepared queries answer as the same queries do with values.
func TestPrepared(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		seedDevices(t, c)
		at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		id := uuid.UUID{14: 2, 15: 1}
		type args = []any
		same(t, c, "by id", func(p bool) *hard.UserQuery { return c.User.Query().Where(user.ID(val(p, param.String("id"), "2"))) }, (*hard.UserQuery).Prepare, args{"2"})
		same(t, c, "nothing", func(bool) *hard.UserQuery { return c.User.Query().Order(user.ByID()) }, (*hard.UserQuery).Prepare, nil)
		same(t, c, "no such row", func(p bool) *hard.UserQuery { return c.User.Query().Where(user.ID(val(p, param.String("id"), "9"))) }, (*hard.UserQuery).Prepare, args{"9"})
		same(t, c, "twice", func(p bool) *hard.UserQuery {
			v := val(p, param.String("x"), "user 1")
			return c.User.Query().Where(user.Or(user.Name(v), user.ID(v), user.ID("0"))).Order(user.ByID())
		}, (*hard.UserQuery).Prepare, args{"user 1"})
		same(t, c, "in", func(p bool) *hard.UserQuery {
			return c.User.Query().Where(user.IDIn(val(p, param.String("a"), "0"), "1", val(p, param.String("b"), "3"))).Order(user.ByID())
		}, (*hard.UserQuery).Prepare, args{"0", "3"})
		same(t, c, "secrets", func(p bool) *hard.APIKeyQuery {
			return c.APIKey.Query().Where(apikey.Key(val(p, param.String("key"), "hash 1"))).IncludeSecrets()
		}, (*hard.APIKeyQuery).Prepare, args{"hash 1"})
		same(t, c, "without secrets", func(p bool) *hard.APIKeyQuery {
			return c.APIKey.Query().Where(apikey.Key(val(p, param.String("key"), "hash 1")))
		}, (*hard.APIKeyQuery).Prepare, args{"hash 1"})
		same(t, c, "uuid", func(p bool) *hard.DeviceQuery { return c.Device.Query().Where(device.ID(val(p, param.UUID("id"), id))) }, (*hard.DeviceQuery).Prepare, args{id})
		same(t, c, "all kinds", func(p bool) *hard.DeviceQuery {
			return c.Device.Query().Where(
				device.KindEQ(val(p, param.Of[device.Kind]("kind"), device.KindLaptop)),
				device.CounterGTE(val(p, param.Int64("counter"), 10)),
				device.WeightLT(val(p, param.Float64("weight"), 3)),
				device.SeenAtGT(val(p, param.Time("since"), at)),
				device.TimeoutLTE(val(p, param.Of[time.Duration]("timeout"), time.Hour)),
				device.Active(true),
			).Order(device.ByID()).Limit(5)
		}, (*hard.DeviceQuery).Prepare, args{device.KindLaptop, int64(10), 3.0, at, time.Hour})
		same(t, c, "converted", func(p bool) *hard.DeviceQuery {
			return c.Device.Query().Where(device.KindEQ(val(p, param.Of[device.Kind]("kind"), device.KindPhone)), device.CounterGTE(val(p, param.Int64("counter"), 10))).Order(device.ByID())
		}, (*hard.DeviceQuery).Prepare, args{"phone", 10})
		same(t, c, "edges in predicates", func(p bool) *hard.DeviceQuery {
			return c.Device.Query().Where(device.HasOwnerWith(user.HasTeamsWith(team.ID(val(p, param.Int("team"), 2))), user.NameNEQ(val(p, param.String("not"), "x")))).Order(device.ByID())
		}, (*hard.DeviceQuery).Prepare, args{2, "x"})
		same(t, c, "traversal", func(p bool) *hard.DeviceQuery {
			return c.User.Query().Where(user.ID(val(p, param.String("id"), "3"))).QueryOwnedDevices().Where(device.Name(val(p, param.String("name"), "device 1")))
		}, (*hard.DeviceQuery).Prepare, args{"3", "device 1"})
		same(t, c, "eager loading", func(p bool) *hard.UserQuery {
			return c.User.Query().Where(user.Name(val(p, param.String("name"), "user 1"))).Order(user.ByID()).
				WithTeams(func(q *hard.TeamQuery) {
					q.Where(team.IDGT(val(p, param.Int("after"), 2))).WithUsers(func(q *hard.UserQuery) { q.Where(user.NameNEQ(val(p, param.String("not"), "x"))) })
				}).WithFollowing()
		}, (*hard.UserQuery).Prepare, args{"user 1", 2, "x"})
		same(t, c, "ordered by neighbors", func(p bool) *hard.UserQuery {
			return c.User.Query().Where(user.NameNEQ(val(p, param.String("name"), "x"))).Order(user.ByOwnedDevicesCount(entsql.OrderDesc(), entsql.OrderSelectAs("n")), user.ByID())
		}, (*hard.UserQuery).Prepare, args{"x"})
		same(t, c, "offset", func(p bool) *hard.WalletQuery {
			return c.Wallet.Query().Where(wallet.IDGT(val(p, param.Int64("after"), 1))).Order(wallet.ByID()).Offset(1).Limit(1)
		}, (*hard.WalletQuery).Prepare, args{1})
	})
}

// val returns a placeholder or a value.
func val[T any](prepare bool, placeholder, value T) T {
	if prepare {
		return placeholder
	}
	return value
}

// queries is what both kinds of queries do.
type queries[T any] interface {
	All(context.Context) ([]*T, error)
	First(context.Context) (*T, error)
	Only(context.Context) (*T, error)
	Count(context.Context) (int, error)
	Exist(context.Context) (bool, error)
}

// same compares a prepared query with the same one with values: twice, in a transaction, and at once.
func same[T any, Q queries[T], P interface {
	All(context.Context, ...any) ([]*T, error)
	First(context.Context, ...any) (*T, error)
	Only(context.Context, ...any) (*T, error)
	Count(context.Context, ...any) (int, error)
	Exist(context.Context, ...any) (bool, error)
	WithTx(*hard.Tx) P
}](t *testing.T, c *hardClient, name string, query func(prepare bool) Q, prepare func(Q, string, ...string) (P, error), args []any) {
	t.Helper()
	ctx := t.Context()
	result := func(v any, err error) string {
		return fmt.Sprintf("%s, error %v, not found %t, not singular %t", text(t, v), err, hard.IsNotFound(err), hard.IsNotSingular(err))
	}
	want := []string{
		result(query(false).All(ctx)), result(query(false).First(ctx)), result(query(false).Only(ctx)), result(query(false).Count(ctx)), result(query(false).Exist(ctx)),
	}
	p, err := prepare(query(true), name)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	check := func(what string, p P) {
		got := []string{
			result(p.All(ctx, args...)), result(p.First(ctx, args...)), result(p.Only(ctx, args...)), result(p.Count(ctx, args...)), result(p.Exist(ctx, args...)),
		}
		for i := range want {
			if strings.Contains(want[i], "columns do not match") {
				continue // Ent's Exist fails if the order adds a column.
			}
			if got[i] != want[i] {
				t.Errorf("%s, %s:\n%s\nwant\n%s", name, what, got[i], want[i])
			}
		}
	}
	check("once", p)
	tx := must(c.Tx(ctx))(t)
	check("in a transaction", p.WithTx(tx))
	if err := tx.Commit(); err != nil {
		t.Error(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { check("at once", p) })
	}
	all.Wait()
}

// A prepared query reads and sees its own transaction, and its entities belong to it.
func TestPreparedInTransaction(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		byID := must(c.User.Query().Where(user.ID(param.String("id"))).Prepare("byID"))(t)
		withKeys := must(c.User.Query().Where(user.ID(param.String("id"))).WithKeys().Prepare("withKeys"))(t)
		tx := must(c.Tx(ctx))(t)
		tx.User.Create().SetID("new").SetName("new").SetEmail("new@example.com").SaveX(ctx)
		for _, p := range []*hard.PreparedUser{byID, withKeys} {
			u := must(p.WithTx(tx).Only(ctx, "new"))(t)
			if n := u.QueryKeys().CountX(ctx); n != 0 {
				t.Errorf("%d keys", n)
			}
			u.Update().SetName("renamed").SaveX(ctx)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		for _, p := range []*hard.PreparedUser{byID, withKeys} {
			if u, err := p.Only(ctx, "new"); !hard.IsNotFound(err) {
				t.Errorf("got %v: %v", u, err)
			}
		}
	})
}

// Interceptors see each execution, with its context.
func TestPreparedWithInterceptors(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		seedDevices(t, c)
		type name struct{}
		c.User.Intercept(intercept.TraverseFunc(func(ctx context.Context, q intercept.Query) error {
			if only, ok := ctx.Value(name{}).(string); ok {
				q.WhereP(func(s *entsql.Selector) { s.Where(entsql.EQ(s.C(user.FieldName), only)) })
			}
			return nil
		}))
		wrapped := 0
		c.Team.Intercept(ent.InterceptFunc(func(next ent.Querier) ent.Querier {
			return ent.QuerierFunc(func(ctx context.Context, q ent.Query) (ent.Value, error) {
				wrapped++
				if ctx.Value(name{}) == "refused" {
					return nil, errors.New("refused")
				}
				return next.Query(ctx, q)
			})
		}))
		p := must(c.User.Query().Where(user.IDNEQ(param.String("id"))).Prepare("p"))(t)
		for only, want := range map[string]int{"user 0": 2, "user 1": 1} {
			if got := must(p.Count(context.WithValue(t.Context(), name{}, only), "1"))(t); got != want {
				t.Errorf("%s: %d users, want %d", only, got, want)
			}
		}
		teams := must(c.Team.Query().Where(team.ID(param.Int("id"))).Prepare("teams"))(t)
		must(teams.Only(t.Context(), 1))(t)
		if _, err := teams.Only(context.WithValue(t.Context(), name{}, "refused"), 1); err == nil || wrapped != 2 {
			t.Errorf("the interceptor ran %d times: %v", wrapped, err)
		}
	})
}

// What cannot be prepared, or not be run with the arguments, is an error that says why.
func TestPreparedErrors(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		check := func(want string, err error) {
			t.Helper()
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v\nwant it to have %s", err, want)
			}
		}
		users := func() *hard.UserQuery { return c.User.Query() }
		_, err := users().Where(user.NameContains(param.String("part"))).Prepare("search")
		check(`authent: prepare query "search": placeholder "part" becomes part of another value`, err)
		_, err = users().Where(user.ID(param.String("id"))).Prepare("named", "name")
		check(`the placeholders [id] are not among the names [name]`, err)
		_, err = users().Where(user.ID(param.String("id"))).Prepare("named", "id", "id")
		check(`the placeholder "id" is named twice`, err)
		_, err = users().Where(user.ID(param.String("id"))).Prepare("named", "id", "other")
		check(`no argument of the statement is the placeholder "other"`, err)
		_, err = c.Team.Query().Where(team.ID(param.Int("x")), team.Name(param.String("x"))).Prepare("types")
		check(`placeholder "x" is an int and a string`, err)
		_, err = users().Where(func(s *entsql.Selector) { s.Where(entsql.ExprP("name = '" + param.String("x") + "'")) }).Prepare("raw")
		check(`placeholder "x" is in the text of the statement`, err)
		_, err = users().WithOwnedDevices(func(q *hard.DeviceQuery) { q.Where(device.NameHasPrefix(param.String("x"))) }).Prepare("tree")
		check(`placeholder "x" becomes part of another value`, err)
		_, err = users().Limit(param.Int("n")).Prepare("page")
		check(`placeholder "n" is the LIMIT, which Ent writes into the statement: give it a number`, err)
		_, err = users().Where(user.Name(param.String("name"))).Limit(10).Offset(param.Int("skip")).WithKeys().Prepare("page")
		check(`placeholder "skip" is the OFFSET`, err)
		_, err = users().WithNamedKeys("all").Prepare("tree")
		check(`named edges cannot be prepared`, err)

		p := must(users().Where(user.ID(param.String("id")), user.Name(param.String("name"))).Prepare("get", "name", "id"))(t)
		if got := fmt.Sprint(p.Name(), p.Params()); got != "get[name id]" {
			t.Error(got)
		}
		_, err = p.Only(ctx, "1")
		check(`authent: prepared query "get": it takes 2 arguments (name, id), got 1`, err)
		_, err = p.All(ctx, "1", 2)
		check(`placeholder "id" takes a string, not the int 2`, err)
		_, err = p.Count(ctx, nil, "2")
		check(`placeholder "name" takes a string, not nil`, err)
		tree := must(users().Where(user.ID(param.String("id"))).WithKeys().Prepare("tree"))(t)
		_, err = tree.First(ctx)
		check(`it takes 1 argument (id), got 0`, err)
		_, err = tree.First(ctx, 1.5)
		check(`placeholder "id" takes a string, not the float64 1.5`, err)
		small := must(c.Team.Query().Where(team.ID(param.Int("id"))).Prepare("team"))(t)
		_, err = small.Exist(ctx, "1")
		check(`placeholder "id" takes an int, not the string 1`, err)
	})
}
