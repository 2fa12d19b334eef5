package service_test

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent/apikey"
)

const keyHeader = "X-Agentuity-Auth-Api-Key"

// ptr returns a pointer to a value.
func ptr[T any](v T) *T { return &v }

// newKey creates a key as a server does.
func (s *server) newKey(t *testing.T, in authent.CreateAPIKeyInput) *authent.NewAPIKey {
	t.Helper()
	return must(s.auth.CreateAPIKey(t.Context(), in))(t)
}

// verifyKey uses a key and returns the code of the error, "" for success.
func (s *server) verifyKey(t *testing.T, in authent.VerifyAPIKeyInput) string {
	t.Helper()
	_, err := s.auth.VerifyAPIKey(t.Context(), in)
	return codeOf(t, err)
}

// codeOf returns the code of an error that a client may see, "" for none.
func codeOf(t *testing.T, err error) string {
	t.Helper()
	var e *authent.Error
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &e):
		t.Errorf("an error that is no authent.Error: %v", err)
		return err.Error()
	}
	return e.Code
}

// withKey returns a browser without cookies that sends an API key.
func (s *server) withKey(key string) *browser {
	b := s.browser()
	b.header.Set(keyHeader, key)
	return b
}

func TestAPIKeyEndpoints(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b, other := s.signUp(t, "alice"), s.signUp(t, "bob")
		alice := b.userID(t)
		created := b.post(t, "/api-key/create", object{"name": "ci", "prefix": "ci_", "metadata": object{"env": "prod", "n": 1}, "expiresIn": 172800}).ok(t)
		id, key := created.field(t, "id"), created.field(t, "key")
		if len(key) != 67 || !strings.HasPrefix(key, "ci_") {
			t.Errorf("key %q, want ci_ and 64 letters", key)
		}
		rest := `"refillInterval":null,"refillAmount":null,"lastRefillAt":null,"enabled":true,"rateLimitEnabled":true,"rateLimitTimeWindow":86400000,` +
			`"rateLimitMax":10,"requestCount":0,"remaining":null,"lastRequest":null,"expiresAt":"2026-03-03T12:00:00.000Z",` +
			`"createdAt":"2026-03-01T12:00:00.000Z","updatedAt":"2026-03-01T12:00:00.000Z","permissions":null,"metadata":{"env":"prod","n":1},"id":"` + id + `"}`
		row := `{"configId":"default","name":"ci","start":"` + key[:6] + `","referenceId":"` + alice + `","prefix":"ci_",` + rest
		created.is(t, 200, strings.Replace(row, `"prefix":"ci_",`, `"prefix":"ci_","key":"`+key+`",`, 1))
		b.get(t, "/api-key/get?id="+id).is(t, 200, row)
		if created.field(t, "metadata.env") != "prod" || created.field(t, "referenceId") != alice {
			t.Errorf("create answers %s", created.body)
		}
		stored := s.client.APIKey.Query().IncludeSecrets().Where(apikey.ID(id)).OnlyX(t.Context())
		if stored.UserID != alice || stored.ReferenceID != alice || len(stored.Key) != 43 || strings.Contains(stored.Key, key) {
			t.Errorf("stored row %+v", stored)
		}

		b.get(t, "/api-key/list").is(t, 200, `{"apiKeys":[`+row+`],"total":1}`)
		b.get(t, "/api-key/list?limit=0").is(t, 200, `{"apiKeys":[],"total":1,"limit":0}`)
		b.get(t, "/api-key/list?limit=1&offset=1&sortBy=name&sortDirection=desc").is(t, 200, `{"apiKeys":[],"total":1,"limit":1,"offset":1}`)
		b.get(t, "/api-key/list?offset=0").is(t, 200, `{"apiKeys":[`+row+`],"total":1,"offset":0}`)
		b.get(t, "/api-key/list?limit=-1").is(t, 400, `{"message":"[query.limit] Too small: expected number to be >=0","code":"VALIDATION_ERROR"}`)
		b.get(t, "/api-key/list?sortBy=key").refused(t, 400, "VALIDATION_ERROR")
		b.get(t, "/api-key/list?configId=default").is(t, 200, `{"apiKeys":[`+row+`],"total":1}`)
		b.get(t, "/api-key/list?configId=other").is(t, 200, `{"apiKeys":[],"total":0}`)
		b.get(t, "/api-key/list?organizationId=nope").refused(t, 403, "USER_NOT_MEMBER_OF_ORGANIZATION")
		other.get(t, "/api-key/list").is(t, 200, `{"apiKeys":[],"total":0}`)

		for _, wrong := range []struct {
			body   object
			status int
			code   string
		}{
			{object{"metadata": "str"}, 400, "INVALID_METADATA_TYPE"},
			{object{"name": strings.Repeat("x", 33)}, 400, "INVALID_NAME_LENGTH"},
			{object{"prefix": "a b"}, 400, "VALIDATION_ERROR"},
			{object{"prefix": strings.Repeat("x", 33)}, 400, "INVALID_PREFIX_LENGTH"},
			{object{"expiresIn": 0}, 400, "VALIDATION_ERROR"},
			{object{"expiresIn": 3600}, 400, "EXPIRES_IN_IS_TOO_SMALL"},
			{object{"expiresIn": 31622400}, 400, "EXPIRES_IN_IS_TOO_LARGE"},
		} {
			b.post(t, "/api-key/create", wrong.body).refused(t, wrong.status, wrong.code)
		}
		for _, right := range []object{{}, {"name": ""}, {"expiresIn": nil, "remaining": nil}, {"configId": "nope"}, {"organizationId": "org"}, {"expiresIn": 86400}} {
			b.post(t, "/api-key/create", right).ok(t)
		}

		b.post(t, "/api-key/update", object{"keyId": id}).refused(t, 400, "NO_VALUES_TO_UPDATE")
		b.post(t, "/api-key/update", object{"keyId": id, "name": ""}).refused(t, 400, "INVALID_NAME_LENGTH")
		b.post(t, "/api-key/update", object{"keyId": id, "expiresIn": 60}).refused(t, 400, "EXPIRES_IN_IS_TOO_SMALL")
		b.post(t, "/api-key/update", object{"keyId": "nope", "name": "n"}).refused(t, 404, "KEY_NOT_FOUND")
		updated := b.post(t, "/api-key/update", object{"keyId": id, "name": "renamed", "metadata": nil, "expiresIn": nil, "enabled": false}).ok(t)
		if updated.field(t, "name") != "renamed" || updated.field(t, "metadata") != "" || updated.field(t, "expiresAt") != "" || updated.field(t, "enabled") != "false" {
			t.Errorf("update answers %s", updated.body)
		}
		if got := s.verifyKey(t, authent.VerifyAPIKeyInput{Key: key}); got != "KEY_DISABLED" {
			t.Errorf("a disabled key: %q", got)
		}
		b.post(t, "/api-key/delete", object{"keyId": id}).is(t, 200, `{"success":true}`)
		b.post(t, "/api-key/delete", object{"keyId": id}).refused(t, 404, "KEY_NOT_FOUND")
		b.get(t, "/api-key/get?id="+id).refused(t, 404, "KEY_NOT_FOUND")
		b.get(t, "/api-key/get").is(t, 400, `{"message":"[query.id] Invalid input: expected string, received undefined","code":"VALIDATION_ERROR"}`)
		for _, path := range []string{"/api-key/verify", "/api-key/delete-all-expired-api-keys"} {
			if a := b.post(t, path, object{"key": key}); a.status != http.StatusNotFound {
				t.Errorf("%s = %d, want 404", path, a.status)
			}
		}
	})
}

