package service_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent/user"
)

// Auth.js: an address was checked before it was normalised, so that mail for one address went to another. Addresses that
// become somebody's by normalisation, folding or parsing are refused, or are another address: never do they sign in as, or
// mail the link of, somebody else.
func TestAuthJS_AddressesThatBecomeOthers(t *testing.T) {
	g := newGitLab(t)
	onEach(t, func(c *authent.Config) { withGitLab(g)(c); realHashes(c) }, func(t *testing.T, s *server) {
		victim := s.signUp(t, "kim")
		s.prove(t, victim, "kim@example.com")
		sent := len(s.mail.all())
		for i, address := range []string{
			"\u212aim@example.com", "k\u0131m@example.com", "\uff4bim@example.com", "kim\uff20example.com", "kim@example\u3002com", "kim@e\u0445ample.com", "kim@example.com\u200b", "\u200bkim@example.com",
			"kim@\u24d4xample.com", "kim@exa\u00admple.com", "kim@example.com\u0000", "kim@example.com\n", " kim@example.com", "kim@example.com ", "<kim@example.com>", "kim <kim@example.com>",
			`"kim"@example.com`, `"kim@evil.example"@example.com`, "kim(x)@example.com", "kim@example.com,evil@evil.example", "kim@example.com;evil@evil.example", "evil@evil.example,kim@example.com",
			"kim@example.com\r\nBcc: evil@evil.example", "kim@[127.0.0.1]", "kim@example.com@evil.example", "kim@evil.example\\@example.com", "kim%40example.com", "kim\u00b4@example.com", "ki\u0301m@example.com",
		} {
			b := s.browser()
			for _, path := range []string{"/sign-up/email", "/sign-in/email", "/request-password-reset", "/send-verification-email"} {
				a := b.post(t, path, object{"name": "x", "email": address, "password": password})
				if a.status != 400 {
					t.Errorf("%s with %q = %d %s, want 400", path, address, a.status, a.body)
				}
			}
			victim.post(t, "/change-email", object{"newEmail": address}).refused(t, 400, "VALIDATION_ERROR")
			// A provider that says it has verified the address.
			b.get(t, callback(b.startSocial(t, "/sign-in/social"), code("e"+string(rune('a'+i)), "x", address, true))).redirects(t, "/oops?x=1&error=email_not_found")
			if b.signedIn(t) {
				t.Errorf("%q signs in", address)
			}
		}
		if n := len(s.mail.all()); n != sent {
			t.Errorf("%d mails were sent", n-sent)
		}
		if n := s.client.User.Query().CountX(t.Context()); n != 1 {
			t.Errorf("%d users, want one", n)
		}
		// Capitals are the same address, for which the mail goes to what the user gave.
		s.browser().post(t, "/request-password-reset", object{"email": "KIM@Example.COM"}).ok(t)
		s.mail.last(t, authent.MailResetPassword, "kim@example.com")
		s.browser().post(t, "/sign-up/email", object{"name": "x", "email": "KIM@Example.COM", "password": password}).refused(t, 422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL")
		// A password is the same in every normal form, and differs in its spaces.
		s.browser().post(t, "/sign-up/email", object{"name": "x", "email": "nfc@example.com", "password": "caf\u00e9 \ufb01ne"}).ok(t)
		s.browser().post(t, "/sign-in/email", object{"email": "nfc@example.com", "password": "cafe\u0301 fine"}).ok(t)
		s.browser().post(t, "/sign-in/email", object{"email": "nfc@example.com", "password": "caf\u00e9 \ufb01ne "}).refused(t, 401, "INVALID_EMAIL_OR_PASSWORD")
		if s.client.User.Query().Where(user.Email("nfc@example.com")).CountX(t.Context()) != 1 {
			t.Error("the user is not there")
		}
	})
}

// Auth.js: a malformed Authorization header made the server panic, and let requests through.
func TestAuthJS_AuthorizationHeaders(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		ann := s.signUp(t, "ann")
		token := ann.get(t, "/get-session").field(t, "session.token")
		for _, value := range []string{
			"", " ", "Bearer", "Bearer ", "Bearer  ", "bearer", token, "Basic " + token, "Bearer" + token, "Bearer," + token, "Bearer=" + token, "Token " + token, "Bearer " + token + "x", "Bearer x" + token,
			"Bearer \"" + token + "\"", "Bearer " + token + ", Bearer x", "Bearer " + token + " x", "Bearer " + token + "\x00", "Bearer \x00", "Bearer \xff\xfe", "Bearer .", "Bearer ..", "Bearer " + token + ".", "Bearer ." + token,
			"Bearer %", "Bearer %zz", "Bearer %00", "Bearer null", "Bearer undefined", "Bearer [object Object]", "Bearer " + strings.Repeat("a", 5000), "ApiKey", "ApiKey ", "ApiKey \xff", "Digest x=y", "\xff", "Negotiate YII=",
			"Bearer " + strings.ToLower(token), "Bearer " + strings.ToUpper(token), "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
		} {
			for name, h := range map[string]http.Handler{"endpoint": s.auth.Handler(), "session": s.auth.RequireSession()(whoami), "key": s.auth.RequireAPIKey()(whoami)} {
				r := httptest.NewRequest(http.MethodGet, "/api/auth/list-sessions", nil)
				r.Header["Authorization"] = []string{value}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if refusal := name == "session" && strings.HasPrefix(value, "ApiKey ") && w.Code == http.StatusForbidden; w.Code != http.StatusUnauthorized && !refusal {
					t.Errorf("%s with %q = %d %s, want 401", name, value, w.Code, w.Body)
				}
			}
		}
		for _, value := range []string{"Bearer " + token, "bearer " + token, "BEARER  " + token + " "} {
			b := s.browser()
			b.header.Set("Authorization", value)
			if !b.signedIn(t) {
				t.Errorf("%q signs nobody in", value)
			}
		}
		// A cookie that is valid wins; one that is not lets the header count.
		bea := s.signUp(t, "bea")
		bea.header.Set("Authorization", "Bearer "+token)
		if got := bea.get(t, "/get-session").field(t, "user.name"); got != "bea" {
			t.Errorf("with a cookie of bea and a token of ann the user is %q", got)
		}
	})
}
