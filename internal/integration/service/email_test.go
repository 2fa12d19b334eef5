package service_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent/session"
	"github.com/agentuity/auth-go/ent/user"
	"github.com/agentuity/auth-go/internal/token"
)

// prove proves the address of the browser's user.
func (s *server) prove(t *testing.T, b *browser, email string) {
	t.Helper()
	b.post(t, "/send-verification-email", object{"email": email}).ok(t)
	b.get(t, "/verify-email"+query("token", s.mail.last(t, authent.MailVerifyEmail, email).Token)).ok(t)
}

// identity returns whom a user's newest session acts for.
func (s *server) identity(t *testing.T, email string) *authent.Identity {
	t.Helper()
	u := must(s.client.AuthStore().Users().Find(t.Context(), authent.Query{Where: []authent.Cond{authent.EQ("email", email)}}))(t)
	if len(u) != 1 {
		t.Fatalf("%d users with the address %s", len(u), email)
	}
	found := must(s.client.AuthStore().Sessions().Find(t.Context(), authent.Query{Where: []authent.Cond{authent.EQ("userId", u[0].ID)}, Limit: 1}))(t)
	if len(found) != 1 {
		t.Fatalf("%s has no session", email)
	}
	return &authent.Identity{User: u[0], Session: found[0], Method: authent.MethodSession}
}

// mailToken signs a token as the TypeScript side does: without the user's id.
func (s *server) mailToken(t *testing.T, m token.Mail) string {
	t.Helper()
	return must(token.SignMail(secret, m, s.clock.Now(), time.Hour))(t)
}

func TestVerifyEmail(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b, anyone := s.signUp(t, "ann"), s.browser()
		s.signUp(t, "bea")
		anyone.post(t, "/send-verification-email", object{"email": "nobody@example.com"}).is(t, 200, `{"status":true}`)
		if n := len(s.mail.all()); n != 0 {
			t.Errorf("%d mails to an unknown address", n)
		}
		anyone.post(t, "/send-verification-email", object{"email": "x"}).refused(t, 400, "VALIDATION_ERROR")
		anyone.post(t, "/send-verification-email", object{"email": "ann@example.com", "callbackURL": "https://evil.example"}).refused(t, 403, "INVALID_CALLBACK_URL")
		b.post(t, "/send-verification-email", object{"email": "bea@example.com"}).is(t, 400, `{"message":"Email mismatch","code":"EMAIL_MISMATCH"}`)
		anyone.post(t, "/send-verification-email", object{"email": "ann@example.com", "callbackURL": "/welcome"}).is(t, 200, `{"status":true}`)
		m := s.mail.last(t, authent.MailVerifyEmail, "ann@example.com")
		if want := s.url + "/api/auth/verify-email?token=" + m.Token + "&callbackURL=%2Fwelcome"; m.URL != want {
			t.Errorf("link = %s, want %s", m.URL, want)
		}

		anyone.get(t, "/verify-email").is(t, 400, `{"message":"[query.token] Invalid input: expected string, received undefined","code":"VALIDATION_ERROR"}`)
		anyone.get(t, "/verify-email?token=abc").is(t, 401, `{"message":"Invalid token","code":"INVALID_TOKEN"}`)
		anyone.get(t, "/verify-email?token=abc&callbackURL=/welcome").redirects(t, "/welcome?error=INVALID_TOKEN")
		anyone.get(t, "/verify-email"+query("token", "abc", "callbackURL", "/welcome?x=1")).redirects(t, "/welcome?x=1&error=INVALID_TOKEN")
		anyone.get(t, "/verify-email"+query("token", m.Token, "callbackURL", "https://evil.example")).refused(t, 403, "INVALID_CALLBACK_URL")
		anyone.get(t, "/verify-email?token="+s.mailToken(t, token.Mail{Email: "nobody@example.com"})).is(t, 401, `{"message":"User not found","code":"USER_NOT_FOUND"}`)
		if b.get(t, "/get-session").field(t, "user.emailVerified") != "false" {
			t.Fatal("nothing was proven yet")
		}
		anyone.get(t, m.URL).redirects(t, "/welcome")
		anyone.get(t, m.URL).redirects(t, "/welcome")
		anyone.get(t, "/verify-email?token="+m.Token).is(t, 200, `{"status":true,"user":null}`)
		if anyone.signedIn(t) {
			t.Error("the link signed in")
		}
		if b.get(t, "/get-session").field(t, "user.emailVerified") != "true" {
			t.Error("the address is not proven")
		}
		b.post(t, "/send-verification-email", object{"email": "ann@example.com"}).is(t, 400, `{"message":"Email is already verified","code":"EMAIL_ALREADY_VERIFIED"}`)
		sent := len(s.mail.all())
		anyone.post(t, "/send-verification-email", object{"email": "ann@example.com"}).is(t, 200, `{"status":true}`)
		if len(s.mail.all()) != sent {
			t.Error("a mail to an address that is proven")
		}
		// A token of the TypeScript side.
		anyone.get(t, "/verify-email?token="+s.mailToken(t, token.Mail{Email: "bea@example.com"})).is(t, 200, `{"status":true,"user":null}`)
		s.clock.advance(2 * time.Hour)
		anyone.get(t, "/verify-email?token="+m.Token).is(t, 401, `{"message":"Token expired","code":"TOKEN_EXPIRED"}`)
	})
}