// TestAPIKeyAnonymous: nothing works without a session, with the codes that the TypeScript side has.
func TestAPIKeyAnonymous(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.browser()
		b.post(t, "/api-key/create", object{"name": "x"}).is(t, 401, `{"message":"Unauthorized or invalid session","code":"UNAUTHORIZED_SESSION"}`)
		b.post(t, "/api-key/update", object{"keyId": "x", "name": "n"}).refused(t, 401, "UNAUTHORIZED_SESSION")
		b.post(t, "/api-key/delete", object{"keyId": "x"}).refused(t, 401, "UNAUTHORIZED")
		b.get(t, "/api-key/get?id=x").refused(t, 401, "UNAUTHORIZED")
		b.get(t, "/api-key/list").refused(t, 401, "UNAUTHORIZED")
	})
}

// TestGHSA_99h5_ServerOnlyProperties: a client sets neither the user of a key nor what limits it, with or without a
// session, and what it tried changes nothing.
func TestGHSA_99h5_ServerOnlyProperties(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b, anonymous := s.signUp(t, "alice"), s.browser()
		mallory := s.signUp(t, "mallory")
		alice := b.userID(t)
		key := b.post(t, "/api-key/create", object{"name": "mine"}).ok(t).field(t, "id")
		before := b.get(t, "/api-key/list").ok(t).body
		for name, value := range map[string]any{
			"userId": alice, "permissions": object{"files": []string{"read"}}, "remaining": 5, "refillAmount": 1, "refillInterval": 1000,
			"rateLimitMax": 5, "rateLimitTimeWindow": 1000, "rateLimitEnabled": false,
		} {
			want, status := "SERVER_ONLY_PROPERTY", 400
			if name == "userId" {
				want, status = "UNAUTHORIZED_SESSION", 401
			}
			b.post(t, "/api-key/create", object{name: value}).refused(t, status, want)
			b.post(t, "/api-key/update", object{"keyId": key, "name": "x", name: value}).refused(t, status, want)
			mallory.post(t, "/api-key/create", object{name: value}).refused(t, status, want)
			mallory.post(t, "/api-key/update", object{"keyId": key, "name": "x", name: value}).refused(t, status, want)
			anonymous.post(t, "/api-key/create", object{name: value}).refused(t, status, want)
			anonymous.post(t, "/api-key/update", object{"keyId": key, "name": "x", name: value}).refused(t, 401, "UNAUTHORIZED_SESSION")
		}
		// Of several, the TypeScript side names the same one.
		anonymous.post(t, "/api-key/create", object{"userId": alice, "remaining": 5}).refused(t, 400, "SERVER_ONLY_PROPERTY")
		b.post(t, "/api-key/update", object{"keyId": key, "userId": alice, "remaining": 5}).refused(t, 401, "UNAUTHORIZED_SESSION")
		if after := b.get(t, "/api-key/list").ok(t).body; string(after) != string(before) {
			t.Errorf("the keys changed from %s to %s", before, after)
		}
		if n := s.client.APIKey.Query().CountX(t.Context()); n != 1 {
			t.Errorf("there are %d keys, want 1", n)
		}
	})
}

