package service_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent/session"
	"github.com/agentuity/auth-go/internal/sessiondata"
)

const cacheName = "better-auth.session_data"

// cached configures a cookie cache.
func cached(strategy authent.CookieCacheStrategy) func(*authent.Config) {
	return func(c *authent.Config) {
		c.Session.CookieCache = authent.CookieCacheConfig{Enabled: true, Strategy: strategy}
	}
}

var cacheStrategies = []authent.CookieCacheStrategy{authent.CacheCompact, authent.CacheJWT, authent.CacheJWE}

// onEachCache runs a test on a server with a cookie cache of each strategy on each database.
func onEachCache(t *testing.T, test func(t *testing.T, s *server, strategy authent.CookieCacheStrategy, statements func(func()) int)) {
	t.Helper()
	t.Parallel()
	for _, d := range databases {
		for _, strategy := range cacheStrategies {
			t.Run(d.name+"/"+string(strategy), func(t *testing.T) {
				t.Parallel()
				driver := &faultyDriver{Driver: d.open(t)}
				s := newServer(t, driver, func(c *authent.Config) {
					cached(strategy)(c)
					c.DeleteUser.Enabled = true
					c.JWT.KeepKeys = time.Hour // Signing keys are read once a minute else.
				})
				test(t, s, strategy, func(fn func()) int {
					const many = 1000
					driver.failAt(many)
					fn()
					driver.mu.Lock()
					defer driver.mu.Unlock()
					return many - driver.left
				})
			})
		}
	}
}

// codec returns what reads and writes the cookies of a server.
func codec(t *testing.T, strategy authent.CookieCacheStrategy, secret string) *sessiondata.Codec {
	t.Helper()
	return must(sessiondata.New(string(strategy), secret))(t)
}

// cacheOf returns what is in the cookie cache of a browser.
func (b *browser) cacheOf(t *testing.T, strategy authent.CookieCacheStrategy) sessiondata.Data {
	t.Helper()
	text := b.cookies[cacheName]
	for i := 0; b.cookies[fmt.Sprintf("%s.%d", cacheName, i)] != ""; i++ {
		text += b.cookies[fmt.Sprintf("%s.%d", cacheName, i)]
	}
	d, ok := codec(t, strategy, secret).Decode(text)
	if !ok {
		t.Fatalf("the browser has the cache %.100q", text)
	}
	return d
}

// withCache returns another browser with the cookies of one, and another cache; "" for none.
func (b *browser) withCache(cache string) *browser {
	other := b.s.browser()
	other.cookies = maps.Clone(b.cookies)
	delete(other.cookies, cacheName)
	if cache != "" {
		other.cookies[cacheName] = cache
	}
	return other
}

// answered sends a request with a browser's cookies through middleware and returns the status and whom a handler sees.
func (b *browser) answered(t *testing.T, middleware ...func(http.Handler) http.Handler) (int, *authent.Identity) {
	t.Helper()
	var seen *authent.Identity
	var h http.Handler = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = authent.FromContext(r.Context()) })
	for i := len(middleware) - 1; i >= 0; i-- {
		h = middleware[i](h)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, seen
}

