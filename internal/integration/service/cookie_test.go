package service_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent/session"
)

const cookieName = "better-auth.session_token"

// signature is the one that a cookie has after the dot.
func signature(key, value string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(value))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// GHSA-wmjr-v86c-m9jj: a cookie without a valid signature ended sessions. It is as none.
func TestGHSA_wmjr_CookiesWithoutSignature(t *testing.T) {
	onEach(t, everything(t), func(t *testing.T, s *server) {
		ann := s.signUp(t, "ann")
		token := ann.get(t, "/get-session").field(t, "session.token")
		right := signature(secret, token)
		values := []string{
			token, token + ".", token + "." + strings.Repeat("A", 43) + "=", token + "." + right[:43], token + "." + right[:20], token + "." + right + "=", token + "." + right + ".",
			token + "." + signature(secret+"x", token), token + "." + signature("", token), token + "." + signature(secret, token+"x"), token + "." + signature(secret, ""), "." + right, "." + signature(secret, ""),
			token + "." + strings.ToLower(right), token + "." + strings.TrimRight(right, "=") + "%3D%3D", strings.ToLower(token) + "." + right, token + "%00." + right, token + ".undefined", token + ".null", token + " ." + right,
		}
		for _, value := range values {
			for _, text := range []string{value, url.QueryEscape(value)} {
				b := s.browser()
				b.cookies[cookieName] = text
				if a := b.get(t, "/get-session").is(t, 200, "null"); len(a.cookies) > 0 {
					t.Errorf("%q clears cookies", text)
				}
				b.get(t, "/list-sessions").refused(t, 401, "UNAUTHORIZED")
				for _, path := range []string{"/sign-out", "/revoke-sessions", "/revoke-other-sessions", "/revoke-session", "/delete-user", "/update-user"} {
					b.cookies[cookieName] = text
					b.post(t, path, object{"token": token, "name": "Mallory"})
				}
			}
			bearer := s.browser()
			bearer.header.Set("Authorization", "Bearer "+value)
			if strings.Contains(value, ".") {
				bearer.get(t, "/get-session").is(t, 200, "null")
			}
		}
		if got := ann.get(t, "/get-session"); got.field(t, "session.token") != token || got.field(t, "user.name") != "ann" {
			t.Errorf("the session is %s", got.body)
		}
		// The first of two cookies of one name counts, and the right signature is accepted in both forms.
		for _, text := range []string{token + "." + right, url.QueryEscape(token + "." + right)} {
			b := s.browser()
			b.header.Set("Cookie", cookieName+"="+text+"; "+cookieName+"=other")
			if !b.signedIn(t) {
				t.Errorf("%q signs nobody in", text)
			}
			b.header.Set("Cookie", cookieName+"=other; "+cookieName+"="+text)
			b.get(t, "/get-session").is(t, 200, "null")
		}
	})
}

// A cookie that is for https only cannot be set by a page without, which the plain name can (ASVS 5.0, 3.3.1).
func TestSecureCookieIsPreferred(t *testing.T) {
	const base = "https://app.example.com"
	onEach(t, func(c *authent.Config) { c.BaseURL = base }, func(t *testing.T, s *server) {
		b := s.browser()
		b.header.Set("Origin", base)
		a := b.post(t, "/sign-up/email", object{"name": "Ann", "email": "ann@example.com", "password": password}).ok(t)
		c := a.cookie("session_token")
		if c == nil || c.Name != "__Secure-"+cookieName || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != 2 || c.MaxAge != 604800 {
			t.Fatalf("cookie %v", c)
		}
		plain := s.browser()
		plain.cookies[cookieName] = c.Value
		plain.get(t, "/get-session").is(t, 200, "null")
		if document := string(plain.get(t, "/openapi.json").ok(t).body); !strings.Contains(document, `"name":"__Secure-`+cookieName+`"`) {
			t.Error("the document does not name the cookie")
		}
		// On http both names are read, the secure one first.
		http := serve(t, s.client.AuthStore(), nil)
		bea := http.signUp(t, "bea")
		both := http.browser()
		both.header.Set("Cookie", cookieName+"="+bea.cookies[cookieName]+"; __Secure-"+cookieName+"="+c.Value)
		if got := both.get(t, "/get-session").field(t, "user.name"); got != "Ann" {
			t.Errorf("with both cookies the user is %q", got)
		}
	})
}

