package integration_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	hard "github.com/agentuity/auth-go/internal/integration/hard/ent"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/apikey"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/hook"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/session"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/user"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/vault"
)

// An ordinary query does not read a secret, in whatever shape it is written.
func TestSecretsAreNotSelected(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		ada := c.newUser(t, "ada")
		key := must(c.APIKey.Create().SetUser(ada).SetKey("hash").SetName("ci").Save(ctx))(t)
		c.log.reset()
		for what, query := range map[string]func() (any, error){
			"All":    func() (any, error) { return c.APIKey.Query().All(ctx) },
			"First":  func() (any, error) { return c.APIKey.Query().First(ctx) },
			"Only":   func() (any, error) { return c.APIKey.Query().Only(ctx) },
			"Get":    func() (any, error) { return c.APIKey.Get(ctx, key.ID) },
			"Clone":  func() (any, error) { return c.APIKey.Query().Clone().All(ctx) },
			"Limit":  func() (any, error) { return c.APIKey.Query().Limit(1).Offset(0).Order(apikey.ByName()).All(ctx) },
			"Unique": func() (any, error) { return c.APIKey.Query().Unique(true).All(ctx) },
			"Count":  func() (any, error) { return c.APIKey.Query().Count(ctx) },
			"Exist":  func() (any, error) { return c.APIKey.Query().Exist(ctx) },
			"IDs":    func() (any, error) { return c.APIKey.Query().IDs(ctx) },
			"With":   func() (any, error) { return c.User.Query().WithKeys().All(ctx) },
			"WithNested": func() (any, error) {
				return c.Session.Query().WithUser(func(q *hard.UserQuery) { q.WithKeys() }).All(ctx)
			},
			"WithNamed": func() (any, error) { return c.User.Query().WithNamedKeys("all").All(ctx) },
			"Traversal": func() (any, error) { return c.User.Query().QueryKeys().All(ctx) },
			"Entity":    func() (any, error) { return ada.QueryKeys().All(ctx) },
			"Back":      func() (any, error) { return c.APIKey.Query().QueryUser().QueryKeys().All(ctx) },
			"Has":       func() (any, error) { return c.User.Query().Where(user.HasKeysWith(apikey.Name("ci"))).All(ctx) },
			"UpdateOne": func() (any, error) { return c.APIKey.UpdateOneID(key.ID).SetName("cd").Save(ctx) },
			"Entity update": func() (any, error) {
				return key.Update().SetEnabled(true).Save(ctx)
			},
			"Scan": func() (any, error) {
				var rows []struct{ ID, Name string }
				return rows, c.APIKey.Query().Select().Scan(ctx, &rows)
			},
			"GroupBy": func() (any, error) { return c.APIKey.Query().GroupBy(apikey.FieldConfigID).Strings(ctx) },
			"ForShare": func() (any, error) {
				if c.dialect == "postgres" {
					return c.APIKey.Query().ForShare().All(ctx)
				}
				return c.APIKey.Query().All(ctx)
			},
		} {
			if _, err := query(); err != nil && what != "Scan" {
				t.Fatalf("%s: %v", what, err)
			}
			c.log.assertNotRead(t, what, "key", "pin", "token")
		}
	})
}

func TestSecretsAreSelectedWhenAskedFor(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		ada := c.newUser(t, "ada")
		key := must(c.APIKey.Create().SetUser(ada).SetKey("hash").Save(ctx))(t)
		if key.Key != "hash" {
			t.Errorf("the key that was set is not on the created entity: %q", key.Key)
		}
		q := c.APIKey.Query().IncludeSecrets()
		if n := must(q.Count(ctx))(t); n != 1 {
			t.Errorf("Count: %d", n)
		}
		for what, query := range map[string]func() (*hard.APIKey, error){
			"IncludeSecrets": func() (*hard.APIKey, error) { return q.Only(ctx) },
			"Clone":          func() (*hard.APIKey, error) { return q.Clone().Only(ctx) },
			"Select":         func() (*hard.APIKey, error) { return c.APIKey.Query().Select(apikey.FieldKey).Only(ctx) },
			"UpdateOne": func() (*hard.APIKey, error) {
				return c.APIKey.UpdateOneID(key.ID).SetName("x").Select(apikey.FieldKey).Save(ctx)
			},
			"With": func() (*hard.APIKey, error) {
				u, err := c.User.Query().WithKeys(func(q *hard.APIKeyQuery) { q.IncludeSecrets() }).Only(ctx)
				if err != nil {
					return nil, err
				}
				return u.Edges.Keys[0], nil
			},
			"Traversal": func() (*hard.APIKey, error) { return ada.QueryKeys().IncludeSecrets().Only(ctx) },
		} {
			if got := must(query())(t); got.Key != "hash" {
				t.Errorf("%s: key is %q", what, got.Key)
			}
		}
		if got := must(c.User.Query().IncludeSecrets().Only(ctx))(t); got.Pin != "1234" {
			t.Errorf("the app's own secret is %q", got.Pin)
		}
		if got := must(c.User.Query().Only(ctx))(t); got.Pin != "" {
			t.Errorf("the app's own secret is selected: %q", got.Pin)
		}
	})
}

