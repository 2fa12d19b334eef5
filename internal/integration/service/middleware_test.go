package service_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
)

// request sends a request to a handler.
func request(h http.Handler, header map[string]string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, "/api/x", nil)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// says fails the test unless a response has a status and a body.
func says(t *testing.T, res *http.Response, status int, body string) {
	t.Helper()
	got := string(must(io.ReadAll(res.Body))(t))
	if res.StatusCode != status || got != body {
		t.Errorf("%d %s, want %d %s", res.StatusCode, got, status, body)
	}
}

// whoami writes whom a request acts for.
var whoami = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	id := authent.FromContext(r.Context())
	if id == nil {
		_, _ = io.WriteString(w, "nobody")
		return
	}
	_, _ = io.WriteString(w, string(id.Method)+" "+id.User.Name)
})

func TestSessionMiddleware(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "alice")
		token := b.get(t, "/get-session").ok(t).field(t, "session.token")
		cookie := "better-auth.session_token=" + b.cookies["better-auth.session_token"]
		required, optional := s.auth.RequireSession()(whoami), s.auth.OptionalSession()(whoami)
		res := request(required, nil)
		if got := res.Header.Get("Content-Type"); got != "application/json" {
			t.Errorf("content type %q", got)
		}
		says(t, res, 401, `{"error":"Unauthorized"}`)
		says(t, request(required, map[string]string{"Cookie": cookie}), 200, "session alice")
		says(t, request(required, map[string]string{"Authorization": "Bearer " + token}), 200, "bearer alice")
		says(t, request(required, map[string]string{"Cookie": "better-auth.session_token=" + token}), 401, `{"error":"Unauthorized"}`)
		says(t, request(optional, nil), 200, "nobody")
		says(t, request(optional, map[string]string{"Cookie": cookie}), 200, "session alice")

		key := s.newKey(t, authent.CreateAPIKeyInput{UserID: b.userID(t), RateLimitEnabled: ptr(false)}).Key
		withKey := map[string]string{keyHeader: key, "Cookie": cookie}
		says(t, request(required, withKey), 403, `{"error":"Forbidden: an API key cannot be used here"}`)
		says(t, request(s.auth.RequireSession(authent.AllowAPIKeys())(whoami), withKey), 200, "api-key alice")
		says(t, request(s.auth.RequireSession(authent.AllowAPIKeys())(whoami), map[string]string{"Authorization": "apikey " + key}), 200, "api-key alice")

		b.post(t, "/sign-out", nil).ok(t)
		says(t, request(required, map[string]string{"Cookie": cookie}), 401, `{"error":"Unauthorized"}`)
		if authent.FromContext(t.Context()) != nil {
			t.Error("FromContext of a context without request is somebody")
		}
	})
}

func TestAPIKeyMiddleware(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "alice")
		cookie := "better-auth.session_token=" + b.cookies["better-auth.session_token"]
		user := b.userID(t)
		files := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, RateLimitEnabled: ptr(false), Permissions: map[string][]string{"files": {"read"}, "all": {"*"}}}).Key
		plain := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, RateLimitEnabled: ptr(false)}).Key
		required := s.auth.RequireAPIKey()(whoami)
		says(t, request(required, nil), 401, `{"error":"Unauthorized: API key required"}`)
		says(t, request(required, map[string]string{"Cookie": cookie}), 401, `{"error":"Unauthorized: API key required"}`)
		says(t, request(required, map[string]string{keyHeader: files}), 200, "api-key alice")
		says(t, request(required, map[string]string{"Authorization": "ApiKey " + files}), 200, "api-key alice")
		for _, bad := range []string{"ag_nope", "ag_" + strings.Repeat("x", 64)} {
			says(t, request(required, map[string]string{keyHeader: bad}), 401, `{"error":"Unauthorized: Invalid API key"}`)
			says(t, request(s.auth.OptionalAPIKey()(whoami), map[string]string{keyHeader: bad}), 200, "nobody")
		}
		denied := `{"error":"Forbidden: insufficient API key permissions"}`
		read := s.auth.RequireAPIKey(authent.Permission("files", "read"), authent.Permission("all", "anything"))(whoami)
		says(t, request(read, map[string]string{keyHeader: files}), 200, "api-key alice")
		says(t, request(read, map[string]string{keyHeader: plain}), 403, denied)
		says(t, request(s.auth.RequireAPIKey(authent.Permission("files", "read", "write"))(whoami), map[string]string{keyHeader: files}), 403, denied)
		says(t, request(s.auth.RequireAPIKey(authent.Permission("files"))(whoami), map[string]string{keyHeader: files}), 200, "api-key alice")

		both := s.auth.OptionalSession()(s.auth.OptionalAPIKey()(whoami))
		says(t, request(both, nil), 200, "nobody")
		says(t, request(both, map[string]string{"Cookie": cookie}), 200, "session alice")
		says(t, request(both, map[string]string{keyHeader: files}), 200, "api-key alice")
		says(t, request(both, map[string]string{"Authorization": "ApiKey " + files}), 200, "api-key alice")

		once := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, RateLimitMax: ptr(1), RateLimitTimeWindow: ptr(60000)}).Key
		says(t, request(required, map[string]string{keyHeader: once}), 200, "api-key alice")
		for _, h := range []http.Handler{required, s.auth.OptionalAPIKey()(whoami)} {
			res := request(h, map[string]string{keyHeader: once})
			if got := res.Header.Get("Retry-After"); got != "60" {
				t.Errorf("Retry-After %q, want 60", got)
			}
			says(t, res, 429, `{"error":"Rate limit exceeded."}`)
		}
	})
}