// The attributes of all cookies of a service, and what the config refuses (ASVS 5.0, 3.3).
func TestCookieAttributes(t *testing.T) {
	configure := func(c *authent.Config) {
		c.BaseURL, c.Cookies = "https://app.example.com", authent.CookieConfig{Prefix: "acme", Domain: "example.com", SameSite: "None"}
	}
	onEach(t, configure, func(t *testing.T, s *server) {
		b := s.browser()
		b.header.Set("Origin", "https://app.example.com")
		set := b.post(t, "/sign-up/email", object{"name": "Ann", "email": "ann@example.com", "password": password, "rememberMe": false}).ok(t).header.Values("Set-Cookie")
		set = append(set, b.post(t, "/sign-out", nil).ok(t).header.Values("Set-Cookie")...)
		if len(set) != 5 {
			t.Errorf("cookies %q", set)
		}
		for _, line := range set {
			if !strings.HasPrefix(line, "__Secure-acme.") || !strings.HasSuffix(line, "; Domain=example.com; Path=/; HttpOnly; Secure; SameSite=None") || len(line) > 4096 || strings.Contains(line, "Expires") {
				t.Errorf("cookie %q", line)
			}
		}
		for want, change := range map[string]func(*authent.Config){
			"Session.Lifetime: browsers keep no cookie longer than 400 days": func(c *authent.Config) { c.Session.Lifetime = 401 * 24 * time.Hour },
			"Cookies: Prefix or Domain":                                      func(c *authent.Config) { c.Cookies.Prefix = "a;b" },
			"Cookies.SameSite: None needs a BaseURL on https":                func(c *authent.Config) { c.Cookies.SameSite = "None" },
			"Cookies.SameSite: \"Whatever\"":                                 func(c *authent.Config) { c.Cookies.SameSite = "Whatever" },
		} {
			config := authent.Config{Secret: secret, BaseURL: "http://app.example.com"}
			change(&config)
			if _, err := authent.New(s.client.AuthStore(), config); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the error is %v, want %s", err, want)
			}
		}
	})
}

// Session fixation (ASVS 5.0, 7.2.4): a cookie that somebody put into a browser beforehand is not that of who signs in
// there, and does not become it.
func TestSessionFixation(t *testing.T) {
	g := newGitLab(t)
	onEach(t, func(c *authent.Config) { withGitLab(g)(c); c.Email.SignInOnVerify = true }, func(t *testing.T, s *server) {
		attacker := s.signUp(t, "attacker")
		planted := attacker.cookies[cookieName]
		chosen := strings.Repeat("a", 32)
		s.signUp(t, "ann")
		s.browser().post(t, "/send-verification-email", object{"email": "ann@example.com"}).ok(t)
		verify := s.mail.last(t, authent.MailVerifyEmail, "ann@example.com").Token
		for name, signIn := range map[string]func(b *browser){
			"sign-up": func(b *browser) {
				b.post(t, "/sign-up/email", object{"name": "Bea", "email": "bea@example.com", "password": password}).ok(t)
			},
			"sign-in": func(b *browser) {
				b.post(t, "/sign-in/email", object{"email": "ann@example.com", "password": password}).ok(t)
			},
			"link": func(b *browser) { b.get(t, "/verify-email"+query("token", verify)).ok(t) },
			"elsewhere": func(b *browser) {
				b.get(t, callback(b.startSocial(t, "/sign-in/social"), code("1", "Cid", "cid@example.com", true))).redirects(t, "/welcome")
			},
		} {
			for _, cookie := range []string{planted, chosen, chosen + "." + signature("another secret", chosen)} {
				if name == "sign-up" && cookie != planted || name == "link" && cookie != planted || name == "elsewhere" && cookie != planted {
					continue // These work once.
				}
				b := s.browser()
				b.cookies[cookieName] = cookie
				signIn(b)
				if b.cookies[cookieName] == cookie || b.get(t, "/get-session").field(t, "user.name") == "attacker" {
					t.Errorf("%s: the cookie of before goes on", name)
				}
			}
		}
		if got := attacker.get(t, "/get-session").field(t, "user.name"); got != "attacker" {
			t.Errorf("the attacker's session is of %q", got)
		}
		if n := s.client.Session.Query().Where(session.Token(chosen)).CountX(t.Context()); n != 0 {
			t.Error("there is a session with the token that the attacker chose")
		}
	})
}

// Revocation is immediate: the cookie cache of the TypeScript side, validly signed, is no session here. It kept a session
// that had ended for five minutes.
func TestCookieCacheIsNoSession(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		ann := s.signUp(t, "ann")
		var known struct {
			Session json.RawMessage `json:"session"`
			User    json.RawMessage `json:"user"`
		}
		ann.get(t, "/get-session").ok(t).decode(t, &known)
		expires := s.clock.Now().Add(5 * time.Minute).UnixMilli()
		type entry struct {
			Session   json.RawMessage `json:"session"`
			User      json.RawMessage `json:"user"`
			UpdatedAt int64           `json:"updatedAt"`
			Version   string          `json:"version"`
		}
		e := entry{known.Session, known.User, s.clock.Now().UnixMilli(), "1"}
		signed := must(json.Marshal(struct {
			entry
			ExpiresAt int64 `json:"expiresAt"`
		}{e, expires}))(t)
		mac := strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(signature(secret, string(signed))), "=")
		cache := base64.RawURLEncoding.EncodeToString(must(json.Marshal(object{"session": e, "expiresAt": expires, "signature": mac}))(t))

		alone := s.browser()
		alone.cookies["better-auth.session_data"] = cache
		alone.get(t, "/get-session").is(t, 200, "null")
		alone.get(t, "/token").refused(t, 401, "UNAUTHORIZED")

		withCache := s.browser()
		withCache.cookies = map[string]string{cookieName: ann.cookies[cookieName], "better-auth.session_data": cache}
		ann.post(t, "/revoke-sessions", object{}).ok(t)
		a := withCache.get(t, "/get-session").is(t, 200, "null")
		if c := a.cookie("session_data"); c == nil || c.MaxAge >= 0 || a.header.Get("Set-Auth-Jwt") != "" {
			t.Errorf("the cache is not cleared: %v", a.header)
		}
		withCache.get(t, "/token").refused(t, 401, "UNAUTHORIZED")
	})
}