// A session in the cookie costs no statement, and is the one of the database.
func TestCookieCache(t *testing.T) {
	onEachCache(t, func(t *testing.T, s *server, strategy authent.CookieCacheStrategy, statements func(func()) int) {
		ann := s.browser()
		a := ann.post(t, "/sign-up/email", object{"name": "Zoë \"\u2028\b</script> 🔑", "email": "ann@example.com", "password": password}).ok(t)
		if c := a.cookie("session_data"); c == nil || c.MaxAge != 300 || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" {
			t.Fatalf("the cache is %v", c)
		}
		if d := ann.cacheOf(t, strategy); !d.UpdatedAt.Equal(s.clock.Now()) || !d.ExpiresAt.Equal(s.clock.Now().Add(5*time.Minute)) || d.Version != "1" {
			t.Errorf("the cache is %+v", d)
		}
		truth := ann.get(t, "/get-session?disableCookieCache=true").ok(t) // Makes the signing key too.
		if truth.cookie("session_data") == nil {
			t.Error("what was read is not cached")
		}
		same := func(a *answer) {
			t.Helper()
			if string(a.body) != string(truth.body) {
				t.Errorf("get-session says %s, want %s", a.body, truth.body)
			}
		}
		count := func(want int, what string, fn func()) {
			t.Helper()
			if got := statements(fn); got != want {
				t.Errorf("%s: %d statements, want %d", what, got, want)
			}
		}
		count(0, "get-session", func() {
			a := ann.get(t, "/get-session").ok(t)
			same(a)
			if len(a.cookies) != 0 || a.header.Get("Set-Auth-Jwt") == "" {
				t.Errorf("headers %v", a.header)
			}
		})
		count(1, "get-session?disableCookieCache=true", func() { same(ann.get(t, "/get-session?disableCookieCache=true").ok(t)) })
		count(1, "without the cookie", func() { same(ann.withCache("").get(t, "/get-session").ok(t)) })
		for name, c := range map[string]struct {
			middleware []func(http.Handler) http.Handler
			want       int
		}{
			"RequireSession":                 {[]func(http.Handler) http.Handler{s.auth.RequireSession()}, 0},
			"OptionalSession":                {[]func(http.Handler) http.Handler{s.auth.OptionalSession()}, 0},
			"ReadSession":                    {[]func(http.Handler) http.Handler{s.auth.RequireSession(authent.ReadSession())}, 1},
			"ReadSession in RequireSession":  {[]func(http.Handler) http.Handler{s.auth.RequireSession(), s.auth.RequireSession(authent.ReadSession())}, 1},
			"RequireSession in ReadSession":  {[]func(http.Handler) http.Handler{s.auth.RequireSession(authent.ReadSession()), s.auth.RequireSession()}, 1},
			"RequireSession, and once more":  {[]func(http.Handler) http.Handler{s.auth.OptionalSession(), s.auth.RequireSession()}, 0},
			"RequireSession and RequireAPIK": {[]func(http.Handler) http.Handler{s.auth.OptionalSession(), s.auth.OptionalAPIKey()}, 0},
		} {
			count(c.want, name, func() {
				if status, id := ann.answered(t, c.middleware...); status != 200 || id == nil || id.User.Email != "ann@example.com" || id.Method != authent.MethodSession {
					t.Errorf("%s: %d %v", name, status, id)
				}
			})
		}
		// After its time it is read and written again.
		s.clock.advance(5*time.Minute - time.Millisecond)
		count(0, "a moment before its end", func() { ann.get(t, "/get-session").ok(t) })
		old := ann.withCache(ann.cookies[cacheName])
		s.clock.advance(time.Millisecond)
		count(1, "after its time", func() {
			if a := ann.get(t, "/get-session").ok(t); a.cookie("session_data") == nil {
				t.Error("it is not written again")
			}
		})
		count(0, "then", func() { same(ann.get(t, "/get-session").ok(t)) })
		count(1, "the old one", func() { same(old.get(t, "/get-session?disableRefresh=true").ok(t)) })
		if old.cookies[cacheName] != "" {
			t.Error("a cookie that is over is not cleared")
		}
	})
}