// TestVerifyAndSessionCountOnce: however often the key of one request is looked at, it is counted once.
func TestVerifyAndSessionCountOnce(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		key := s.newKey(t, authent.CreateAPIKeyInput{UserID: s.signUp(t, "alice").userID(t), Remaining: ptr(10), RateLimitMax: ptr(100)})
		inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := s.auth.GetSession(r.Context(), authent.GetSessionInput{}); err != nil {
				t.Error(err)
			}
			r.URL.Path = "/api/auth/get-session"
			r.Header.Set("X-Request-Id", "of other middleware")
			s.auth.Handler().ServeHTTP(w, r)
		})
		for i, h := range []http.Handler{
			s.auth.RequireAPIKey()(inner),
			s.auth.RequireAPIKey()(s.auth.RequireAPIKey()(s.auth.RequireSession(authent.AllowAPIKeys())(inner))),
		} {
			res := request(h, map[string]string{"Authorization": "ApiKey " + key.Key})
			if res.StatusCode != http.StatusOK {
				t.Errorf("status %d", res.StatusCode)
			}
			if row := s.client.APIKey.GetX(t.Context(), key.ID); *row.Remaining != 9-i || row.RequestCount != i+1 {
				t.Errorf("remaining %d, requestCount %d after %d requests", *row.Remaining, row.RequestCount, i+1)
			}
		}
	})
}

// TestRequestOfAnotherCaller: a request that a handler makes for somebody else is not taken for that of its own caller.
func TestRequestOfAnotherCaller(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		alice, bob := s.signUp(t, "alice"), s.signUp(t, "bob")
		cookie := func(b *browser) string { return "better-auth.session_token=" + b.cookies["better-auth.session_token"] }
		h := s.auth.RequireSession()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r = r.Clone(r.Context())
			r.Header.Set("Cookie", cookie(bob))
			s.auth.RequireSession()(whoami).ServeHTTP(w, r)
		}))
		says(t, request(h, map[string]string{"Cookie": cookie(alice)}), 200, "session bob")
	})
}

// failing is a store whose reads of sessions and keys fail.
type failing struct{ authent.Store }

func (f failing) Sessions() authent.SessionTable { return failingSessions{f.Store.Sessions()} }

func (f failing) APIKeys() authent.APIKeyTable { return failingKeys{f.Store.APIKeys()} }

var errDown = errors.New("the database is down, password=hunter2")

type failingSessions struct{ authent.SessionTable }

func (failingSessions) FindWithUser(context.Context, string) (*authent.Session, *authent.User, error) {
	return nil, nil, errDown
}

type failingKeys struct{ authent.APIKeyTable }

func (failingKeys) FindWithUser(context.Context, string) (*authent.APIKey, *authent.User, error) {
	return nil, nil, errDown
}

