package integration_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/internal/pgtest"

	hard "github.com/agentuity/auth-go/internal/integration/hard/ent"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/device"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/user"
)

// TestJoinsOfEveryKind loads edges of every kind, with ids of every type, in one round trip: the
// whole tree takes a connection from the pool once.
func TestJoinsOfEveryKind(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	stock := newHard(t, entsql.OpenDB(dialect.Postgres, openDB(t, "pgx", url)))
	ctx := t.Context()

	ann, eve := stock.newUser(t, "ann"), stock.newUser(t, "eve")
	stock.User.UpdateOne(ann).AddFriends(eve).AddFollowers(eve).SetSpouse(eve).SetManager(eve).ExecX(ctx)
	parent := stock.Device.Create().SetID(uuid.UUID{15: 1}).SetName("parent").SetOwner(ann).SetSecret("s").AddReviewers(ann, eve).SaveX(ctx)
	stock.Device.Create().SetID(uuid.UUID{15: 2}).SetName("child").SetOwner(eve).SetTechnician(ann).SetParent(parent).ExecX(ctx)
	stock.Badge.Create().SetDevice(parent).SetText("b").ExecX(ctx)
	passport := stock.Passport.Create().SetHolder(ann).SetNumber("n").SaveX(ctx)
	stock.Visa.Create().SetPassport(passport).SetCountry("NZ").ExecX(ctx)
	stock.Vault.Create().SetGold("g").SetKeeper(ann).SetOuter(stock.Vault.Create().SetGold("h").SetKeeper(eve).SaveX(ctx)).ExecX(ctx)
	team := stock.Team.Create().SetID(7).SetName("team").AddUsers(ann, eve).SaveX(ctx)
	stock.Score.Create().SetTeam(team).SetPoints(3).ExecX(ctx)
	wallet := stock.Wallet.Create().SetID(9).SetLabel("w").SaveX(ctx)
	stock.Membership.Create().SetUserID(ann.ID).SetWalletID(wallet.ID).SetNote("note").ExecX(ctx)
	stock.Limit.Create().SetWallet(wallet).SetAmount(4).ExecX(ctx)

	byID := func(q *hard.UserQuery) { q.Order(user.ByID()) }
	queries := map[string]func(*hard.Client) (any, error){
		"users": func(c *hard.Client) (any, error) {
			return c.User.Query().Order(user.ByID()).
				WithFriends(byID).WithFollowers(byID).WithFollowing().WithSpouse().WithReports().
				WithManager(func(q *hard.UserQuery) { q.WithOwnedDevices() }).
				WithTeams(func(q *hard.TeamQuery) { q.WithScore().WithUsers(byID).WithTeamUsers() }).WithTeamUsers().
				WithWallets(func(q *hard.WalletQuery) { q.WithHolders() }).
				WithWalletMemberships(func(q *hard.MembershipQuery) { q.IncludeSecrets().WithWallet() }).
				WithPassport(func(q *hard.PassportQuery) { q.WithHolder() }).
				WithNamedOwnedDevices("a", func(q *hard.DeviceQuery) { q.Where(device.Name("child")).WithParent() }).
				WithNamedOwnedDevices("b", func(q *hard.DeviceQuery) { q.WithBadge() }).
				All(ctx)
		},
		"devices": func(c *hard.Client) (any, error) {
			return c.Device.Query().Order(device.ByID()).
				WithOwner().WithTechnician().WithReviewers(byID).WithChildren().WithBadge(func(q *hard.BadgeQuery) { q.WithDevice() }).
				WithParent(func(q *hard.DeviceQuery) { q.IncludeSecrets().WithReviewers(byID).WithNamedReviewers("r", byID) }).All(ctx)
		},
		"visas": func(c *hard.Client) (any, error) {
			return c.Visa.Query().WithPassport(func(q *hard.PassportQuery) { q.WithHolder() }).All(ctx)
		},
		"limits": func(c *hard.Client) (any, error) {
			return c.Limit.Query().WithWallet(func(q *hard.WalletQuery) { q.WithHolders() }).All(ctx)
		},
		"vaults": func(c *hard.Client) (any, error) {
			return c.Vault.Query().Where().WithKeeper().WithOuter(func(q *hard.VaultQuery) { q.WithInner() }).WithInner().Only(ctx)
		},
	}
	drv, err := pgxdriver.Open(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = drv.Close() }()
	native := hard.NewClient(hard.Driver(drv))
	for name, query := range queries {
		want, wantErr := query(stock.Client)
		for i := range 3 {
			before := drv.Pool().Stat().AcquireCount()
			got, err := query(native)
			if n := drv.Pool().Stat().AcquireCount() - before; n != 1 && wantErr == nil {
				t.Errorf("%s, run %d: took a connection %d times", name, i, n)
			}
			if g, w := tree(got), tree(want); g != w || (err == nil) != (wantErr == nil) {
				t.Errorf("%s, run %d:\ngot  %s, %v\nwant %s, %v", name, i, g, err, w, wantErr)
			}
		}
	}
}

// tree returns entities with their edges as text. An entity within itself, which the feature
// bidiedges makes, is shown as "^".
func tree(v any) string {
	var b strings.Builder
	within := make(map[uintptr]bool)
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Slice:
			if v.Type().Elem().Kind() != reflect.Pointer {
				break
			}
			fmt.Fprintf(&b, "%d of %s[", v.Len(), v.Type())
			for i := range v.Len() {
				walk(v.Index(i))
			}
			b.WriteString("]")
			return
		case reflect.Map: // Named edges: the field is not exported.
			for _, k := range slices.Sorted(maps.Keys(names(v))) {
				b.WriteString(k + ":")
				walk(v.MapIndex(reflect.ValueOf(k)))
			}
			return
		case reflect.Pointer:
			edges := reflect.Value{}
			if !v.IsNil() && v.Elem().Kind() == reflect.Struct {
				edges = v.Elem().FieldByName("Edges")
			}
			if !edges.IsValid() {
				break
			}
			if within[v.Pointer()] {
				b.WriteString("^")
				return
			}
			within[v.Pointer()] = true
			defer delete(within, v.Pointer())
			fmt.Fprintf(&b, "{%s", reflect.NewAt(v.Type().Elem(), v.UnsafePointer()).Interface())
			for i := range edges.NumField() {
				b.WriteString(" " + edges.Type().Field(i).Name + "=")
				walk(edges.Field(i))
			}
			b.WriteString("}")
			return
		}
		fmt.Fprint(&b, v)
	}
	walk(reflect.ValueOf(v))
	return b.String()
}

// names returns the keys of a map.
func names(m reflect.Value) map[string]bool {
	keys := make(map[string]bool)
	for _, k := range m.MapKeys() {
		keys[k.String()] = true
	}
	return keys
}