// A cookie that is forged, over, of another session, of another time or for something else is never accepted: the
// database decides, and says what is true.
func TestCookieCacheForged(t *testing.T) {
	onEachCache(t, func(t *testing.T, s *server, strategy authent.CookieCacheStrategy, statements func(func()) int) {
		ann, bea := s.signUp(t, "ann"), s.signUp(t, "bea")
		ann.get(t, "/get-session").ok(t)
		good := ann.cacheOf(t, strategy)
		write := func(secret string, change func(*sessiondata.Data)) string {
			d := good
			change(&d)
			return must(codec(t, strategy, secret).Encode(d, nil))(t)
		}
		forgedUser := json.RawMessage(strings.Replace(string(good.User), `"emailVerified":false`, `"emailVerified":true`, 1))
		forged := func(d *sessiondata.Data) { d.User = forgedUser }
		now := s.clock.Now()
		cases := map[string]string{
			"nothing":         "",
			"garbage":         "AAAA",
			"another secret":  write(secret+"x", forged),
			"no secret":       write("", forged),
			"another session": bea.cookies[cacheName],
			"over": write(secret, func(d *sessiondata.Data) {
				forged(d)
				d.UpdatedAt, d.ExpiresAt = now.Add(-time.Minute), now
			}),
			// A server with a longer MaxAge does not decide how long a session lives here.
			"too old": write(secret, func(d *sessiondata.Data) {
				forged(d)
				d.UpdatedAt, d.ExpiresAt = now.Add(-5*time.Minute), now.Add(time.Hour)
			}),
			"of the future": write(secret, func(d *sessiondata.Data) {
				forged(d)
				d.UpdatedAt, d.ExpiresAt = now.Add(2*time.Minute), now.Add(5*time.Minute)
			}),
			"another version": write(secret, func(d *sessiondata.Data) { forged(d); d.Version = "2" }),
			"a session that has ended": write(secret, func(d *sessiondata.Data) {
				forged(d)
				d.Session = json.RawMessage(strings.Replace(string(d.Session), `"expiresAt":"2026`, `"expiresAt":"2025`, 1))
			}),
			"another user": write(secret, func(d *sessiondata.Data) {
				d.User = bea.cacheOf(t, strategy).User
			}),
			"no user":    write(secret, func(d *sessiondata.Data) { d.User = json.RawMessage(`{}`) }),
			"no session": write(secret, func(d *sessiondata.Data) { forged(d); d.Session = json.RawMessage(`{}`) }),
		}
		for _, other := range cacheStrategies {
			if other != strategy {
				d := good
				forged(&d)
				cases["as "+string(other)] = must(codec(t, other, secret).Encode(d, nil))(t)
			}
		}
		for name, cache := range cases {
			b := ann.withCache(cache)
			if n := statements(func() {
				if status, id := b.answered(t, s.auth.RequireSession()); status != 200 || id.User.Email != "ann@example.com" || id.User.EmailVerified {
					t.Errorf("%s: the middleware sees %v", name, id)
				}
			}); n != 1 {
				t.Errorf("%s: %d statements in the middleware, want 1", name, n)
			}
			if n := statements(func() {
				a := b.get(t, "/get-session").ok(t)
				if a.field(t, "user.email") != "ann@example.com" || a.field(t, "user.emailVerified") != "false" {
					t.Errorf("%s: get-session says %s", name, a.body)
				}
				if a.cookie("session_data") == nil || b.cookies[cacheName] == cache {
					t.Errorf("%s: the cache is not written anew", name)
				}
			}); n != 1 {
				t.Errorf("%s: %d statements, want 1", name, n)
			}
		}
		// The counterpart: what only the secret can write is believed. Without it the test proves nothing.
		if a := ann.withCache(write(secret, forged)).get(t, "/get-session").ok(t); a.field(t, "user.emailVerified") != "true" {
			t.Errorf("the genuine cookie is not used: %s", a.body)
		}
		// A cache alone, or beside a token in another place, is nobody's.
		alone := s.browser()
		alone.cookies[cacheName] = ann.cookies[cacheName]
		alone.get(t, "/get-session").is(t, 200, "null")
		if status, id := alone.answered(t, s.auth.RequireSession()); status != 401 || id != nil {
			t.Errorf("the cache alone: %d %v", status, id)
		}
		alone.cookies[cookieName] = ann.cacheSession(t) // Without signature.
		alone.get(t, "/get-session").is(t, 200, "null")
		delete(alone.cookies, cookieName)
		alone.cookies[cacheName] = write(secret, forged)
		alone.header.Set("Authorization", "Bearer "+ann.cacheSession(t))
		if a := alone.get(t, "/get-session").ok(t); a.field(t, "user.emailVerified") != "false" || a.cookie("session_data") != nil {
			t.Errorf("with a bearer token: %s %v", a.body, a.cookies)
		}
		// Who signs in where somebody else was is not that one.
		b := ann.withCache(ann.cookies[cacheName])
		b.post(t, "/sign-in/email", object{"email": "bea@example.com", "password": password}).ok(t)
		if got := b.get(t, "/get-session").field(t, "user.email"); got != "bea@example.com" {
			t.Errorf("after the sign-in of bea the user is %s", got)
		}
	})
}

// cacheSession returns the token of the browser's session.
func (b *browser) cacheSession(t *testing.T) string {
	t.Helper()
	return b.get(t, "/get-session?disableCookieCache=true").ok(t).field(t, "session.token")
}

