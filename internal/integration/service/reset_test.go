package service_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent/account"
	"github.com/agentuity/auth-go/ent/verification"
)

// requestReset asks for the link and returns its token and URL.
func (s *server) requestReset(t *testing.T, email, redirectTo string) (token, url string) {
	t.Helper()
	s.browser().post(t, "/request-password-reset", object{"email": email, "redirectTo": redirectTo}).
		is(t, 200, `{"status":true,"message":"If this email exists in our system, check your email for the reset link"}`)
	m := s.mail.last(t, authent.MailResetPassword, email)
	return m.Token, m.URL
}

func TestResetPassword(t *testing.T) {
	onEach(t, realHashes, func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		anyone := s.browser()
		anyone.post(t, "/request-password-reset", object{"email": "nope"}).is(t, 400, `{"message":"[body.email] Invalid email address","code":"VALIDATION_ERROR"}`)
		anyone.post(t, "/request-password-reset", object{"email": "ann@example.com", "redirectTo": "https://evil.example/"}).refused(t, 403, "INVALID_REDIRECT_URL")
		anyone.post(t, "/request-password-reset", object{"email": "nobody@example.com"}).
			is(t, 200, `{"status":true,"message":"If this email exists in our system, check your email for the reset link"}`)
		if n := len(s.mail.all()); n != 0 {
			t.Fatalf("%d mails for an unknown address", n)
		}

		token, link := s.requestReset(t, "ann@example.com", "/reset?x=1")
		if want := s.url + "/api/auth/reset-password/" + token + "?callbackURL=%2Freset%3Fx%3D1"; link != want || len(token) != 24 {
			t.Errorf("link = %s, want %s", link, want)
		}
		anyone.get(t, link).redirects(t, s.url+"/reset?x=1&token="+token)
		anyone.get(t, "/reset-password/"+token+query("callbackURL", s.url+"/r")).redirects(t, s.url+"/r?token="+token)
		anyone.get(t, "/reset-password/"+token+query("callbackURL", s.url)).redirects(t, s.url+"/?token="+token)
		anyone.get(t, "/reset-password/"+token+query("callbackURL", "https://evil.example/r")).refused(t, 403, "INVALID_CALLBACK_URL")
		anyone.get(t, "/reset-password/"+token).is(t, 400, `{"message":"[query.callbackURL] Invalid input: expected string, received undefined","code":"VALIDATION_ERROR"}`)
		anyone.get(t, "/reset-password/"+token+"?callbackURL=").redirects(t, s.url+"/api/auth/error?error=INVALID_TOKEN")
		anyone.get(t, "/reset-password/xxxxxxxxxxxxxxxxxxxxxxxx?callbackURL=/reset").redirects(t, s.url+"/reset?error=INVALID_TOKEN")

		anyone.post(t, "/reset-password", object{"newPassword": "password-4"}).is(t, 400, `{"message":"Invalid token","code":"INVALID_TOKEN"}`)
		anyone.post(t, "/reset-password", object{"newPassword": "password-4", "token": "nope"}).refused(t, 400, "INVALID_TOKEN")
		anyone.post(t, "/reset-password", object{"newPassword": "short", "token": token}).refused(t, 400, "PASSWORD_TOO_SHORT")
		second, _ := s.requestReset(t, "ann@example.com", "")
		anyone.post(t, "/reset-password", object{"newPassword": "password-4", "token": token}).is(t, 200, `{"status":true}`)
		anyone.post(t, "/reset-password", object{"newPassword": "password-5", "token": token}).refused(t, 400, "INVALID_TOKEN")
		anyone.post(t, "/reset-password", object{"newPassword": "password-5", "token": second}).refused(t, 400, "INVALID_TOKEN")
		if b.signedIn(t) {
			t.Error("the session outlived the reset")
		}
		s.browser().post(t, "/sign-in/email", object{"email": "ann@example.com", "password": password}).refused(t, 401, "INVALID_EMAIL_OR_PASSWORD")
		s.browser().post(t, "/sign-in/email", object{"email": "ann@example.com", "password": "password-4"}).ok(t)

		third, _ := s.requestReset(t, "ann@example.com", "")
		anyone.post(t, "/reset-password?token="+third, object{"newPassword": "password-6"}).is(t, 200, `{"status":true}`)
		late, _ := s.requestReset(t, "ann@example.com", "")
		s.clock.advance(time.Hour + time.Second)
		anyone.post(t, "/reset-password", object{"newPassword": "password-7", "token": late}).refused(t, 400, "INVALID_TOKEN")
	})
}