// TestGHSA_4vcf_KeysOfOthers: an id of another user's key is one that does not exist.
func TestGHSA_4vcf_KeysOfOthers(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		alice, mallory := s.signUp(t, "alice"), s.signUp(t, "mallory")
		created := alice.post(t, "/api-key/create", object{"name": "mine"}).ok(t)
		id := created.field(t, "id")
		mallory.get(t, "/api-key/get?id="+id).refused(t, 404, "KEY_NOT_FOUND")
		mallory.post(t, "/api-key/update", object{"keyId": id, "enabled": false}).refused(t, 404, "KEY_NOT_FOUND")
		mallory.post(t, "/api-key/delete", object{"keyId": id}).refused(t, 404, "KEY_NOT_FOUND")
		if got := s.verifyKey(t, authent.VerifyAPIKeyInput{Key: created.field(t, "key")}); got != "" {
			t.Errorf("the key of alice: %s", got)
		}
	})
}

// TestGHSA_2vg6_KeyOfADeletedUser: a key ends with its user.
func TestGHSA_2vg6_KeyOfADeletedUser(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		id := s.signUp(t, "alice").userID(t)
		key := s.newKey(t, authent.CreateAPIKeyInput{UserID: id})
		s.client.User.DeleteOneID(id).ExecX(t.Context())
		s.withKey(key.Key).get(t, "/get-session").refused(t, 401, "INVALID_API_KEY")
	})
}