// A session that was revoked is served for MaxAge at most, by get-session and by middleware that does not ask for more. Its tokens are
// good for no longer than those of when it was last read.
func TestCookieCacheOfRevokedSession(t *testing.T) {
	onEachCache(t, func(t *testing.T, s *server, strategy authent.CookieCacheStrategy, _ func(func()) int) {
		ann := s.signUp(t, "ann")
		ann.get(t, "/get-session?disableCookieCache=true").ok(t)
		read := s.clock.Now()
		other := s.signIn(t, "ann")
		s.clock.advance(time.Minute)
		other.post(t, "/revoke-other-sessions", object{}).ok(t)
		for passed := time.Minute; passed < 5*time.Minute; passed += 59 * time.Second {
			a := ann.get(t, "/get-session").ok(t)
			if a.field(t, "user.email") != "ann@example.com" {
				t.Fatalf("after %v: %s", passed, a.body)
			}
			var claims struct{ Iat, Exp int64 }
			check(t, json.Unmarshal([]byte(part(t, a.header.Get("Set-Auth-Jwt"), 1)), &claims))
			if claims.Iat != read.Unix() || claims.Exp != read.Add(15*time.Minute).Unix() {
				t.Errorf("after %v the token is of %v to %v", passed, time.Unix(claims.Iat, 0), time.Unix(claims.Exp, 0))
			}
			if status, _ := ann.answered(t, s.auth.RequireSession()); status != 200 {
				t.Errorf("after %v the middleware answers %d", passed, status)
			}
			for name, middleware := range map[string]func(http.Handler) http.Handler{
				"ReadSession": s.auth.RequireSession(authent.ReadSession()), "OrgRole": s.auth.RequireSession(authent.OrgRole("owner")),
			} {
				if status, id := ann.answered(t, middleware); status != 401 || id != nil {
					t.Errorf("after %v, %s answers %d", passed, name, status)
				}
			}
			ann.get(t, "/token").refused(t, 401, "UNAUTHORIZED")
			s.clock.advance(59 * time.Second)
		}
		if now := s.clock.Now(); now.Sub(read) < 5*time.Minute {
			s.clock.advance(5*time.Minute - now.Sub(read))
		}
		if status, _ := ann.withCache(ann.cookies[cacheName]).answered(t, s.auth.RequireSession()); status != 401 {
			t.Errorf("after its time the middleware answers %d", status)
		}
		a := ann.get(t, "/get-session").is(t, 200, "null")
		if a.header.Get("Set-Auth-Jwt") != "" || len(ann.cookies) != 0 {
			t.Errorf("after its time: %v", a.header)
		}
	})
}

// With a cache that outlives tokens, get-session reads the session before its token gets old.
func TestCookieCacheLongerThanTokens(t *testing.T) {
	configure := func(c *authent.Config) {
		cached(authent.CacheCompact)(c)
		c.Session.CookieCache.MaxAge = time.Hour
	}
	onEach(t, configure, func(t *testing.T, s *server) {
		ann := s.signUp(t, "ann")
		for range 10 {
			jwt := ann.get(t, "/get-session").ok(t).header.Get("Set-Auth-Jwt")
			var claims struct{ Exp int64 }
			check(t, json.Unmarshal([]byte(part(t, jwt, 1)), &claims))
			if left := time.Unix(claims.Exp, 0).Sub(s.clock.Now()); left < 7*time.Minute {
				t.Errorf("a token is good for %v", left)
			}
			s.clock.advance(5 * time.Minute)
		}
		s.signIn(t, "ann").post(t, "/revoke-other-sessions", object{}).ok(t)
		s.clock.advance(8 * time.Minute)
		ann.get(t, "/get-session").is(t, 200, "null")
	})
}

