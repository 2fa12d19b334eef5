package service_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent"
)

// TestUpdatedAtOfAKey: it is when the key was last used, on the TypeScript side too. A change by its owner leaves it.
func TestUpdatedAtOfAKey(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "alice")
		created := b.post(t, "/api-key/create", object{"name": "ci"}).ok(t)
		id, made := created.field(t, "id"), s.clock.Now()
		s.clock.advance(time.Hour)
		b.post(t, "/api-key/update", object{"keyId": id, "name": "deploy"}).ok(t)
		if row := s.client.APIKey.GetX(t.Context(), id); !row.UpdatedAt.Equal(made) || *row.Name != "deploy" {
			t.Errorf("changed: %v, made %v: %v", row.UpdatedAt, made, row)
		}
		s.withKey(created.field(t, "key")).get(t, "/get-session").ok(t)
		if row := s.client.APIKey.GetX(t.Context(), id); !row.UpdatedAt.Equal(s.clock.Now()) {
			t.Errorf("used: %v, want %v", row.UpdatedAt, s.clock.Now())
		}
	})
}

// TestRaceUpdatedAtOfAKey: a change by the owner does not write back when the key was used before.
func TestRaceUpdatedAtOfAKey(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "alice")
		key := s.newKey(t, authent.CreateAPIKeyInput{UserID: b.userID(t), RateLimitEnabled: ptr(false)})
		for n := range 20 {
			s.clock.advance(time.Second)
			race(4, func(i int) error {
				if i > 0 {
					_, err := b.try(http.MethodPost, "/api-key/update", object{"keyId": key.ID, "name": fmt.Sprint(i)})
					return err
				}
				_, err := s.auth.VerifyAPIKey(context.WithoutCancel(t.Context()), authent.VerifyAPIKeyInput{Key: key.Key})
				return err
			})
			if row := s.client.APIKey.GetX(t.Context(), key.ID); !row.UpdatedAt.Equal(s.clock.Now()) || !row.LastRequest.Equal(s.clock.Now()) {
				t.Fatalf("use %d, at %v: updatedAt %v, lastRequest %v", n, s.clock.Now(), row.UpdatedAt, row.LastRequest)
			}
		}
	})
}

// TestKeyUsedWithAndWithoutHooks: the use of a key is the same where the app's hooks see it, and Ent's builder makes the
// statement, as where there are none.
func TestKeyUsedWithAndWithoutHooks(t *testing.T) {
	t.Parallel()
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			drv := d.open(t)
			s := newServer(t, drv, nil)
			client, seen := ent.NewClient(ent.Driver(drv)), 0
			client.APIKey.Use(func(next ent.Mutator) ent.Mutator {
				return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
					seen++
					return next.Mutate(ctx, m)
				})
			})
			hooked := serve(t, client.AuthStore(), nil)
			user := s.signUp(t, "alice").userID(t)
			for name, in := range map[string]authent.CreateAPIKeyInput{
				"unlimited":            {RateLimitEnabled: ptr(false)},
				"limited":              {RateLimitMax: ptr(3), RateLimitTimeWindow: ptr(3_600_000)},
				"counted":              {Remaining: ptr(3), RateLimitEnabled: ptr(false)},
				"refilled":             {Remaining: ptr(2), RefillAmount: ptr(2), RefillInterval: ptr(3_600_000), RateLimitEnabled: ptr(false)},
				"refilled and limited": {Remaining: ptr(2), RefillAmount: ptr(5), RefillInterval: ptr(3_600_000), RateLimitMax: ptr(3), RateLimitTimeWindow: ptr(60_000)},
				"permitted":            {RateLimitMax: ptr(100), Permissions: map[string][]string{"files": {"read"}}},
				"that expires":         {RateLimitMax: ptr(100), ExpiresIn: 86_400},
			} {
				in.UserID = user
				keys := []*authent.NewAPIKey{s.newKey(t, in), s.newKey(t, in)}
				for step, wait := range []time.Duration{0, 0, time.Second, time.Second, 30 * time.Second, time.Hour, time.Second, time.Second, 20 * time.Hour, 5 * time.Hour} {
					s.clock.advance(wait)
					hooked.clock.now = s.clock.now
					var codes [2]string
					var rows [2]string
					for i, server := range []*server{s, hooked} {
						codes[i] = server.verifyKey(t, authent.VerifyAPIKeyInput{Key: keys[i].Key, Permissions: in.Permissions})
						row, err := s.client.APIKey.Get(t.Context(), keys[i].ID)
						if err != nil && !ent.IsNotFound(err) {
							t.Fatal(err)
						}
						if row != nil {
							row.ID, row.Start = "", nil
							rows[i] = row.String()
						}
					}
					if codes[0] != codes[1] || rows[0] != rows[1] {
						t.Errorf("key %s, use %d: %q and %s without hooks, %q and %s with", name, step+1, codes[0], rows[0], codes[1], rows[1])
					}
				}
			}
			if seen == 0 {
				t.Error("the hook saw no use")
			}
		})
	}
}