func TestRequireVerification(t *testing.T) {
	strict := func(c *authent.Config) { c.Password.RequireVerification, c.Email.SignInOnVerify = true, true }
	onEach(t, strict, func(t *testing.T, s *server) {
		b := s.browser()
		signUp := object{"name": "Ann", "email": "ann@example.com", "password": password}
		first := b.post(t, "/sign-up/email", signUp).ok(t)
		m := s.mail.last(t, authent.MailVerifyEmail, "ann@example.com")
		again := b.post(t, "/sign-up/email", signUp).ok(t)
		if first.field(t, "token") != "" || again.field(t, "token") != "" || len(b.cookies) != 0 || len(first.body) != len(again.body) {
			t.Errorf("answers = %s and %s, cookies %v", first.body, again.body, b.cookies)
		}
		b.post(t, "/sign-in/email", object{"email": "ann@example.com", "password": password}).is(t, 403, `{"message":"Email not verified","code":"EMAIL_NOT_VERIFIED"}`)
		verified := b.get(t, "/verify-email?token="+m.Token).is(t, 200, `{"status":true,"user":null}`)
		if verified.cookie("session_token") == nil || !b.signedIn(t) {
			t.Error("the link did not sign in")
		}
		stranger := s.browser()
		stranger.get(t, "/verify-email?token="+m.Token).ok(t)
		if stranger.signedIn(t) {
			t.Error("the second use of the link signed in")
		}
		s.signIn(t, "ann")
	})
}

func TestChangeEmail(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b, other := s.signUp(t, "ann"), s.signUp(t, "bea")
		s.browser().post(t, "/change-email", object{"newEmail": "two@example.com"}).refused(t, 401, "UNAUTHORIZED")
		b.post(t, "/change-email", object{"newEmail": "x"}).is(t, 400, `{"message":"[body.newEmail] Invalid email address","code":"VALIDATION_ERROR"}`)
		b.post(t, "/change-email", object{"newEmail": "Ann@example.com"}).is(t, 400, `{"message":"Email is the same"}`)
		b.post(t, "/change-email", object{"newEmail": "bea@example.com"}).is(t, 200, `{"status":true}`)
		if n := len(s.mail.all()); n != 0 {
			t.Fatalf("%d mails for an address that is taken", n)
		}
		reset, _ := s.requestReset(t, "ann@example.com", "")

		// The address was not proven: the link goes to the new one.
		b.post(t, "/change-email", object{"newEmail": "Two@example.com", "callbackURL": "/done?a=1&b=2"}).is(t, 200, `{"status":true}`)
		m := s.mail.last(t, authent.MailVerifyChange, "two@example.com")
		if want := s.url + "/api/auth/verify-email?token=" + m.Token + "&callbackURL=%2Fdone%3Fa%3D1%26b%3D2"; m.URL != want {
			t.Errorf("link = %s, want %s", m.URL, want)
		}
		other.get(t, "/verify-email?token="+m.Token).refused(t, 401, "USER_NOT_FOUND")
		changed := b.get(t, "/verify-email?token="+m.Token).ok(t)
		if changed.field(t, "user.email") != "two@example.com" || changed.field(t, "user.emailVerified") != "true" || changed.cookie("session_token") == nil {
			t.Errorf("answer = %s", changed.body)
		}
		b.get(t, "/verify-email?token="+m.Token).refused(t, 401, "USER_NOT_FOUND")
		s.browser().post(t, "/reset-password", object{"newPassword": "password-2", "token": reset}).refused(t, 400, "INVALID_TOKEN")

		// It is now: it must approve, and then the new one is proven, which signs in who is not.
		b.post(t, "/change-email", object{"newEmail": "three@example.com", "callbackURL": "/done"}).is(t, 200, `{"status":true}`)
		m = s.mail.last(t, authent.MailConfirmChange, "two@example.com")
		b.get(t, "/verify-email?token="+m.Token).is(t, 200, `{"status":true}`)
		m = s.mail.last(t, authent.MailVerifyChange, "three@example.com")
		if b.get(t, "/get-session").field(t, "user.email") != "two@example.com" {
			t.Error("the approval changed the address")
		}
		anyone := s.browser()
		anyone.get(t, "/verify-email"+query("token", m.Token, "callbackURL", "/done")).redirects(t, "/done")
		if got := anyone.get(t, "/get-session").field(t, "user.email"); got != "three@example.com" {
			t.Errorf("the browser that opened the link is %q", got)
		}
	})
}

