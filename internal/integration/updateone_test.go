package integration_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	hard "github.com/agentuity/auth-go/internal/integration/hard/ent"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/device"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/hook"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/user"
)

// TestUpdateOneLikeStock runs updates of one row on Ent's own driver and on the native one, where they are one
// statement, and compares the entities, the errors, what hooks saw and what is in the tables afterwards.
func TestUpdateOneLikeStock(t *testing.T) {
	t.Parallel()
	stock := updates(t, newHard(t, entsql.OpenDB(dialect.Postgres, openPostgres(t))))
	native := updates(t, newHard(t, openPgxdriver(t)))
	for i := range stock {
		if stock[i] != native[i] {
			t.Errorf("Ent's own driver:\n%s\nthe native one:\n%s", stock[i], native[i])
		}
	}
}

// updates runs updates and returns what each came to.
func updates(t *testing.T, c *hardClient) []string {
	t.Helper()
	var (
		ctx  = t.Context()
		now  = time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
		id   = func(i byte) uuid.UUID { return uuid.UUID{15: i} }
		seen []string
	)
	c.Use(func(next hard.Mutator) hard.Mutator {
		return hard.MutateFunc(func(ctx context.Context, m hard.Mutation) (hard.Value, error) {
			v, err := next.Mutate(ctx, m)
			seen = append(seen, fmt.Sprintf("%s %s %v: %T", m.Op(), m.Type(), m.Fields(), v))
			return v, err
		})
	})
	c.Device.Use(hook.On(func(next hard.Mutator) hard.Mutator {
		return hook.DeviceFunc(func(ctx context.Context, m *hard.DeviceMutation) (hard.Value, error) {
			old, err := m.OldName(ctx)
			seen = append(seen, fmt.Sprint("old ", old, " ", err))
			if name, _ := m.Name(); name == "forbidden" {
				return nil, errors.New("the hook says no")
			}
			return next.Mutate(ctx, m)
		})
	}, hard.OpUpdateOne))

	newUser := func(id string) *hard.User {
		return c.User.Create().SetID(id).SetName(id).SetEmail(id + "@example.com").SetCreatedAt(now).SetUpdatedAt(now).SaveX(ctx)
	}
	ann, eve := newUser("ann"), newUser("eve")
	newDevice := func(i byte) *hard.Device {
		return c.Device.Create().SetID(id(i)).SetName("d").SetOwner(ann).SaveX(ctx)
	}
	d, other := newDevice(1), newDevice(2)
	team := c.Team.Create().SetID(7).SetName("team").SetCreatedAt(now).SetUpdatedAt(now).SaveX(ctx)
	c.TeamUser.Create().SetTeam(team).SetUser(ann).SaveX(ctx)
	key := c.APIKey.Create().SetID("key").SetUser(ann).SetKey("hash").SetName("ci").SetCreatedAt(now).SetUpdatedAt(now).SaveX(ctx)
	passport := c.Passport.Create().SetHolder(ann).SetNumber("number").SaveX(ctx)
	vault := c.Vault.Create().SetGold("gold").SetKeeper(ann).SaveX(ctx)
	home, err := url.Parse("https://example.com/home")
	if err != nil {
		t.Fatal(err)
	}

	var results []string
	for _, test := range []struct {
		name string
		run  func() (any, error)
	}{
		{"every field", func() (any, error) {
			return d.Update().SetName("laptop").SetKind(device.KindLaptop).SetActive(false).SetCounter(-5).SetWeight(1.5).SetBlob([]byte{0, 1, 255}).
				SetSeenAt(now).SetSerial(id(9)).SetTags([]string{"a", "b"}).SetSettings(map[string]any{"x": []any{1.5, "y", nil}}).
				SetTimeout(time.Minute).SetHome(home).SetSecret("s").SetSelect("where").Save(ctx)
		}},
		{"add", func() (any, error) { return d.Update().AddCounter(7).AddWeight(0.25).AddTimeout(time.Second).Save(ctx) }},
		{"append", func() (any, error) { return d.Update().AppendTags([]string{"c", "d"}).Save(ctx) }},
		{"clear", func() (any, error) {
			return d.Update().ClearCounter().ClearWeight().ClearBlob().ClearSeenAt().ClearSerial().ClearTags().ClearSettings().ClearTimeout().ClearHome().ClearSelect().Save(ctx)
		}},
		{"append to nothing", func() (any, error) { return d.Update().AppendTags([]string{"e"}).Save(ctx) }},
		{"nothing", func() (any, error) { return d.Update().Save(ctx) }},
		{"select", func() (any, error) {
			return d.Update().SetName("selected").Select(device.FieldName, device.FieldKind).Save(ctx)
		}},
		{"select, bad", func() (any, error) { return d.Update().SetName("x").Select("bad").Save(ctx) }},
		{"modify", func() (any, error) {
			return d.Update().SetName("m").Modify(func(u *entsql.UpdateBuilder) { u.Set(device.FieldCounter, entsql.Expr("40 + 2")) }).Save(ctx)
		}},
		{"modify returning", func() (any, error) {
			return d.Update().SetName("n").Modify(func(u *entsql.UpdateBuilder) { u.Returning(device.FieldName) }).Save(ctx)
		}},
		{"modify to nothing", func() (any, error) {
			return d.Update().SetName("n").Modify(func(u *entsql.UpdateBuilder) { u.Where(entsql.False()) }).Save(ctx)
		}},
		{"where", func() (any, error) { return d.Update().Where(device.CounterEQ(42)).AddCounter(1).Save(ctx) }},
		{"where, changed meanwhile", func() (any, error) { return d.Update().Where(device.CounterEQ(42)).AddCounter(1).Save(ctx) }},
		{"where with an edge", func() (any, error) {
			return d.Update().Where(device.HasOwnerWith(user.Name("ann"))).SetName("of ann").Save(ctx)
		}},
		{"where with an edge to nothing", func() (any, error) {
			return d.Update().Where(device.HasOwnerWith(user.Name("eve"))).SetName("of eve").Save(ctx)
		}},
		{"where, and nothing to set", func() (any, error) { return d.Update().Where(device.CounterEQ(0)).Save(ctx) }},
		{"own key", func() (any, error) {
			return d.Update().SetOwner(eve).SetTechnician(ann).SetParentID(other.ID).Save(ctx)
		}},
		{"clear own key", func() (any, error) { return d.Update().ClearTechnician().ClearParent().Save(ctx) }},
		{"keys of others", func() (any, error) { return d.Update().SetName("parent").AddChildren(other).Save(ctx) }},
		{"keys of others, taken", func() (any, error) { return other.Update().SetName("thief").AddChildIDs(other.ID).Save(ctx) }},
		{"many to many", func() (any, error) { return d.Update().AddReviewers(ann, eve).Save(ctx) }},
		{"many to many, unknown", func() (any, error) { return d.Update().SetName("half").AddReviewerIDs("nobody").Save(ctx) }},
		{"one to one with itself", func() (any, error) { return ann.Update().SetName("wife").SetSpouse(eve).SetUpdatedAt(now).Save(ctx) }},
		{"clear one to one", func() (any, error) { return eve.Update().ClearSpouse().SetUpdatedAt(now).Save(ctx) }},
		{"unique", func() (any, error) { return eve.Update().SetEmail("ann@example.com").SetUpdatedAt(now).Save(ctx) }},
		{"foreign key", func() (any, error) { return d.Update().SetOwnerID("nobody").Save(ctx) }},
		{"validator", func() (any, error) { return d.Update().SetKind("toaster").Save(ctx) }},
		{"hook", func() (any, error) { return d.Update().SetName("forbidden").Save(ctx) }},
		{"no such row", func() (any, error) { return c.Device.UpdateOneID(id(99)).SetName("x").Save(ctx) }},
		{"no such row, and nothing to set", func() (any, error) { return c.Wallet.UpdateOneID(99).Save(ctx) }},
		{"int id", func() (any, error) { return team.Update().SetName("renamed").SetUpdatedAt(now).Save(ctx) }},
		{"edge schema", func() (any, error) {
			return c.TeamUser.UpdateOne(&hard.TeamUser{TeamID: team.ID, UserID: ann.ID}).AddWeight(3).Save(ctx)
		}},
		{"edge schema, no such row", func() (any, error) {
			return c.TeamUser.UpdateOne(&hard.TeamUser{TeamID: team.ID, UserID: "nobody"}).AddWeight(3).Save(ctx)
		}},
		{"secrets", func() (any, error) { return key.Update().SetName("cd").SetKey("other").SetUpdatedAt(now).Save(ctx) }},
		{"shared id", func() (any, error) { return passport.Update().AddVisits(1).Save(ctx) }},
		{"unexported key", func() (any, error) { return vault.Update().SetSilver("silver").ClearKeeper().Save(ctx) }},
		{"transaction", func() (any, error) {
			tx, err := c.Tx(ctx)
			if err != nil {
				return nil, err
			}
			first, err := tx.Device.UpdateOneID(id(1)).SetName("in a transaction").Save(ctx)
			if err != nil {
				return nil, errors.Join(err, tx.Rollback())
			}
			second, err := tx.Device.UpdateOneID(id(2)).SetName("too").AddReviewerIDs("ann").Save(ctx)
			if err != nil {
				return nil, errors.Join(err, tx.Rollback())
			}
			third := tx.Device.UpdateOneID(id(99)).Exec(ctx)
			return []any{first, second, fmt.Sprint(third)}, tx.Commit()
		}},
		{"transaction that fails", func() (any, error) {
			tx, err := c.Tx(ctx)
			if err != nil {
				return nil, err
			}
			first := tx.Device.UpdateOneID(id(1)).SetName("lost").Exec(ctx)
			second := tx.Device.UpdateOneID(id(1)).SetOwnerID("nobody").Exec(ctx)
			third := tx.Device.UpdateOneID(id(1)).SetName("aborted").Exec(ctx)
			return fmt.Sprint(first, second != nil, third), tx.Commit()
		}},
		{"debug", func() (any, error) { return c.Debug().Device.UpdateOneID(id(1)).SetName("debug").Save(ctx) }},
	} {
		seen = nil
		v, err := test.run()
		out := fmt.Sprintf("%s\nentity: %s\nerror: %v, not found %t, constraint %t, validation %t", test.name, text(t, v), err, hard.IsNotFound(err), hard.IsConstraintError(err), hard.IsValidationError(err))
		out += "\nhooks: " + strings.Join(seen, "; ")
		out += "\ndevices: " + text(t, c.Device.Query().Order(device.ByID()).WithReviewers(func(q *hard.UserQuery) { q.Order(user.ByID()) }).WithParent().AllX(ctx))
		out += "\nusers: " + text(t, c.User.Query().Order(user.ByID()).WithSpouse().AllX(ctx))
		// Drivers word it differently.
		out = strings.ReplaceAll(out, "pgx: ", "")
		results = append(results, out)
	}
	return results
}

// text returns a value with all its fields.
func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%v %s", v, b)
}