// Every endpoint but get-session answers a session that has ended as it does without a cache.
func TestCookieCacheIsForGetSessionAlone(t *testing.T) {
	t.Parallel()
	g := newGitLab(t)
	for _, d := range databases {
		for _, config := range flowConfigs {
			t.Run(d.name+"/"+config.name, func(t *testing.T) {
				t.Parallel()
				s := newServer(t, d.open(t), func(c *authent.Config) {
					config.with(g)(c)
					c.Session.Storage = nil
					c.Session.CookieCache.Enabled = true
				})
				tested := 0
				for i, f := range flows {
					if f.on() != config || strings.HasPrefix(f.endpoint, "GET /get-session") {
						continue
					}
					t.Run(f.endpoint, func(t *testing.T) {
						var status [2]int
						for n := range status {
							b, path, body := f.prepare(t, s, fmt.Sprintf("c%d%s", i, []string{"x", "y"}[n]))()
							had := b.cookies[cacheName] != ""
							if had {
								tested++
							}
							if n == 0 {
								for name := range b.cookies {
									if strings.HasPrefix(name, cacheName) {
										delete(b.cookies, name)
									}
								}
							}
							s.client.Session.Delete().Where(session.IDNEQ("")).ExecX(t.Context())
							a, err := b.try(f.method(), path, body)
							if err != nil {
								t.Fatal(err)
							}
							status[n] = a.status
						}
						if status[0] != status[1] {
							t.Errorf("without a cache the status is %d, with one %d", status[0], status[1])
						}
					})
				}
				if config == flowDefault && tested < 50 {
					t.Errorf("only %d requests had a cache: what was tested?", tested)
				}
			})
		}
	}
}

// What changes the session or the user changes the cookie, or clears it.
func TestCookieCacheFollowsChanges(t *testing.T) {
	onEachCache(t, func(t *testing.T, s *server, strategy authent.CookieCacheStrategy, _ func(func()) int) {
		ann := s.signUp(t, "ann")
		shows := func(what, path, want string) {
			t.Helper()
			if got := ann.get(t, "/get-session").ok(t).field(t, path); got != want {
				t.Errorf("%s: %s is %q, want %q", what, path, got, want)
			}
			if ann.cookies[cacheName] == "" {
				t.Errorf("%s: there is no cache", what)
			}
		}
		ann.post(t, "/update-user", object{"name": "Ann"}).ok(t)
		shows("update-user", "user.name", "Ann")
		s.prove(t, ann, "ann@example.com")
		shows("verify-email", "user.emailVerified", "true")
		one := ann.post(t, "/organization/create", object{"name": "One", "slug": "one"}).ok(t).field(t, "id")
		shows("organization/create", "session.activeOrganizationId", one)
		ann.post(t, "/organization/set-active", object{"organizationId": nil}).ok(t)
		shows("organization/set-active", "session.activeOrganizationId", "")
		ann.post(t, "/update-session", object{"activeOrganizationId": one}).ok(t)
		shows("update-session", "session.activeOrganizationId", one)
		ann.post(t, "/organization/delete", object{"organizationId": one}).ok(t)
		shows("organization/delete", "session.activeOrganizationId", "")
		before := ann.cacheSession(t)
		ann.post(t, "/change-password", object{"currentPassword": password, "newPassword": password + "2", "revokeOtherSessions": true}).ok(t)
		if got := ann.get(t, "/get-session").ok(t).field(t, "session.token"); got == before {
			t.Error("change-password: the session of before is still cached")
		}
		s.clock.advance(2 * 24 * time.Hour)
		a := ann.get(t, "/get-session").ok(t) // Refreshed.
		if d := ann.cacheOf(t, strategy); !strings.Contains(string(d.Session), a.field(t, "session.expiresAt")) {
			t.Errorf("the cache has %s", d.Session)
		}
		for _, path := range []string{"/sign-out", "/revoke-sessions"} {
			b := s.browser()
			b.post(t, "/sign-in/email", object{"email": "ann@example.com", "password": password + "2"}).ok(t)
			if b.cookies[cacheName] == "" {
				t.Fatal("there is no cache")
			}
			a := b.post(t, path, object{}).ok(t)
			if c := a.cookie("session_data"); c == nil || c.MaxAge >= 0 || b.cookies[cacheName] != "" {
				t.Errorf("%s: the cache is not cleared: %v", path, a.header)
			}
			b.get(t, "/get-session").is(t, 200, "null")
		}
		b := s.browser()
		b.post(t, "/sign-in/email", object{"email": "ann@example.com", "password": password + "2"}).ok(t)
		b.post(t, "/revoke-session", object{"token": b.cacheSession(t)}).ok(t)
		b.get(t, "/get-session").is(t, 200, "null")
		b = s.browser()
		b.post(t, "/sign-in/email", object{"email": "ann@example.com", "password": password + "2"}).ok(t)
		b.post(t, "/delete-user", object{"password": password + "2"}).ok(t)
		if len(b.cookies) != 0 {
			t.Errorf("delete-user leaves the cookies %v", b.cookies)
		}
	})
}