// A token of an old kind of the TypeScript side, which has the new address but does not say what it is for.
func TestChangeEmailOldToken(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		old := s.mailToken(t, token.Mail{Email: "ann@example.com", UpdateTo: "two@example.com"})
		changed := b.get(t, "/verify-email?token="+old).ok(t)
		if changed.field(t, "user.email") != "two@example.com" || changed.field(t, "user.emailVerified") != "false" {
			t.Errorf("answer = %s", changed.body)
		}
		s.mail.last(t, authent.MailVerifyEmail, "two@example.com")
	})
}

// The token of a change is mailed to the new address. When the old address has become that of another user, it must not
// change, or sign in, that one.
func TestChangeEmailTokenIsOfItsUser(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		attacker := s.signUp(t, "victim")
		attacker.post(t, "/change-email", object{"newEmail": "attacker@example.com"}).ok(t)
		mine := s.mail.last(t, authent.MailVerifyChange, "attacker@example.com").Token
		theirs := s.mailToken(t, token.Mail{Email: "victim@example.com", UpdateTo: "attacker@example.com", Purpose: token.VerifyChange})
		attacker.get(t, "/verify-email?token="+mine).ok(t)
		attacker.post(t, "/change-email", object{"newEmail": "second@example.com"}).ok(t)
		attacker.get(t, "/verify-email?token="+s.mail.last(t, authent.MailConfirmChange, "attacker@example.com").Token).ok(t)
		attacker.get(t, "/verify-email?token="+s.mail.last(t, authent.MailVerifyChange, "second@example.com").Token).ok(t)

		s.clock.advance(5 * time.Minute)
		s.signUp(t, "victim")
		for _, stale := range []string{mine, theirs} {
			thief := s.browser()
			thief.get(t, "/verify-email?token="+stale).refused(t, 401, "USER_NOT_FOUND")
			if thief.signedIn(t) {
				t.Error("the token signed in as the victim")
			}
		}
		if !must(s.client.User.Query().Where(user.Email("victim@example.com")).Exist(t.Context()))(t) {
			t.Error("the victim's address was changed")
		}
	})
}

// Of requests with one token of a change at the same time, one makes the change and gets a session.
func TestRaceChangeEmailToken(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		b.post(t, "/change-email", object{"newEmail": "two@example.com"}).ok(t)
		link := "/verify-email?token=" + s.mail.last(t, authent.MailVerifyChange, "two@example.com").Token
		statuses := race(6, func(int) int {
			a, err := s.browser().try(http.MethodGet, link, nil)
			if err != nil {
				t.Error(err)
				return 0
			}
			return a.status
		})
		countStatus(t, statuses, 200, 1)
		countStatus(t, statuses, 401, 5)
		if n := must(s.client.Session.Query().Where(session.HasUserWith(user.Email("two@example.com"))).Count(t.Context()))(t); n != 2 {
			t.Errorf("%d sessions, want that of the sign-up and one more", n)
		}
	})
}