func TestVerifyAPIKeyOrder(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		user := s.signUp(t, "alice").userID(t)
		read := map[string][]string{"files": {"read"}}
		in := func(key *authent.NewAPIKey) authent.VerifyAPIKeyInput { return authent.VerifyAPIKeyInput{Key: key.Key} }
		want := func(in authent.VerifyAPIKeyInput, code string) {
			t.Helper()
			if got := s.verifyKey(t, in); got != code {
				t.Errorf("%q, want %q", got, code)
			}
		}
		exists := func(key *authent.NewAPIKey) bool {
			return s.client.APIKey.Query().Where(apikey.ID(key.ID)).ExistX(t.Context())
		}
		want(authent.VerifyAPIKeyInput{Key: "ag_nope"}, "INVALID_API_KEY")
		want(authent.VerifyAPIKeyInput{Key: "ag_" + strings.Repeat("x", 64)}, "INVALID_API_KEY")
		want(authent.VerifyAPIKeyInput{Key: "ag_\x00" + strings.Repeat("x", 64)}, "INVALID_API_KEY")

		limited := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, Permissions: map[string][]string{"files": {"read", "write"}, "all": {"*"}}, Remaining: ptr(3), RateLimitEnabled: ptr(false)})
		for _, permissions := range []map[string][]string{{"files": {"delete"}}, {"billing": {"read"}}, {"files": {"read"}, "billing": {"read"}}} {
			want(authent.VerifyAPIKeyInput{Key: limited.Key, Permissions: permissions}, "KEY_NOT_FOUND")
		}
		want(authent.VerifyAPIKeyInput{Key: limited.Key, Permissions: read}, "")
		want(authent.VerifyAPIKeyInput{Key: limited.Key, Permissions: map[string][]string{"all": {"anything"}}}, "")
		want(in(limited), "")
		want(in(limited), "USAGE_EXCEEDED")
		if exists(limited) {
			t.Error("a key that is used up is still there")
		}
		want(in(limited), "INVALID_API_KEY")

		plain := s.newKey(t, authent.CreateAPIKeyInput{UserID: user})
		want(authent.VerifyAPIKeyInput{Key: plain.Key, Permissions: read}, "KEY_NOT_FOUND")

		refilled := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, Remaining: ptr(1), RefillAmount: ptr(2), RefillInterval: ptr(1000), RateLimitEnabled: ptr(false)})
		want(in(refilled), "")
		want(in(refilled), "USAGE_EXCEEDED")
		s.clock.advance(time.Second)
		want(in(refilled), "USAGE_EXCEEDED")
		s.clock.advance(time.Millisecond)
		want(in(refilled), "")
		want(in(refilled), "")
		want(in(refilled), "USAGE_EXCEEDED")
		if !exists(refilled) {
			t.Error("a key that will be refilled was deleted")
		}

		rated := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, RateLimitMax: ptr(2), RateLimitTimeWindow: ptr(2000)})
		want(in(rated), "")
		s.clock.advance(1500 * time.Millisecond)
		want(in(rated), "")
		s.clock.advance(500 * time.Millisecond)
		_, err := s.auth.VerifyAPIKey(t.Context(), in(rated))
		var e *authent.Error
		if !errors.As(err, &e) || e.Status != 429 || e.Code != "RATE_LIMITED" || e.Details["tryAgainIn"] != int64(1500) || e.RetryAfter != 1500*time.Millisecond {
			t.Errorf("a limited key: %+v", e)
		}
		s.clock.advance(1501 * time.Millisecond)
		want(in(rated), "")

		expiring := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, ExpiresIn: 86400})
		kept := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, ExpiresIn: 2 * 86400})
		alsoExpiring := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, ExpiresIn: 86400})
		want(in(expiring), "")
		s.clock.advance(24 * time.Hour)
		want(in(expiring), "KEY_EXPIRED")
		if exists(expiring) || !exists(kept) || !exists(alsoExpiring) {
			t.Error("verifying an expired key must delete that key alone")
		}
		if n, err := s.auth.DeleteAllExpiredAPIKeys(t.Context()); n != 1 || err != nil || !exists(kept) {
			t.Errorf("DeleteAllExpiredAPIKeys = %d, %v; want 1", n, err)
		}
	})
}