// Who asked not to be remembered has a cache that ends with the browser, and after a minute.
func TestCookieCacheIsNotRemembered(t *testing.T) {
	onEachCache(t, func(t *testing.T, s *server, strategy authent.CookieCacheStrategy, _ func(func()) int) {
		b := s.browser()
		a := b.post(t, "/sign-up/email", object{"name": "Ann", "email": "ann@example.com", "password": password, "rememberMe": false}).ok(t)
		if c := a.cookie("session_data"); c == nil || c.MaxAge != 0 || c.RawExpires != "" {
			t.Fatalf("the cache is %v", c)
		}
		if d := b.cacheOf(t, strategy); !d.ExpiresAt.Equal(s.clock.Now().Add(time.Minute)) {
			t.Errorf("it expires at %v", d.ExpiresAt)
		}
		s.clock.advance(time.Minute)
		if !b.signedIn(t) || b.cookies[cacheName] != "" {
			t.Errorf("after a minute the cookies are %v", b.cookies)
		}
	})
}

// A long session is split; one that is too long for the servers between, or that JavaScript cannot read, is not cached.
func TestCookieCacheSizes(t *testing.T) {
	onEachCache(t, func(t *testing.T, s *server, strategy authent.CookieCacheStrategy, statements func(func()) int) {
		ann := s.signUp(t, "ann")
		ann.get(t, "/get-session").ok(t) // Makes the signing key.
		chunks := func() (n int) {
			for name, value := range ann.cookies {
				if strings.HasPrefix(name, cacheName+".") {
					n++
				}
				if len(name)+len(value) > 4096 {
					t.Errorf("the cookie %s has %d bytes", name, len(value))
				}
			}
			return n
		}
		for _, c := range []struct {
			image  int
			chunks int
			whole  bool
		}{{100, 0, true}, {3500, 2, false}, {100, 0, true}, {3500, 2, false}, {4096, 2, false}} {
			image := "https://example.com/" + strings.Repeat("x", c.image-20)
			ann.post(t, "/update-user", object{"image": image}).ok(t)
			if n := chunks(); n != c.chunks || (ann.cookies[cacheName] != "") != c.whole {
				t.Errorf("an image of %d bytes: %d chunks, whole %v", c.image, n, ann.cookies[cacheName] != "")
			}
			if n := statements(func() {
				if got := ann.get(t, "/get-session").ok(t).field(t, "user.image"); got != image {
					t.Errorf("the image has %d bytes, want %d", len(got), len(image))
				}
			}); n > 1 {
				t.Errorf("%d statements", n)
			}
			if n := statements(func() { ann.get(t, "/get-session").ok(t) }); n != 0 {
				t.Errorf("an image of %d bytes is not cached: %d statements", c.image, n)
			}
		}
		// Chunks of different times do not make a cookie.
		mixed := s.browser()
		mixed.cookies = maps.Clone(ann.cookies)
		mixed.cookies[cacheName+".0"], mixed.cookies[cacheName+".1"] = mixed.cookies[cacheName+".1"], mixed.cookies[cacheName+".0"]
		if n := statements(func() { mixed.get(t, "/get-session").ok(t) }); n != 1 {
			t.Errorf("mixed chunks: %d statements, want 1", n)
		}
		mixed.post(t, "/sign-out", object{}).ok(t)
		if len(mixed.cookies) != 0 {
			t.Errorf("sign-out leaves %d cookies", len(mixed.cookies))
		}
		ann = s.signIn(t, "ann")
		ann.post(t, "/update-user", object{"name": strings.Repeat("é", 1024), "image": "https://example.com/" + strings.Repeat("x", 4000)}).ok(t)
		if n := chunks(); n != 0 || ann.cookies[cacheName] != "" {
			t.Errorf("a user of more than 8 KB: %d chunks", n)
		}
		if got := ann.get(t, "/get-session").ok(t).field(t, "user.name"); got != strings.Repeat("é", 1024) {
			t.Errorf("the name is %.20s", got)
		}
	})
}

