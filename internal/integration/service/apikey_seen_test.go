package service_test

import (
	"context"
	"testing"

	"entgo.io/ent/dialect"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/ent/apikey"
)

// TestKeyOfTwoProcesses: what a process remembers of a key decides nothing: two processes that use it in turn accept
// together what it allows, and what one changes holds for the other at once.
func TestKeyOfTwoProcesses(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		user := s.signUp(t, "alice").userID(t)
		other := serve(t, s.client.AuthStore(), nil)
		use := func(s *server, key *authent.NewAPIKey, want string) {
			t.Helper()
			if got := s.verifyKey(t, authent.VerifyAPIKeyInput{Key: key.Key}); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
		create := func(in authent.CreateAPIKeyInput) *authent.NewAPIKey {
			in.UserID = user
			key := s.newKey(t, in)
			use(s, key, "")
			use(other, key, "")
			return key
		}
		both := func(key *authent.NewAPIKey, want string) {
			t.Helper()
			use(s, key, want)
			use(other, key, want)
		}

		disabled := create(authent.CreateAPIKeyInput{RateLimitMax: ptr(100)})
		must(s.auth.UpdateAPIKey(t.Context(), authent.UpdateAPIKeyInput{KeyID: disabled.ID, Enabled: ptr(false)}))(t)
		both(disabled, "KEY_DISABLED")
		deleted := create(authent.CreateAPIKeyInput{RateLimitMax: ptr(100)})
		s.client.APIKey.DeleteOneID(deleted.ID).ExecX(t.Context())
		both(deleted, "INVALID_API_KEY")
		unlimited := create(authent.CreateAPIKeyInput{RateLimitEnabled: ptr(false)})
		must(s.auth.UpdateAPIKey(t.Context(), authent.UpdateAPIKeyInput{KeyID: unlimited.ID, Enabled: ptr(false)}))(t)
		both(unlimited, "KEY_DISABLED")
		lowered := create(authent.CreateAPIKeyInput{RateLimitMax: ptr(100)})
		must(s.auth.UpdateAPIKey(t.Context(), authent.UpdateAPIKeyInput{KeyID: lowered.ID, RateLimitMax: ptr(2)}))(t)
		both(lowered, "RATE_LIMITED")
		must(s.auth.UpdateAPIKey(t.Context(), authent.UpdateAPIKeyInput{KeyID: lowered.ID, RateLimitEnabled: ptr(false), Remaining: ptr(2)}))(t)
		both(lowered, "")
		use(s, lowered, "USAGE_EXCEEDED")

		// A key that is remembered with a permission which it has no more.
		allowed := create(authent.CreateAPIKeyInput{RateLimitMax: ptr(100), Permissions: map[string][]string{"files": {"read"}}})
		must(s.auth.UpdateAPIKey(t.Context(), authent.UpdateAPIKeyInput{KeyID: allowed.ID, SetPermissions: true}))(t)
		for _, server := range []*server{s, other} {
			if got := server.verifyKey(t, authent.VerifyAPIKeyInput{Key: allowed.Key, Permissions: map[string][]string{"files": {"read"}}}); got != "KEY_NOT_FOUND" {
				t.Errorf("a permission that was taken away: %q", got)
			}
			key := must(server.auth.VerifyAPIKey(t.Context(), authent.VerifyAPIKeyInput{Key: allowed.Key}))(t)
			if key.Permissions != nil {
				t.Errorf("the key has the permissions %s of before", *key.Permissions)
			}
		}

		remaining := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, Remaining: ptr(6), RateLimitEnabled: ptr(false)})
		use(other, remaining, "") // Remembered here as unused.
		accepted := 0
		for _, err := range race(40, func(i int) error {
			auth := s.auth
			if i%2 == 0 {
				auth = other.auth
			}
			_, err := auth.VerifyAPIKey(context.WithoutCancel(t.Context()), authent.VerifyAPIKeyInput{Key: remaining.Key})
			return err
		}) {
			if err == nil {
				accepted++
			} else if code := codeOf(t, err); code != "USAGE_EXCEEDED" && code != "INVALID_API_KEY" {
				t.Errorf("refused with %q", code)
			}
		}
		if accepted != 5 {
			t.Errorf("remaining=5: %d of 40 in two processes accepted", accepted)
		}
	})
}