// TestAPIKeyRaces: however many requests use a key at the same time, no more of them are accepted than it allows.
func TestAPIKeyRaces(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		user := s.signUp(t, "alice").userID(t)
		accepted := func(key *authent.NewAPIKey) (n int) {
			t.Helper()
			for _, err := range race(40, func(int) error {
				_, err := s.auth.VerifyAPIKey(context.WithoutCancel(t.Context()), authent.VerifyAPIKeyInput{Key: key.Key})
				return err
			}) {
				switch c := codeOf(t, err); c {
				case "":
					n++
				case "USAGE_EXCEEDED", "RATE_LIMITED", "INVALID_API_KEY":
				default:
					t.Errorf("refused with %q", c)
				}
			}
			return n
		}
		remaining := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, Remaining: ptr(5), RateLimitEnabled: ptr(false)})
		if n := accepted(remaining); n != 5 {
			t.Errorf("remaining=5: %d of 40 accepted", n)
		}
		rated := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, RateLimitMax: ptr(5)})
		if n := accepted(rated); n != 5 {
			t.Errorf("rateLimitMax=5: %d of 40 accepted", n)
		}
		s.clock.advance(25 * time.Hour)
		if n := accepted(rated); n != 5 {
			t.Errorf("rateLimitMax=5 in a new window: %d of 40 accepted", n)
		}
		refilled := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, Remaining: ptr(0), RefillAmount: ptr(5), RefillInterval: ptr(1000), RateLimitEnabled: ptr(false)})
		s.clock.advance(2 * time.Second)
		if n := accepted(refilled); n != 5 {
			t.Errorf("refillAmount=5: %d of 40 accepted", n)
		}
		both := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, Remaining: ptr(30), RateLimitMax: ptr(7)})
		if n := accepted(both); n != 7 {
			t.Errorf("rateLimitMax=7: %d of 40 accepted", n)
		}
		row := s.client.APIKey.GetX(t.Context(), both.ID)
		if *row.Remaining != 23 || row.RequestCount != 7 {
			t.Errorf("remaining %d and requestCount %d, want 23 and 7: a refused request counts for nothing", *row.Remaining, row.RequestCount)
		}
	})
}

// Keys without a value are after those that have one, and before them in the other direction, on each database.
func TestAPIKeysSortedByWhatSomeLack(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "alice")
		names := map[string]string{}
		for _, name := range []string{"b", "", "a"} {
			in := authent.CreateAPIKeyInput{UserID: b.userID(t)}
			if name != "" {
				in.Name, in.ExpiresIn = ptr(name), 86400*float64(name[0]-'a'+1)
			}
			names[s.newKey(t, in).ID] = name
		}
		for query, want := range map[string]string{
			"sortBy=name": "a b - ", "sortBy=name&sortDirection=desc": "- b a ", "sortBy=expiresAt": "a b - ", "sortBy=expiresAt&sortDirection=desc": "- b a ",
		} {
			var list struct {
				APIKeys []struct{ ID string }
			}
			b.get(t, "/api-key/list?"+query).ok(t).decode(t, &list)
			got := ""
			for _, key := range list.APIKeys {
				got += cmp.Or(names[key.ID], "-") + " "
			}
			if got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
		}
	})
}

// TestVerifyDoesNotRevertADisable: a verification writes its counters alone, so that what an owner changes meanwhile
// stays.
func TestVerifyDoesNotRevertADisable(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "alice")
		user := b.userID(t)
		for range 5 {
			key := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, RateLimitMax: ptr(1000)})
			race(9, func(i int) error {
				if i == 0 {
					a, err := b.try(http.MethodPost, "/api-key/update", object{"keyId": key.ID, "enabled": false, "name": "off"})
					if err == nil && a.status != 200 {
						t.Errorf("update = %d %s", a.status, a.body)
					}
					return err
				}
				_, err := s.auth.VerifyAPIKey(context.WithoutCancel(t.Context()), authent.VerifyAPIKeyInput{Key: key.Key})
				return err
			})
			row := s.client.APIKey.GetX(t.Context(), key.ID)
			if row.Enabled || *row.Name != "off" {
				t.Errorf("the key is enabled again: %v", row)
			}
		}
	})
}