func TestSecretsAreNotPrinted(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		ada := c.newUser(t, "ada")
		s := must(c.Session.Create().SetUser(ada).SetToken("t0ps3cret").SetExpiresAt(time.Now()).Save(ctx))(t)
		buf, err := json.Marshal([]any{s, ada})
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{string(buf), s.String(), ada.String(), fmt.Sprint(s), fmt.Sprintf("%v %s", s, ada)} {
			if strings.Contains(text, "t0ps3cret") || strings.Contains(text, "1234") {
				t.Errorf("a secret is printed: %s", text)
			}
		}
	})
}

// A type with a foreign key that is no field loads it beside the columns that are no secret.
func TestSecretsBesideForeignKeys(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		ada := c.newUser(t, "ada")
		outer := must(c.Vault.Create().SetGold("au").SetSilver("ag").SetKeeper(ada).Save(ctx))(t)
		must(c.Vault.Create().SetGold("au2").SetKeeper(ada).SetOuter(outer).Save(ctx))(t)
		c.log.reset()
		vaults := must(c.Vault.Query().WithKeeper().WithInner().WithOuter().Order(vault.ByID()).All(ctx))(t)
		c.log.assertNotRead(t, "With", "gold", "silver", "pin")
		if len(vaults) != 2 || vaults[0].Edges.Keeper.ID != ada.ID || vaults[1].Edges.Outer.ID != outer.ID || len(vaults[0].Edges.Inner) != 1 {
			t.Errorf("edges are wrong: %+v", vaults)
		}
		vaults = must(c.Vault.Query().IncludeSecrets().WithKeeper().WithOuter().Order(vault.ByID()).All(ctx))(t)
		if vaults[0].Gold != "au" || vaults[0].Silver != "ag" || vaults[1].Edges.Outer.ID != outer.ID {
			t.Errorf("with secrets: %+v", vaults)
		}
	})
}

// A hook sees the true old value of a secret, however the entity is named, before and after
// the mutation, in a transaction too. Other old values are as Ent has them.
func TestOldSecret(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		ada := c.newUser(t, "ada")
		key := must(c.APIKey.Create().SetUser(ada).SetKey("0").SetName("ci").Save(ctx))(t)
		var old []string
		c.APIKey.Use(func(next hard.Mutator) hard.Mutator {
			return hook.APIKeyFunc(func(ctx context.Context, m *hard.APIKeyMutation) (hard.Value, error) {
				if !m.Op().Is(hard.OpUpdateOne) {
					return next.Mutate(ctx, m)
				}
				before, err := m.OldKey(ctx)
				if err != nil {
					return nil, err
				}
				v, err := next.Mutate(ctx, m)
				if err != nil {
					return nil, err
				}
				after, err := m.OldKey(ctx)
				if err != nil {
					return nil, err
				}
				field, err := m.OldField(ctx, apikey.FieldKey)
				if err != nil {
					return nil, err
				}
				name, err := m.OldName(ctx)
				if err != nil {
					return nil, err
				}
				old = append(old, fmt.Sprint(before, after, field, *name))
				return v, nil
			})
		})
		loaded := must(c.APIKey.Query().Only(ctx))(t)
		full := must(c.APIKey.Query().IncludeSecrets().Only(ctx))(t)
		must(c.APIKey.UpdateOneID(key.ID).SetKey("1").Save(ctx))(t)
		must(loaded.Update().SetKey("2").Save(ctx))(t)
		must(c.APIKey.UpdateOne(full).SetKey("3").Save(ctx))(t)
		must(c.APIKey.UpdateOne(&hard.APIKey{ID: key.ID, Name: key.Name}).SetName("ci").SetKey("4").Save(ctx))(t)
		tx := must(c.Tx(ctx))(t)
		must(0, tx.APIKey.UpdateOneID(key.ID).SetKey("5").Exec(ctx))(t)
		must(0, tx.APIKey.UpdateOne(loaded).SetKey("6").Exec(ctx))(t)
		must(0, tx.Commit())(t)
		if got, want := strings.Join(old, " "), "000ci 111ci 222ci 333ci 444ci 555ci"; got != want {
			t.Errorf("old values: %q, want %q", got, want)
		}
		if _, err := c.APIKey.UpdateOneID("none").SetKey("7").Save(ctx); !hard.IsNotFound(err) {
			t.Errorf("the old key of nothing: %v, want a not found error", err)
		}
	})
}

// The session table has secrets, fields of the app and an edge of the app.
func TestSecretsInAnExtendedTable(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		ada := c.newUser(t, "ada")
		d := must(c.Device.Create().SetName("phone").SetOwner(ada).Save(ctx))(t)
		must(c.Session.Create().SetUser(ada).SetToken("t").SetExpiresAt(time.Now()).SetDevice(d).Save(ctx))(t)
		s := must(c.Session.Query().Where(session.Token("t")).WithDevice().WithUser().Only(ctx))(t)
		if s.Token != "" || s.Type != "web" || s.Edges.Device.ID != d.ID || s.Edges.User.ID != ada.ID {
			t.Errorf("session: %+v", s)
		}
	})
}