func TestResetPasswordDisabled(t *testing.T) {
	onEach(t, func(c *authent.Config) { c.Mailer, c.Email.Change = nil, false }, func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		b.post(t, "/request-password-reset", object{"email": "ann@example.com"}).is(t, 400, `{"message":"Reset password isn't enabled","code":"RESET_PASSWORD_DISABLED"}`)
		b.post(t, "/send-verification-email", object{"email": "ann@example.com"}).is(t, 400, `{"message":"Verification email isn't enabled","code":"VERIFICATION_EMAIL_NOT_ENABLED"}`)
		b.post(t, "/change-email", object{"newEmail": "bea@example.com"}).is(t, 400, `{"message":"Change email is disabled"}`)
		b.post(t, "/delete-user", object{}).is(t, 404, "")
		b.get(t, "/delete-user/callback?token=x").is(t, 404, `{"message":"Not found","code":"NOT_FOUND"}`)
	})
}

// A user whose sessions are kept by the config, and whose address was proven.
func TestResetKeepsSessions(t *testing.T) {
	onEach(t, func(c *authent.Config) { c.Password.KeepSessionsOnReset = true }, func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		s.prove(t, b, "ann@example.com")
		token, _ := s.requestReset(t, "ann@example.com", "")
		s.browser().post(t, "/reset-password", object{"newPassword": "password-4", "token": token}).ok(t)
		if !b.signedIn(t) {
			t.Error("the session ended")
		}
	})
}

// GHSA-hc7v-rggr-4hvx: of requests with one token at the same time, one is done.
func TestGHSA_hc7v_ResetTokenRace(t *testing.T) {
	onEach(t, realHashes, func(t *testing.T, s *server) {
		s.signUp(t, "ann")
		token, _ := s.requestReset(t, "ann@example.com", "")
		passwords := []string{"password-a", "password-b", "password-c", "password-d", "password-e", "password-f"}
		statuses := race(len(passwords), func(i int) int {
			a, err := s.browser().try(http.MethodPost, "/reset-password", object{"newPassword": passwords[i], "token": token})
			if err != nil {
				t.Error(err)
				return 0
			}
			return a.status
		})
		countStatus(t, statuses, 200, 1)
		countStatus(t, statuses, 400, len(passwords)-1)
		for i, p := range passwords {
			a := s.browser().post(t, "/sign-in/email", object{"email": "ann@example.com", "password": p})
			if (a.status == 200) != (statuses[i] == 200) {
				t.Errorf("the password of the request that was answered %d signs in with %d", statuses[i], a.status)
			}
		}
	})
}

// A sign-in with the old password at the same time as a reset leaves no session behind.
func TestRaceResetAndSignIn(t *testing.T) {
	onEach(t, realHashes, func(t *testing.T, s *server) {
		s.signUp(t, "ann")
		for i := range 3 {
			old, next := password, "password-0"
			if i > 0 {
				old, next = "password-"+string(rune('0'+i-1)), "password-"+string(rune('0'+i))
			}
			token, _ := s.requestReset(t, "ann@example.com", "")
			race(6, func(n int) int {
				path, body := "/sign-in/email", object{"email": "ann@example.com", "password": old}
				if n == 0 {
					path, body = "/reset-password", object{"newPassword": next, "token": token}
				}
				a, err := s.browser().try(http.MethodPost, path, body)
				if err != nil || a.status != 200 && a.status != 401 {
					t.Errorf("%s: %v %v", path, a, err)
				}
				return 0
			})
			if n := must(s.client.Session.Query().Count(t.Context()))(t); n != 0 {
				t.Fatalf("%d sessions of the old password go on", n)
			}
		}
	})
}

