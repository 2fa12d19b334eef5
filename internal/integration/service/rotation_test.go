package service_test

import (
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent/account"
	"github.com/agentuity/auth-go/internal/token"
)

// The secrets of a rotation, beside the one that all began with.
const (
	secondSecret = "bC4eF7hI0kL3nO6qR9sT2uV5wX8yZ1aB"
	thirdSecret  = "cD5fG8iJ1lM4oP7rS0tU3vW6xY9zA2bC"
)

// TestRotation replaces the secret as an operator does: the second beside the first, then the third, then only that one. Sessions, signing keys
// and encrypted tokens go on.
func TestRotation(t *testing.T) {
	g := newGitLab(t)
	onEach(t, nil, func(t *testing.T, first *server) {
		process := func(before string, secrets ...authent.Secret) *server {
			s := serve(t, first.client.AuthStore(), func(c *authent.Config) {
				withGitLab(g)(c)
				c.Account.EncryptTokens = true
				c.Now, c.Secret, c.Secrets = first.clock.Now, before, secrets
			})
			s.client = first.client
			return s
		}
		move := func(b *browser, s *server) *browser {
			moved := s.browser()
			moved.cookies = b.cookies
			return moved
		}
		begin := process(secret)
		ann := begin.browser()
		ann.get(t, callback(ann.startSocial(t, "/sign-in/social"), code("7", "Ann", "ann@example.com", true))).redirects(t, "/welcome")
		brief := begin.browser()
		brief.post(t, "/sign-up/email", object{"name": "Bea", "email": "bea@example.com", "password": password, "rememberMe": false}).ok(t)
		jwt := ann.get(t, "/token").ok(t).field(t, "token")
		old := ann.cookies[cookieName]
		first.clock.advance(time.Hour)

		// The second secret, beside the first that has no version.
		one := process(secret, authent.Secret{Version: 1, Value: secondSecret})
		ann, brief = move(ann, one), move(brief, one)
		a := ann.get(t, "/get-session").ok(t)
		c := a.cookie("session_token")
		if c == nil || c.Value == old || c.MaxAge != int((7*24-1)*time.Hour/time.Second) || a.field(t, "user.name") != "Ann" {
			t.Fatalf("the cookie is not signed anew: %v %s", c, a.body)
		}
		if raw, _ := url.QueryUnescape(c.Value); !strings.HasSuffix(raw, "."+signature(secondSecret, a.field(t, "session.token"))) {
			t.Errorf("the cookie is signed as %s", raw)
		}
		if c := ann.get(t, "/get-session").ok(t).cookie("session_token"); c != nil {
			t.Errorf("the cookie is signed once more: %v", c)
		}
		// Who asked not to be remembered is not.
		before := maps.Clone(brief.cookies)
		again := brief.get(t, "/get-session").ok(t)
		for _, name := range []string{"session_token", "dont_remember"} {
			if got := again.cookie(name); got == nil || got.MaxAge != 0 || got.RawExpires != "" || got.Value == before["better-auth."+name] {
				t.Errorf("the cookie %s becomes %v", name, got)
			}
		}
		if got := part(t, ann.get(t, "/token").ok(t).field(t, "token"), 0); got != part(t, jwt, 0) {
			t.Errorf("tokens are signed with %s", got)
		}
		if got := ann.post(t, "/get-access-token", object{"providerId": "gitlab"}).ok(t).field(t, "accessToken"); !strings.HasPrefix(got, "at") {
			t.Errorf("the access token is %q", got)
		}
		// What is encrypted now has a version.
		ann.post(t, "/refresh-token", object{"providerId": "gitlab"}).ok(t)
		first.client.JWKS.Delete().ExecX(t.Context())
		one = process(secret, authent.Secret{Version: 1, Value: secondSecret})
		jwt = move(ann, one).get(t, "/token").ok(t).field(t, "token")
		account := first.client.Account.Query().Where(account.ProviderID("gitlab")).IncludeSecrets().OnlyX(t.Context())
		key := first.client.JWKS.Query().IncludeSecrets().OnlyX(t.Context())
		for _, text := range []string{strings.Trim(key.PrivateKey, `"`), *account.AccessToken, *account.RefreshToken} {
			if !strings.HasPrefix(text, "$ba$1$") {
				t.Errorf("it is encrypted as %.20s", text)
			}
		}

		// The third: the second is an old one.
		two := process("", authent.Secret{Version: 2, Value: thirdSecret}, authent.Secret{Version: 1, Value: secondSecret})
		ann = move(ann, two)
		if got := part(t, ann.get(t, "/token").ok(t).field(t, "token"), 0); got != part(t, jwt, 0) {
			t.Errorf("tokens are signed with %s", got)
		}
		if got := ann.post(t, "/get-access-token", object{"providerId": "gitlab"}).ok(t).field(t, "accessToken"); !strings.HasPrefix(got, "at") {
			t.Errorf("the access token is %q", got)
		}
		stale := two.browser()
		stale.cookies[cookieName] = old
		stale.get(t, "/get-session").is(t, 200, "null")
		if !ann.signedIn(t) {
			t.Fatal("the session has ended")
		}

		// The third alone: what was encrypted under the second cannot be read. There is a new signing key.
		three := process("", authent.Secret{Version: 2, Value: thirdSecret})
		ann = move(ann, three)
		if !ann.signedIn(t) {
			t.Error("the session has ended")
		}
		if got := part(t, ann.get(t, "/token").ok(t).field(t, "token"), 0); got == part(t, jwt, 0) {
			t.Error("the key of a secret that is gone signs")
		}
		if _, err := three.auth.VerifyJWT(t.Context(), authent.VerifyJWTInput{Token: jwt, Issuer: one.url, Audience: one.url}); err != nil {
			t.Errorf("a token of before: %v", err)
		}
		if got := ann.post(t, "/get-access-token", object{"providerId": "gitlab"}); got.status != 500 || !strings.Contains(three.log.String(), "version 1 of the secret") {
			t.Errorf("a token under a secret that is gone: %d %s", got.status, got.body)
		}
	})
}

