package service_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
)

// memory is a secondary storage that can be made to fail.
type memory struct {
	mu     sync.Mutex
	values map[string]string
	ttls   map[string]time.Duration
	err    error
}

func newMemory() *memory {
	return &memory{values: map[string]string{}, ttls: map[string]time.Duration{}}
}

func (m *memory) Get(_ context.Context, key string) (string, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.values[key]
	return v, ok, m.err
}

func (m *memory) Set(_ context.Context, key, value string, ttl time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[key], m.ttls[key] = value, ttl
	return m.err
}

func (m *memory) Delete(_ context.Context, keys ...string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range keys {
		delete(m.values, k)
	}
	return m.err
}

func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

func (m *memory) has(key string) bool {
	_, ok, _ := m.Get(context.Background(), key)
	return ok
}

func TestSecondaryStorage(t *testing.T) {
	onEach(t, nil, func(t *testing.T, known *server) {
		storage := newMemory()
		s := serve(t, known.client.AuthStore(), func(c *authent.Config) { c.Session.Storage = storage })
		s.client = known.client
		ada := s.signUp(t, "ada")
		session := ada.get(t, "/get-session").ok(t)
		token := session.field(t, "session.token")
		if !storage.has(token) || !storage.has("active-sessions-"+session.field(t, "user.id")) {
			t.Fatal("the session is not in the storage")
		}
		if ttl := storage.ttls[token]; ttl != 7*24*time.Hour {
			t.Errorf("it is kept for %v", ttl)
		}
		// What the storage says is what get-session says, byte by byte.
		if text, _, _ := storage.Get(t.Context(), token); text != string(session.body) {
			t.Errorf("stored  %s\nanswer  %s", text, session.body)
		}
		// A session that the storage lost is found in the database, and kept for a short time.
		check(t, storage.Delete(t.Context(), token))
		if !ada.signedIn(t) || storage.ttls[token] != time.Minute {
			t.Fatal("the session was not found in the database")
		}
		// A failing storage is an error, never nobody.
		storage.fail(errors.New("the storage is down"))
		ada.get(t, "/get-session").refused(t, http.StatusInternalServerError, "INTERNAL_SERVER_ERROR")
		storage.fail(nil)
		ada.post(t, "/update-user", object{"name": "Ada L."}).ok(t)
		if got := ada.get(t, "/get-session").field(t, "user.name"); got != "Ada L." {
			t.Errorf("the storage has the name %q", got)
		}
		other := s.signIn(t, "ada")
		otherToken := other.get(t, "/get-session").field(t, "session.token")
		ada.post(t, "/revoke-other-sessions", object{}).ok(t)
		if storage.has(otherToken) || other.signedIn(t) || !ada.signedIn(t) {
			t.Fatal("the other session is still there, or this one is not")
		}
		ada.post(t, "/sign-out", nil).ok(t)
		if storage.has(token) {
			t.Fatal("the session is still in the storage")
		}
	})
}

// TestRevokeOneOfTheStorage ends one of several sessions that only the storage has, as the TypeScript side may keep them.
func TestRevokeOneOfTheStorage(t *testing.T) {
	onEach(t, nil, func(t *testing.T, known *server) {
		storage := newMemory()
		s := serve(t, known.client.AuthStore(), func(c *authent.Config) { c.Session.Storage = storage })
		s.client = known.client
		ada := s.signUp(t, "ada")
		eve := s.signUp(t, "eve")
		first, second := s.signIn(t, "ada"), s.signIn(t, "ada")
		token := first.get(t, "/get-session").field(t, "session.token")
		for _, b := range []*browser{first, second} {
			id := b.get(t, "/get-session").field(t, "session.id")
			check(t, s.client.Session.DeleteOneID(id).Exec(t.Context()))
		}
		eve.post(t, "/revoke-session", object{"token": token}).ok(t)
		if !first.signedIn(t) {
			t.Fatal("somebody else ended the session")
		}
		ada.post(t, "/revoke-session", object{"token": token}).ok(t)
		if first.signedIn(t) || storage.has(token) {
			t.Error("the session goes on")
		}
		if !second.signedIn(t) || !ada.signedIn(t) {
			t.Error("another session ended too")
		}
	})
}

// TestRateLimitDatabase: the count of the table is exact under concurrency.
func TestRateLimitDatabase(t *testing.T) {
	on := true
	onEach(t, func(c *authent.Config) {
		c.RateLimit = authent.RateLimitConfig{Enabled: &on, Database: true, Rules: []authent.RateLimitRule{{Path: "/ok", Exact: true, Max: 3, Window: time.Minute}}}
	}, func(t *testing.T, s *server) {
		var done sync.WaitGroup
		var mu sync.Mutex
		statuses := map[int]int{}
		for range 12 {
			done.Go(func() {
				a, err := s.browser().try(http.MethodGet, "/ok", nil)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				statuses[a.status]++
				if a.status == http.StatusTooManyRequests && (a.header.Get("Retry-After") != "60" || !strings.Contains(string(a.body), "Too many requests")) {
					t.Errorf("%s %v", a.body, a.header)
				}
			})
		}
		done.Wait()
		if statuses[200] != 3 || statuses[429] != 9 {
			t.Fatalf("statuses %v, want 3 of 200 and 9 of 429", statuses)
		}
		s.clock.advance(time.Minute + time.Second)
		s.browser().get(t, "/ok").ok(t)
	})
}

// What the storage has under other keys is no session, whoever sends the key as a token, and what is not of the token's own session is
// none either.
func TestStorageKeysAreNoTokens(t *testing.T) {
	onEach(t, nil, func(t *testing.T, known *server) {
		storage := newMemory()
		s := serve(t, known.client.AuthStore(), func(c *authent.Config) { c.Session.Storage = storage })
		s.client = known.client
		ann := s.signUp(t, "ann")
		session := ann.get(t, "/get-session").ok(t)
		id, token := session.field(t, "user.id"), session.field(t, "session.token")
		text, _, _ := storage.Get(t.Context(), token)
		expired := strings.ReplaceAll(text, `"expiresAt":"2026-03-08`, `"expiresAt":"2026-02-08`)
		for key, value := range map[string]string{
			"other": text, "null": "null", "number": "5", "text": `"x"`, "list": `[{"token":"list"}]`, "nothing": "", "garbage": "\xff\xfe{",
			"nobody": `{"session":{"token":"nobody","userId":"x"},"user":null}`, "half": strings.ReplaceAll(text, token, "half")[:100],
			"stranger": strings.Replace(strings.ReplaceAll(text, token, "stranger"), `"userId":"`+id, `"userId":"somebody`, 1), "late": strings.ReplaceAll(expired, token, "late"),
		} {
			check(t, storage.Set(t.Context(), key, value, time.Hour))
		}
		for _, key := range []string{
			"active-sessions-" + id, "other", "null", "number", "text", "list", "nothing", "garbage", "nobody", "half", "stranger", "late", "absent",
		} {
			b := s.browser()
			b.header.Set("Authorization", "Bearer "+key)
			if b.signedIn(t) {
				t.Errorf("the key %q is a session", key)
			}
			b = s.browser()
			b.cookies[cookieName] = key + "." + signature(secret, key)
			if b.signedIn(t) {
				t.Errorf("the key %q in a signed cookie is a session", key)
			}
		}
		if !ann.signedIn(t) {
			t.Error("the session ended")
		}
	})
}