// TestMiddlewareDatabaseError: without a database nobody is refused as unknown, and nobody gets through.
func TestMiddlewareDatabaseError(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "alice")
		cookie := map[string]string{"Cookie": "better-auth.session_token=" + b.cookies["better-auth.session_token"]}
		key := map[string]string{keyHeader: "ag_" + strings.Repeat("x", 64)}
		broken := serve(t, failing{s.client.AuthStore()}, nil)
		for name, res := range map[string]*http.Response{
			"required session": request(broken.auth.RequireSession()(whoami), cookie),
			"optional session": request(broken.auth.OptionalSession()(whoami), cookie),
			"required key":     request(broken.auth.RequireAPIKey()(whoami), key),
			"optional key":     request(broken.auth.OptionalAPIKey()(whoami), key),
		} {
			t.Log(name)
			says(t, res, 500, `{"error":"Internal server error"}`)
		}
		if !strings.Contains(broken.log.String(), "the database is down") {
			t.Error("the error is not in the log")
		}
	})
}

// TestOrgRoleMiddleware: the role is that of the membership as it is now, not as it was when the session began.
func TestOrgRoleMiddleware(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "alice")
		cookie := map[string]string{"Cookie": "better-auth.session_token=" + b.cookies["better-auth.session_token"]}
		owners := s.auth.RequireSession(authent.OrgRole("owner", "admin"))(whoami)
		denied := `{"error":"Forbidden: insufficient organization role"}`
		says(t, request(owners, nil), 401, `{"error":"Unauthorized"}`)
		says(t, request(owners, cookie), 403, denied)
		b.post(t, "/organization/create", object{"name": "Acme", "slug": "acme"}).ok(t)
		says(t, request(owners, cookie), 200, "session alice")
		says(t, request(s.auth.OptionalSession(authent.OrgRole("admin"))(whoami), cookie), 403, denied)
		says(t, request(s.auth.OptionalSession(authent.OrgRole("admin"))(whoami), nil), 200, "nobody")
		s.client.Member.Update().SetRole("member,admin").ExecX(t.Context())
		says(t, request(owners, cookie), 200, "session alice")
		s.client.Member.Delete().ExecX(t.Context())
		says(t, request(owners, cookie), 403, denied)
		key := s.newKey(t, authent.CreateAPIKeyInput{UserID: b.userID(t)}).Key
		says(t, request(s.auth.RequireSession(authent.AllowAPIKeys(), authent.OrgRole("owner"))(whoami), map[string]string{keyHeader: key}), 403, denied)
	})
}

// TestNoSecretInTheLog: at the level debug too, neither log nor errors have a key, a token, a cookie or a password.
func TestNoSecretInTheLog(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "alice")
		session := b.get(t, "/get-session").ok(t)
		created := b.post(t, "/api-key/create", object{"name": "k", "expiresIn": 86400}).ok(t)
		key := created.field(t, "key")
		broken := serve(t, failing{s.client.AuthStore()}, func(c *authent.Config) { c.BaseURL = s.url })
		requests := []map[string]string{
			{keyHeader: key}, {"Authorization": "ApiKey " + key}, {keyHeader: key + "x"}, {keyHeader: key[:10]},
			{"Authorization": "Bearer " + session.field(t, "session.token")}, {"Authorization": "Bearer " + session.header.Get("Set-Auth-Jwt")},
			{"Cookie": "better-auth.session_token=" + b.cookies["better-auth.session_token"]},
		}
		for _, server := range []*server{s, broken} {
			for _, header := range requests {
				for _, h := range []http.Handler{server.auth.RequireSession()(whoami), server.auth.RequireAPIKey()(whoami), server.auth.OptionalAPIKey()(server.auth.Handler())} {
					request(h, header)
				}
				e := server.browser()
				for name, value := range header {
					e.header.Set(name, value)
				}
				for _, path := range []string{"/get-session", "/token", "/list-sessions", "/api-key/list"} {
					e.get(t, path)
				}
			}
		}
		s.clock.advance(48 * time.Hour)
		if _, err := s.auth.VerifyAPIKey(t.Context(), authent.VerifyAPIKeyInput{Key: key}); err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("VerifyAPIKey = %v", err)
		}
		if !strings.Contains(broken.log.String(), "the database is down") {
			t.Error("the failures are not in the log, so that this test sees nothing")
		}
		jwt := session.header.Get("Set-Auth-Jwt")
		for what, secretText := range map[string]string{
			"the key": key[:20], "the session token": session.field(t, "session.token"), "the token": jwt[len(jwt)-40:],
			"the password": password, "the secret": secret, "the cookie": b.cookies["better-auth.session_token"],
		} {
			if strings.Contains(s.log.String()+broken.log.String(), secretText) {
				t.Errorf("%s is in the log", what)
			}
		}
	})
}