func TestSessionOfAPIKey(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "alice")
		user := b.userID(t)
		key := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, Remaining: ptr(100), RateLimitMax: ptr(1000)})
		k := s.withKey(key.Key)
		session := k.get(t, "/get-session").ok(t)
		if session.field(t, "session.id") != key.ID || session.field(t, "user.id") != user || session.header.Get("Set-Auth-Jwt") != "" || len(session.cookies) > 0 {
			t.Errorf("get-session with a key = %s %v", session.body, session.header)
		}
		if strings.Contains(string(session.body), key.Key) {
			t.Error("get-session gives the key back")
		}
		if got := session.field(t, "session.expiresAt"); got != "2026-03-08T12:00:00.000Z" {
			t.Errorf("expiresAt = %s, want a week from now", got)
		}
		if row := s.client.APIKey.GetX(t.Context(), key.ID); *row.Remaining != 99 || row.RequestCount != 1 {
			t.Errorf("remaining %d, requestCount %d after one request, want 99 and 1", *row.Remaining, row.RequestCount)
		}

		var shown map[string]map[string]any
		session.decode(t, &shown)
		if s := shown["session"]; len(s) != 8 || s["token"] != "" || s["ipAddress"] != "127.0.0.1" || s["userAgent"] != "Go-http-client/1.1" {
			t.Errorf("the session of a key is %v", s)
		}
		k.header.Set("User-Agent", "")
		if a := k.get(t, "/get-session").ok(t); !strings.Contains(string(a.body), `"userAgent":null`) {
			t.Errorf("without a user agent: %s", a.body)
		}

		// A key does no harm beside requests that act for nobody, and ends no session.
		k.post(t, "/sign-out", object{}).is(t, 200, `{"success":true}`)
		k.get(t, "/get-session").ok(t)
		k.post(t, "/sign-in/email", object{"email": "alice@example.com", "password": password}).ok(t)
		k.post(t, "/sign-out", nil).ok(t)

		unknown := s.withKey("ag_" + strings.Repeat("x", 64))
		unknown.get(t, "/get-session").is(t, 401, `{"message":"Invalid API key.","code":"INVALID_API_KEY"}`)
		unknown.get(t, "/ok").refused(t, 401, "INVALID_API_KEY")
		unknown.post(t, "/sign-in/email", object{"email": "alice@example.com", "password": password}).refused(t, 401, "INVALID_API_KEY")
		s.withKey("ag_short").get(t, "/get-session").is(t, 403, `{"message":"Invalid API key.","code":"INVALID_API_KEY"}`)

		elsewhere := s.browser()
		elsewhere.header.Set("X-Api-Key", key.Key)
		elsewhere.header.Set("Authorization", "ApiKey "+key.Key)
		elsewhere.get(t, "/get-session").is(t, 200, "null")

		// The key beats the cookie.
		mallory := s.signUp(t, "mallory")
		mallory.header.Set(keyHeader, key.Key)
		if got := mallory.get(t, "/get-session").ok(t).field(t, "user.id"); got != user {
			t.Errorf("cookie and key: user %s, want that of the key", got)
		}

		once := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, RateLimitMax: ptr(1), RateLimitTimeWindow: ptr(2000)})
		o := s.withKey(once.Key)
		o.get(t, "/get-session").ok(t)
		limited := o.get(t, "/get-session").is(t, 429, `{"message":"Rate limit exceeded.","code":"RATE_LIMITED","details":{"tryAgainIn":2000}}`)
		if limited.header.Get("Retry-After") != "2" {
			t.Errorf("Retry-After %q, want 2", limited.header.Get("Retry-After"))
		}
	})
}