// The app's own fields are cached but for secret ones, and one that the cookie does not have is not taken for empty.
func TestCookieCacheFields(t *testing.T) {
	onEachHard(t, func(t *testing.T, h *hardServer, _ bool) {
		ctx := t.Context()
		for _, strategy := range cacheStrategies {
			s := serve(t, h.client.AuthStore(), cached(strategy))
			ada := s.signUp(t, "ada-"+string(strategy))
			h.client.User.UpdateOneID(ada.userID(t)).SetInput("a text").SetNickname("countess").SetPhone("555-secret").SetPin("1234-secret").SetSettings(map[string]int{"10": 1, "9": 2, "a": 3}).ExecX(ctx)
			a := ada.get(t, "/get-session?disableCookieCache=true").ok(t)
			d := ada.cacheOf(t, strategy)
			for _, text := range []string{string(d.Session), string(d.User)} {
				if strings.Contains(text, "-secret") || strings.Contains(text, `"pin"`) || strings.Contains(text, `"phone"`) || strings.Contains(text, `"password"`) {
					t.Errorf("%s: a secret is in the cookie: %s", strategy, text)
				}
			}
			if got := ada.get(t, "/get-session").ok(t); compact(got.body) != compact(a.body) {
				t.Errorf("%s: the cache says %s, want %s", strategy, got.body, a.body)
			}
			before := h.statements.Load()
			cookie := cookieName + "=" + ada.cookies[cookieName] + "; " + cacheName + "=" + ada.cookies[cacheName]
			got := seen(t, s.auth.RequireSession(), map[string]string{"Cookie": cookie})
			if n := h.statements.Load() - before; n != 0 || got.Input != "a text" || got.Nickname == nil || *got.Nickname != "countess" || got.Settings["9"] != 2 || got.Pin != "" || got.Phone != "" {
				t.Errorf("%s: %d statements, user %v", strategy, n, got)
			}
			// The TypeScript side, which does not know a field, leaves it out.
			d.User = json.RawMessage(strings.Replace(string(d.User), `"input":"a text",`, "", 1))
			cookie = cookieName + "=" + ada.cookies[cookieName] + "; " + cacheName + "=" + must(codec(t, strategy, secret).Encode(d, nil))(t)
			if got := seen(t, s.auth.RequireSession(), map[string]string{"Cookie": cookie}); got.Input != "a text" {
				t.Errorf("%s: without the field it is %q", strategy, got.Input)
			}
			// A number that JavaScript does not have is not cached.
			h.client.User.UpdateOneID(ada.userID(t)).SetSettings(map[string]int{"n": 1<<53 + 1}).ExecX(ctx)
			if a := ada.get(t, "/get-session?disableCookieCache=true").ok(t); ada.cookies[cacheName] != "" || !strings.Contains(string(a.body), "9007199254740993") {
				t.Errorf("%s: %v %s", strategy, ada.cookies, a.body)
			}
		}
	})
}

// The version of a cache, and what the config refuses.
func TestCookieCacheConfig(t *testing.T) {
	onEach(t, cached(authent.CacheJWE), func(t *testing.T, s *server) {
		ann := s.signUp(t, "ann")
		ann.post(t, "/update-user", object{"name": "two"}).ok(t)
		with := func(configure func(*authent.CookieCacheConfig)) *browser {
			other := serve(t, s.client.AuthStore(), func(c *authent.Config) {
				cached(authent.CacheJWE)(c)
				c.Now = s.clock.Now
				configure(&c.Session.CookieCache)
			})
			b := other.browser()
			b.cookies = maps.Clone(ann.cookies)
			return b
		}
		version := func(b *browser) string { return b.cacheOf(t, authent.CacheJWE).Version }
		for name, c := range map[string]struct {
			configure func(*authent.CookieCacheConfig)
			version   string
			renewed   bool
		}{
			"the same": {func(*authent.CookieCacheConfig) {}, "1", false},
			"another":  {func(c *authent.CookieCacheConfig) { c.Version = "2" }, "2", true},
			"of the user": {func(c *authent.CookieCacheConfig) {
				c.VersionOf = func(_ *authent.Session, u *authent.User) string { return u.Name }
			}, "two", true},
		} {
			b := with(c.configure)
			if a := b.get(t, "/get-session").ok(t); (a.cookie("session_data") != nil) != c.renewed || version(b) != c.version {
				t.Errorf("%s: version %s, cookies %v", name, version(b), a.cookies)
			}
			if a := b.get(t, "/get-session").ok(t); a.cookie("session_data") != nil {
				t.Errorf("%s: it is written once more", name)
			}
		}
		for want, change := range map[string]func(*authent.SessionConfig){
			`Session.CookieCache.Strategy: "cbor" is none of`:        func(c *authent.SessionConfig) { c.CookieCache.Strategy = "cbor" },
			"Session.CookieCache.MaxAge: 1.5s is no number of whole": func(c *authent.SessionConfig) { c.CookieCache.MaxAge = 1500 * time.Millisecond },
			"Session.CookieCache.MaxAge: -1s is no number":           func(c *authent.SessionConfig) { c.CookieCache.MaxAge = -time.Second },
			"MaxAge: 2h0m0s is longer than Session.Lifetime":         func(c *authent.SessionConfig) { c.CookieCache.MaxAge, c.Lifetime = 2*time.Hour, time.Hour },
		} {
			config := authent.Config{Secret: secret, BaseURL: "http://app.example.com"}
			config.Session.CookieCache.Enabled = true
			change(&config.Session)
			if _, err := authent.New(s.client.AuthStore(), config); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the error is %v, want %s", err, want)
			}
		}
	})
}