// GHSA-qq9h-g4jm-xgf3: somebody signs up with the address of another person, who then proves to have it.
func TestGHSA_qq9h_ResetClearsWhatWasUnproven(t *testing.T) {
	onEach(t, func(c *authent.Config) { c.Password.KeepSessionsOnReset = true }, func(t *testing.T, s *server) {
		attacker := s.signUp(t, "victim")
		id := s.identity(t, "victim@example.com")
		s.client.Account.Create().SetProviderID("github").SetAccountID("attacker").SetUserID(id.User.ID).SetUpdatedAt(s.clock.Now()).SaveX(t.Context())
		s.client.APIKey.Create().SetKey("hash").SetUserID(id.User.ID).SetReferenceID(id.User.ID).SaveX(t.Context())

		token, _ := s.requestReset(t, "victim@example.com", "")
		victim := s.browser()
		victim.post(t, "/reset-password", object{"newPassword": "the victim's own", "token": token}).ok(t)
		if attacker.signedIn(t) {
			t.Error("the attacker's session goes on")
		}
		attacker.post(t, "/sign-in/email", object{"email": "victim@example.com", "password": password}).refused(t, 401, "INVALID_EMAIL_OR_PASSWORD")
		if n := must(s.client.Account.Query().Where(account.ProviderID("github")).Count(t.Context()))(t); n != 0 {
			t.Error("the attacker's account elsewhere still signs in")
		}
		if n := must(s.client.APIKey.Query().Count(t.Context()))(t); n != 0 {
			t.Error("the attacker's API key still works")
		}
		signIn := victim.post(t, "/sign-in/email", object{"email": "victim@example.com", "password": "the victim's own"}).ok(t)
		if signIn.field(t, "user.emailVerified") != "true" {
			t.Error("the link was mailed to the address, which proves it")
		}
	})
}

// GHSA-965c-763c-88jm: a token of one kind is good for nothing else.
func TestGHSA_965c_TokensArePurposeBound(t *testing.T) {
	deletes := func(c *authent.Config) { c.DeleteUser = authent.DeleteUserConfig{Enabled: true, ByMail: true} }
	onEach(t, deletes, func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		reset, _ := s.requestReset(t, "ann@example.com", "")
		b.post(t, "/delete-user", object{}).ok(t)
		deletion := s.mail.last(t, authent.MailDeleteUser, "ann@example.com").Token
		b.post(t, "/send-verification-email", object{"email": "ann@example.com"}).ok(t)
		verify := s.mail.last(t, authent.MailVerifyEmail, "ann@example.com").Token
		b.post(t, "/change-email", object{"newEmail": "new@example.com"}).ok(t)
		change := s.mail.last(t, authent.MailVerifyChange, "new@example.com").Token

		for _, wrong := range []string{deletion, verify, change, "reset-password:" + reset, "%"} {
			b.post(t, "/reset-password", object{"newPassword": "password-2", "token": wrong}).refused(t, 400, "INVALID_TOKEN")
		}
		for _, wrong := range []string{reset, verify, change, "%"} {
			b.get(t, "/delete-user/callback"+query("token", wrong)).refused(t, 404, "INVALID_TOKEN")
			b.post(t, "/delete-user", object{"token": wrong}).refused(t, 404, "INVALID_TOKEN")
		}
		for _, wrong := range []string{reset, deletion, "", "a.b.c"} {
			b.get(t, "/verify-email"+query("token", wrong)).refused(t, 401, "INVALID_TOKEN")
		}
		if n := must(s.client.Verification.Query().Where(verification.IdentifierHasPrefix("delete-account-")).Count(t.Context()))(t); n != 1 {
			t.Errorf("%d deletion tokens are left, want 1", n)
		}
	})
}

// A link that has expired is deleted when somebody opens it, and all others that have.
func TestExpiredVerificationsAreDeleted(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		s.signUp(t, "ann")
		s.signUp(t, "bob")
		token, link := s.requestReset(t, "ann@example.com", "/reset")
		s.clock.advance(time.Hour - time.Minute)
		s.requestReset(t, "bob@example.com", "/reset") // Still good then.
		s.clock.advance(time.Minute + time.Second)
		s.client.Verification.Create().SetIdentifier("of another server").SetValue("x").SetExpiresAt(s.clock.Now().Add(-time.Minute)).SaveX(t.Context())
		s.browser().get(t, link).redirects(t, s.url+"/reset?error=INVALID_TOKEN")
		if left := s.client.Verification.Query().OnlyX(t.Context()); !left.ExpiresAt.After(s.clock.Now()) {
			t.Errorf("left: %v", left)
		}
		s.browser().post(t, "/reset-password", object{"newPassword": "password-4", "token": token}).refused(t, 400, "INVALID_TOKEN")
	})
}