// An old secret may have leaked: what says something all by itself is not accepted with its signature. What it signs beside a
// token of the database says nothing that the token does not.
func TestOldSecretForgesNothing(t *testing.T) {
	configure := func(c *authent.Config) {
		c.Secret, c.Secrets = secret, []authent.Secret{{Version: 2, Value: thirdSecret}, {Version: 1, Value: secondSecret}}
	}
	onEach(t, configure, func(t *testing.T, s *server) {
		ann := s.signUp(t, "ann")
		session := ann.get(t, "/get-session").field(t, "session.token")
		other := "x" + session[1:]
		if other == session {
			other = "y" + session[1:]
		}
		for _, leaked := range []string{secret, secondSecret} {
			for _, m := range []token.Mail{
				{Email: "ann@example.com"},
				{Email: "ann@example.com", UpdateTo: "mallory@example.com"},
				{Email: "ann@example.com", UpdateTo: "mallory@example.com", Purpose: token.ConfirmChange},
				{Email: "ann@example.com", UpdateTo: "mallory@example.com", Purpose: token.VerifyChange},
			} {
				forged := must(token.SignMail(leaked, m, s.clock.Now(), time.Hour))(t)
				for _, b := range []*browser{ann, s.browser()} {
					b.get(t, "/verify-email"+query("token", forged)).refused(t, 401, "INVALID_TOKEN")
				}
			}
			// No session comes from a signature.
			b := s.browser()
			for _, value := range []string{strings.Repeat("a", 32), session + "x", other} {
				b.cookies[cookieName] = url.QueryEscape(value + "." + signature(leaked, value))
				b.get(t, "/get-session").is(t, 200, "null")
			}
		}
		if got := ann.get(t, "/get-session"); got.field(t, "user.email") != "ann@example.com" || got.field(t, "user.emailVerified") != "false" {
			t.Errorf("the user is %s", got.body)
		}
		good := must(token.SignMail(thirdSecret, token.Mail{Email: "ann@example.com"}, s.clock.Now(), time.Hour))(t)
		s.browser().get(t, "/verify-email"+query("token", good)).ok(t)
	})
}