// An old secret may have leaked: it writes no cache.
func TestCookieCacheOfOldSecret(t *testing.T) {
	onEachCache(t, func(t *testing.T, s *server, strategy authent.CookieCacheStrategy, _ func(func()) int) {
		ann := s.signUp(t, "ann")
		d := ann.cacheOf(t, strategy)
		d.User = json.RawMessage(strings.Replace(string(d.User), `"emailVerified":false`, `"emailVerified":true`, 1))
		cache := must(codec(t, strategy, secret).Encode(d, nil))(t)
		next := serve(t, s.client.AuthStore(), func(c *authent.Config) {
			cached(strategy)(c)
			c.Now, c.Secret, c.Secrets = s.clock.Now, secret, []authent.Secret{{Version: 1, Value: secondSecret}}
		})
		b := next.browser()
		b.cookies = map[string]string{cookieName: ann.cookies[cookieName], cacheName: cache}
		if status, id := b.answered(t, next.auth.RequireSession()); status != 200 || id.User.EmailVerified {
			t.Errorf("the middleware sees %v", id)
		}
		a := b.get(t, "/get-session").ok(t)
		if a.field(t, "user.emailVerified") != "false" || a.cookie("session_data") == nil || a.cookie("session_token") == nil {
			t.Errorf("get-session says %s %v", a.body, a.cookies)
		}
		if _, ok := codec(t, strategy, secondSecret).Decode(b.cookies[cacheName]); !ok {
			t.Error("the cache is not written under the current secret")
		}
	})
}

// Without a cache, that of the TypeScript side is ignored, and cleared where the session becomes another: that side would
// take it for the new one.
func TestCookieCacheOfTheOtherSide(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		ann := s.signUp(t, "ann")
		if a := ann.get(t, "/get-session").ok(t); len(a.cookies) != 0 {
			t.Fatalf("cookies %v", a.cookies)
		}
		plant := func() {
			ann.cookies[cacheName], ann.cookies[cacheName+".0"], ann.cookies[cacheName+".7"] = base64.RawURLEncoding.EncodeToString([]byte("{}")), "x", "y"
		}
		plant()
		if a := ann.get(t, "/get-session").ok(t); len(a.cookies) != 0 {
			t.Errorf("get-session sets %v", a.cookies)
		}
		for path, body := range map[string]object{
			"/sign-in/email": {"email": "ann@example.com", "password": password}, "/update-user": {"name": "Ann"}, "/update-session": {"activeOrganizationId": nil},
		} {
			plant()
			ann.post(t, path, body).ok(t)
			for name := range ann.cookies {
				if strings.HasPrefix(name, cacheName) {
					t.Errorf("%s leaves the cookie %s", path, name)
				}
			}
		}
		plant()
		ann.post(t, "/sign-out", object{}).ok(t)
		if len(ann.cookies) != 0 {
			t.Errorf("sign-out leaves the cookies %v", ann.cookies)
		}
	})
}