// TestQuirkAPIKeyIsAFullSession: a key does not reach what is about accounts and security, whatever its permissions are,
// unless the config says so.
func TestQuirkAPIKeyIsAFullSession(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		user := s.signUp(t, "alice").userID(t)
		key := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, RateLimitEnabled: ptr(false), Permissions: map[string][]string{"all": {"*"}}})
		k := s.withKey(key.Key)
		called := 0
		for _, e := range s.auth.Endpoints() {
			if e.APIKeys || strings.Contains(e.Path, ":") {
				continue
			}
			a := must(k.try(e.Method, e.Path, map[string]object{"POST": {}}[e.Method]))(t)
			// The input is checked before the key.
			if a.status == http.StatusOK || a.status >= 500 || len(a.cookies) > 0 {
				t.Errorf("%s %s with a key = %d %s %v", e.Method, e.Path, a.status, a.body, a.cookies)
			}
			called++
		}
		if called < 5 {
			t.Errorf("only %d endpoints were called", called)
		}
		k.post(t, "/api-key/create", object{"name": "child"}).refused(t, 403, "API_KEY_NOT_ALLOWED")
		k.get(t, "/token").refused(t, 403, "API_KEY_NOT_ALLOWED")
		ctx := s.auth.WithIdentity(t.Context(), &authent.Identity{User: &authent.User{ID: user}, Session: &authent.Session{}, Method: authent.MethodAPIKey, APIKey: &key.APIKey})
		if _, err := s.auth.CreateOwnAPIKey(ctx, authent.CreateOwnAPIKeyInput{}); !errors.Is(err, authent.ErrAPIKeyNotAllowed) {
			t.Errorf("a method for a key's identity: %v, want ErrAPIKeyNotAllowed", err)
		}
	})
}

func TestAPIKeyFullSessions(t *testing.T) {
	onEach(t, func(c *authent.Config) { c.APIKey.FullSessions = true }, func(t *testing.T, s *server) {
		key := s.newKey(t, authent.CreateAPIKeyInput{UserID: s.signUp(t, "alice").userID(t), RateLimitEnabled: ptr(false)})
		k := s.withKey(key.Key)
		k.post(t, "/api-key/create", object{"name": "child"}).ok(t)
		if a := k.get(t, "/api-key/list").ok(t); a.field(t, "total") != "2" || len(a.cookies) > 0 {
			t.Errorf("list = %s", a.body)
		}
	})
}

// TestAPIKeyOfOldRows: rows of old versions of the TypeScript side have the owner in userId alone.
func TestAPIKeyOfOldRows(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "alice")
		user := b.userID(t)
		key := s.newKey(t, authent.CreateAPIKeyInput{UserID: user})
		s.client.APIKey.UpdateOneID(key.ID).SetReferenceID("").ExecX(t.Context())
		if got := s.withKey(key.Key).get(t, "/get-session").ok(t).field(t, "user.id"); got != user {
			t.Errorf("user %q", got)
		}
		b.get(t, "/api-key/get?id="+key.ID).ok(t)
		b.post(t, "/api-key/update", object{"keyId": key.ID, "name": "old"}).ok(t)
		if b.get(t, "/api-key/list").ok(t).field(t, "total") != "1" {
			t.Error("the list lacks the key")
		}
		mallory := s.signUp(t, "mallory")
		// A row that names one user as the owner and another in userId belongs to the owner.
		s.client.APIKey.UpdateOneID(key.ID).SetReferenceID(mallory.userID(t)).ExecX(t.Context())
		b.get(t, "/api-key/get?id="+key.ID).refused(t, 404, "KEY_NOT_FOUND")
		mallory.get(t, "/api-key/get?id="+key.ID).ok(t)
		s.client.APIKey.UpdateOneID(key.ID).SetReferenceID("nobody").ExecX(t.Context())
		s.withKey(key.Key).get(t, "/get-session").refused(t, 401, "INVALID_REFERENCE_ID_FROM_API_KEY")
		b.post(t, "/api-key/delete", object{"keyId": key.ID}).refused(t, 404, "KEY_NOT_FOUND")
	})
}