// TestStatementsOfARequest counts what the database is asked: each statement is a round trip.
func TestStatementsOfARequest(t *testing.T) {
	t.Parallel()
	drv := &faultyDriver{Driver: openPostgres(t)}
	s := newServer(t, drv, nil)
	b := s.signUp(t, "alice")
	user := b.userID(t)
	statements := func(fn func()) int {
		const many = 1000
		drv.failAt(many)
		fn()
		drv.mu.Lock()
		n := many - drv.left
		drv.mu.Unlock()
		drv.stop()
		return n
	}
	if n := statements(func() { b.get(t, "/get-session").ok(t) }); n != 1 {
		t.Errorf("a session takes %d statements, want 1", n)
	}
	b.newOrganization(t, "acme")
	for path, want := range map[string]int{
		"/organization/list-members":           4, // Behind this driver users are read by a statement of their own.
		"/organization/get-active-member-role": 2,
		"/organization/list-invitations":       3,
		"/api-key/list":                        2,
	} {
		if n := statements(func() { b.get(t, path).ok(t) }); n != want {
			t.Errorf("%s takes %d statements, want %d", path, n, want)
		}
	}
	for name, in := range map[string]authent.CreateAPIKeyInput{
		"limited":   {RateLimitMax: ptr(100)},
		"counted":   {Remaining: ptr(100), RateLimitEnabled: ptr(false)},
		"unlimited": {RateLimitEnabled: ptr(false)},
	} {
		in.UserID = user
		withKey := s.withKey(s.newKey(t, in).Key)
		withKey.get(t, "/get-session").ok(t)
		if n := statements(func() { withKey.get(t, "/get-session").ok(t) }); n != 1 {
			t.Errorf("a %s key takes %d statements, want 1", name, n)
		}
	}
}

// TestKeyWithHooksAndInterceptors: the app's hooks and interceptors see the use of a key.
func TestKeyWithHooksAndInterceptors(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		key := s.newKey(t, authent.CreateAPIKeyInput{UserID: s.signUp(t, "alice").userID(t), RateLimitMax: ptr(100)})
		in := authent.VerifyAPIKeyInput{Key: key.Key}
		updates := 0
		s.client.APIKey.Use(func(next ent.Mutator) ent.Mutator {
			return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
				updates++
				return next.Mutate(ctx, m)
			})
		})
		must(s.auth.VerifyAPIKey(t.Context(), in))(t)
		must(s.auth.VerifyAPIKey(t.Context(), in))(t)
		if updates != 2 {
			t.Errorf("the hook saw %d updates, want 2", updates)
		}
		read := 0
		s.client.APIKey.Intercept(ent.TraverseFunc(func(_ context.Context, q ent.Query) error {
			read++
			if q, ok := q.(*ent.APIKeyQuery); ok {
				q.Where(apikey.Enabled(true))
			}
			return nil
		}))
		got := must(s.auth.VerifyAPIKey(t.Context(), in))(t)
		if read == 0 || got.RequestCount != 3 {
			t.Errorf("the interceptor saw %d queries, and the key was used %d times; want some, and 3", read, got.RequestCount)
		}
	})
}

// TestKeyThroughDebug: the statement that counts a use and returns the key passes drivers that wrap others.
func TestKeyThroughDebug(t *testing.T) {
	t.Parallel()
	drv := dialect.DebugWithContext(openPostgres(t), func(context.Context, ...any) {})
	s := newServer(t, drv, nil)
	key := s.newKey(t, authent.CreateAPIKeyInput{UserID: s.signUp(t, "alice").userID(t), Remaining: ptr(2), RateLimitEnabled: ptr(false)})
	for i, want := range []string{"", "", "USAGE_EXCEEDED"} {
		if got := s.verifyKey(t, authent.VerifyAPIKeyInput{Key: key.Key}); got != want {
			t.Errorf("use %d: %q, want %q", i+1, got, want)
		}
	}
}
