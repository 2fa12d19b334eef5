package service_test

import (
	"testing"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent/account"
)

// TestGHSA_qq9h_LinkClearsWhatWasUnproven: the owner of a mailbox who opens the link of a sign-up that was somebody else's
// does not share the account with them.
func TestGHSA_qq9h_LinkClearsWhatWasUnproven(t *testing.T) {
	distrust := func(c *authent.Config) {
		c.Email.DistrustSignUp, c.Email.VerifyOnSignUp, c.Email.SignInOnVerify = true, true, true
	}
	onEach(t, distrust, func(t *testing.T, s *server) {
		attacker := s.signUp(t, "victim")
		id := s.identity(t, "victim@example.com")
		s.client.Account.Create().SetProviderID("github").SetAccountID("attacker").SetUserID(id.User.ID).SetUpdatedAt(s.clock.Now()).SaveX(t.Context())
		key := s.newKey(t, authent.CreateAPIKeyInput{UserID: id.User.ID})
		link := s.mail.last(t, authent.MailVerifyEmail, "victim@example.com").URL
		resetToken, _ := s.requestReset(t, "victim@example.com", "")

		// A browser that signed somebody else up, and one that is signed in as somebody else, are not the one.
		victim := s.signUp(t, "other")
		victim.get(t, link)
		if attacker.signedIn(t) {
			t.Error("the attacker's session goes on")
		}
		attacker.post(t, "/sign-in/email", object{"email": "victim@example.com", "password": password}).refused(t, 401, "INVALID_EMAIL_OR_PASSWORD")
		attacker.post(t, "/reset-password", object{"newPassword": "attacker's again", "token": resetToken}).refused(t, 400, "INVALID_TOKEN")
		if code := s.verifyKey(t, authent.VerifyAPIKeyInput{Key: key.Key}); code != "INVALID_API_KEY" {
			t.Errorf("the attacker's API key: %q", code)
		}
		if n := s.client.Account.Query().Where(account.UserID(id.User.ID)).CountX(t.Context()); n != 0 {
			t.Errorf("%d ways to sign in are left", n)
		}
		if user := s.client.User.GetX(t.Context(), id.User.ID); !user.EmailVerified {
			t.Error("the address is not proven")
		}
		token, _ := s.requestReset(t, "victim@example.com", "")
		victim.post(t, "/reset-password", object{"newPassword": "the victim's own", "token": token}).ok(t)
		victim.post(t, "/sign-in/email", object{"email": "victim@example.com", "password": "the victim's own"}).ok(t)

		// A second use of the link clears nothing: the address is proven.
		s.browser().get(t, link)
		if !victim.signedIn(t) {
			t.Error("the second use of the link ended a session")
		}
	})
}

// TestDistrustSignUpKeepsTheUsualWay: who opens the link where they signed up, signed in or not, keeps password and
// sessions.
func TestDistrustSignUpKeepsTheUsualWay(t *testing.T) {
	for name, configure := range map[string]func(*authent.Config){
		"session":      func(c *authent.Config) { c.Email.VerifyOnSignUp = true },
		"none before":  func(c *authent.Config) { c.Password.RequireVerification = true },
		"no auto sign": func(c *authent.Config) { c.Email.VerifyOnSignUp, c.Password.NoAutoSignIn = true, true },
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(c *authent.Config) {
				configure(c)
				c.Email.DistrustSignUp = true
			}, func(t *testing.T, s *server) {
				b := s.signUp(t, "ann")
				signedIn := b.signedIn(t)
				b.get(t, s.mail.last(t, authent.MailVerifyEmail, "ann@example.com").URL)
				if b.signedIn(t) != signedIn {
					t.Error("the session ended")
				}
				s.signIn(t, "ann")

				// Signed out after the sign-up, and signed in elsewhere: that browser counts too.
				s.signUp(t, "bea")
				if name == "session" {
					elsewhere := s.signIn(t, "bea")
					elsewhere.get(t, s.mail.last(t, authent.MailVerifyEmail, "bea@example.com").URL)
					if !elsewhere.signedIn(t) {
						t.Error("the session that opened the link ended")
					}
					s.signIn(t, "bea")
				}
			})
		})
	}
}

// TestDistrustSignUpTellsNobodyApart: a sign-up with a known address, where addresses must be verified, has the answer of
// a new one, with its cookie; and that cookie is of no use.
func TestDistrustSignUpTellsNobodyApart(t *testing.T) {
	onEach(t, func(c *authent.Config) { c.Email.DistrustSignUp, c.Password.RequireVerification = true, true }, func(t *testing.T, s *server) {
		s.signUp(t, "ann")
		link := s.mail.last(t, authent.MailVerifyEmail, "ann@example.com").URL
		stranger := s.browser()
		again := stranger.post(t, "/sign-up/email", object{"name": "ann", "email": "ann@example.com", "password": "another password"}).ok(t)
		fresh := s.browser().post(t, "/sign-up/email", object{"name": "bea", "email": "bea@example.com", "password": "another password"}).ok(t)
		if len(again.cookies) != len(fresh.cookies) || again.cookie("sign_up") == nil || fresh.cookie("sign_up") == nil || len(again.body) != len(fresh.body) {
			t.Errorf("answers %s %v and %s %v", again.body, again.cookies, fresh.body, fresh.cookies)
		}
		// The cookie names the user that there is not.
		stranger.get(t, link)
		s.browser().post(t, "/sign-in/email", object{"email": "ann@example.com", "password": password}).refused(t, 401, "INVALID_EMAIL_OR_PASSWORD")
	})
}