// An old secret that is weak, from which one rotates away, decrypts and vouches for nothing.
func TestWeakOldSecret(t *testing.T) {
	const weak = "changeme"
	onEach(t, func(c *authent.Config) { c.Secret, c.Development = weak, true }, func(t *testing.T, s *server) {
		ann := s.signUp(t, "ann")
		jwt := ann.get(t, "/token").ok(t).field(t, "token")
		next := serve(t, s.client.AuthStore(), func(c *authent.Config) {
			c.BaseURL, c.Now, c.Secret, c.Secrets = s.url, s.clock.Now, weak, []authent.Secret{{Version: 1, Value: secondSecret}}
		})
		log := next.log.String()
		if !strings.Contains(log, "level=WARN") || !strings.Contains(log, "an old secret is weak") || strings.Contains(log, weak) {
			t.Errorf("logged: %s", log)
		}
		b := next.browser()
		b.cookies = ann.cookies
		b.get(t, "/get-session").is(t, 200, "null")
		if got := must(next.auth.SignJWT(t.Context(), authent.SignJWTInput{}))(t); part(t, got, 0) != part(t, jwt, 0) {
			t.Errorf("tokens are signed with %s", part(t, got, 0))
		}
	})
}

// TestSecretsConfig: all that is wrong with a list is said, and no secret shown.
func TestSecretsConfig(t *testing.T) {
	names := []string{"AGENTUITY_AUTH_SECRETS", "BETTER_AUTH_SECRETS", "AGENTUITY_AUTH_SECRET", "BETTER_AUTH_SECRET", "AUTH_SECRET"}
	for _, name := range names {
		t.Setenv(name, "")
	}
	s := newServer(t, openSQLite(t), nil)
	made := func(config authent.Config) (*authent.Auth, string, error) {
		log := &lines{}
		config.BaseURL, config.Logger, config.Now = s.url, slog.New(slog.NewTextHandler(log, nil)), s.clock.Now
		auth, err := authent.New(s.client.AuthStore(), config)
		return auth, log.String(), err
	}
	// signs tells which secret signs the cookies of a service.
	signs := func(auth *authent.Auth) string {
		user := must(auth.SignUpEmail(t.Context(), authent.SignUpEmailInput{Name: "x", Email: strings.ToLower(must(token.Source{}.ID())(t)) + "@example.com", Password: password}))(t)
		for _, name := range []string{secret, secondSecret, thirdSecret} {
			r := httptest.NewRequest(http.MethodGet, s.url+"/api/auth/get-session", nil)
			r.AddCookie(&http.Cookie{Name: cookieName, Value: url.QueryEscape(*user.Token + "." + signature(name, *user.Token))})
			w := httptest.NewRecorder()
			auth.Handler().ServeHTTP(w, r)
			if w.Body.String() != "null" && w.Header().Get("Set-Cookie") == "" {
				return name
			}
		}
		return ""
	}
	for name, c := range map[string]struct {
		config authent.Config
		env    map[string]string
		wrong  []string
		signs  string
	}{
		"config":               {config: authent.Config{Secrets: []authent.Secret{{Version: 2, Value: secondSecret}, {Version: 1, Value: secret}}}, signs: secondSecret},
		"environment":          {env: map[string]string{"AGENTUITY_AUTH_SECRETS": "2:" + secondSecret + ",1:" + secret}, signs: secondSecret},
		"of the other side":    {env: map[string]string{"BETTER_AUTH_SECRETS": " 02 : " + secondSecret + " , 1:" + secret + " "}, signs: secondSecret},
		"ours before theirs":   {env: map[string]string{"AGENTUITY_AUTH_SECRETS": "2:" + secondSecret, "BETTER_AUTH_SECRETS": "2:" + thirdSecret}, signs: secondSecret},
		"config before all":    {config: authent.Config{Secrets: []authent.Secret{{Version: 0, Value: thirdSecret}}}, env: map[string]string{"AGENTUITY_AUTH_SECRETS": "nonsense"}, signs: thirdSecret},
		"list before one":      {config: authent.Config{Secret: secret}, env: map[string]string{"BETTER_AUTH_SECRETS": "2:" + secondSecret}, signs: secondSecret},
		"list before one, env": {env: map[string]string{"AGENTUITY_AUTH_SECRET": secret, "AGENTUITY_AUTH_SECRETS": "2:" + secondSecret}, signs: secondSecret},
		"without a list":       {env: map[string]string{"AGENTUITY_AUTH_SECRET": thirdSecret}, signs: thirdSecret},
		"a colon in a secret":  {env: map[string]string{"AGENTUITY_AUTH_SECRETS": "1:" + thirdSecret + ":x"}},
		"weak old ones":        {config: authent.Config{Secrets: []authent.Secret{{Version: 2, Value: secondSecret}, {Version: 1, Value: "changeme"}}}, signs: secondSecret},
		"everything wrong": {
			config: authent.Config{Secrets: []authent.Secret{{Version: 3, Value: "short"}, {Version: 3, Value: secret}, {Version: -1, Value: secret}, {Version: 4, Value: ""}}},
			wrong: []string{
				"Secrets: Config.Secrets: the current secret, version 3: it has 5 characters", "Secrets: Config.Secrets: version 3 is there twice",
				"Secrets: Config.Secrets: version -1: versions are numbers from 0 up", "Secrets: Config.Secrets: version 4 has no secret",
			},
		},
		"a public one": {env: map[string]string{"BETTER_AUTH_SECRETS": "1:better-auth-secret-12345678901234567890"}, wrong: []string{"BETTER_AUTH_SECRETS: the current secret, version 1: it is a published default"}},
		"malformed": {
			env: map[string]string{"AGENTUITY_AUTH_SECRETS": secret + ",1:" + secondSecret + ",2x:" + thirdSecret + ",-3:" + thirdSecret + ",,1:" + secret},
			wrong: []string{
				"AGENTUITY_AUTH_SECRETS: entry 1 does not begin with a version", "entry 3 does not", "entry 4 does not", "entry 5 does not",
				"AGENTUITY_AUTH_SECRETS: version 1 is there twice",
			},
		},
		"only commas": {env: map[string]string{"AGENTUITY_AUTH_SECRETS": ",", "AGENTUITY_AUTH_SECRET": secret}, wrong: []string{"entry 1 does not", "entry 2 does not"}},
		"no value":    {env: map[string]string{"AGENTUITY_AUTH_SECRETS": "1:"}, wrong: []string{"AGENTUITY_AUTH_SECRETS: version 1 has no secret"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, name := range names {
				t.Setenv(name, c.env[name])
			}
			auth, log, err := made(c.config)
			text := log
			if err != nil {
				text += err.Error()
			}
			for _, known := range []string{secret, secondSecret, thirdSecret, "changeme", "short:", "better-auth-secret-"} {
				if strings.Contains(text, known) {
					t.Errorf("a secret is shown: %s", text)
				}
			}
			if (err != nil) != (len(c.wrong) > 0) {
				t.Fatalf("the error is %v", err)
			}
			for _, want := range c.wrong {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %v, want %s", err, want)
				}
			}
			if c.signs != "" && signs(auth) != c.signs {
				t.Error("another secret is the current one")
			}
			if c.wrong == nil {
				return
			}
			c.config.Development = true
			if _, _, err := made(c.config); (err == nil) != (name == "a public one") {
				t.Errorf("in development the error is %v", err)
			}
		})
	}
}
