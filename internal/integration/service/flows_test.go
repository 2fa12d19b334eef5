package service_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent/account"
	hashing "github.com/agentuity/auth-go/internal/password"
)

// flow is a request that succeeds, with what has to be there before. What must hold for all endpoints is tested with the
// flows: TestFlowsCoverTheEndpoints says which endpoint has none.
type flow struct {
	// endpoint is the method and the path in the table of endpoints, and perhaps a word in brackets.
	endpoint string
	config   *flowConfig // Nil for flowDefault.
	// prepare makes what has to be there, with names that begin with name, and returns what makes the request: more than
	// once if it failed.
	prepare func(t *testing.T, s *server, name string) send
	status  int  // Of success. Zero is 200.
	still   bool // It needs no database.
	// spends is the table whose rows a failure may change: the state of a sign-in elsewhere, whose code is used up there too; a
	// session that is used gets its full lifetime, a hash is made anew, and a key is counted, whatever comes after that; and the copies of
	// a user in a storage are renewed when the change is done.
	spends string
}

// send returns a request.
type send func() (b *browser, path string, body any)

// always is the same request each time.
func always(b *browser, path string, body any) send {
	return func() (*browser, string, any) { return b, path, body }
}

// flowConfig is the config of the server of some flows.
type flowConfig struct {
	name      string
	configure func(*authent.Config)
}

var (
	flowDefault = &flowConfig{"default", func(c *authent.Config) { c.DeleteUser = authent.DeleteUserConfig{Enabled: true, ByMail: true} }}
	flowAtOnce  = &flowConfig{"deletion at once, links that sign in, limits of organizations", func(c *authent.Config) {
		c.DeleteUser.Enabled = true
		c.Email.SignInOnVerify = true
		c.Organization.OrganizationLimit = 100
	}}
	flowLimited = &flowConfig{"limits in the database", func(c *authent.Config) {
		c.RateLimit = authent.RateLimitConfig{Database: true, Rules: []authent.RateLimitRule{{Path: "/", Max: 1000, Window: time.Minute}}}
	}}
	flowRehash  = &flowConfig{"hashes that are made anew", func(c *authent.Config) { c.Password.Argon2id = true }}
	flowStorage = &flowConfig{"sessions in a storage", func(c *authent.Config) { c.Session.Storage = newMemory() }}
)

// quickHasher hashes passwords at no cost.
type quickHasher struct{}

// Hash implements authent.PasswordHasher.
func (quickHasher) Hash(_ context.Context, password string) (string, error) {
	return fmt.Sprintf("quick:%x", sha256.Sum256([]byte(password))), nil
}

// Verify implements authent.PasswordHasher.
func (q quickHasher) Verify(ctx context.Context, hash, password string) (bool, error) {
	own, err := q.Hash(ctx, password)
	return own == hash, err
}

var flowConfigs = []*flowConfig{flowDefault, flowAtOnce, flowLimited, flowRehash, flowStorage}

// with returns what configures the server of the flows, with a provider.
func (c *flowConfig) with(g *gitLab) func(*authent.Config) {
	return func(config *authent.Config) {
		withGitLab(g)(config)
		c.configure(config)
	}
}

// acme makes an organization of a user and returns its id.
func acme(t *testing.T, b *browser, name string) string {
	t.Helper()
	return b.newOrganization(t, name+"-acme")
}

// elsewhere signs a user in with an account elsewhere, in a new browser.
func elsewhere(t *testing.T, s *server, name string) *browser {
	t.Helper()
	b := s.browser()
	b.get(t, callback(b.startSocial(t, "/sign-in/social"), code(name, name, name+"@example.com", true))).redirects(t, "/welcome")
	return b
}

// flows has at least one flow for each endpoint.
var flows = []flow{
	{endpoint: "GET /ok", still: true, prepare: func(_ *testing.T, s *server, _ string) send { return always(s.browser(), "/ok", nil) }},
	{endpoint: "GET /ok (first request)", config: flowLimited, prepare: func(_ *testing.T, s *server, _ string) send { return always(s.browser(), "/ok", nil) }},
	{endpoint: "GET /ok (next request)", config: flowLimited, prepare: func(t *testing.T, s *server, _ string) send {
		s.browser().get(t, "/ok").ok(t)
		return always(s.browser(), "/ok", nil)
	}},
	{endpoint: "GET /error", still: true, prepare: func(_ *testing.T, s *server, _ string) send { return always(s.browser(), "/error?error=x", nil) }},

	{endpoint: "POST /sign-up/email", prepare: func(_ *testing.T, s *server, name string) send {
		return always(s.browser(), "/sign-up/email", object{"name": name, "email": name + "@example.com", "password": password})
	}},
	{endpoint: "POST /sign-up/email (storage)", config: flowStorage, prepare: func(_ *testing.T, s *server, name string) send {
		return always(s.browser(), "/sign-up/email", object{"name": name, "email": name + "@example.com", "password": password})
	}},
	{endpoint: "POST /sign-in/email", prepare: func(t *testing.T, s *server, name string) send {
		s.signUp(t, name)
		return always(s.browser(), "/sign-in/email", object{"email": name + "@example.com", "password": password})
	}},
	{endpoint: "POST /sign-in/email (hash made anew)", config: flowRehash, spends: "account", prepare: func(t *testing.T, s *server, name string) send {
		id := s.signUp(t, name).userID(t)
		scrypt := must(must(hashing.NewHasher(hashing.Options{}))(t).Hash(t.Context(), password))(t)
		s.client.Account.Update().Where(account.UserID(id)).SetPassword(scrypt).ExecX(t.Context())
		return always(s.browser(), "/sign-in/email", object{"email": name + "@example.com", "password": password})
	}},
	{endpoint: "POST /sign-out", prepare: func(t *testing.T, s *server, name string) send {
		return always(s.signUp(t, name), "/sign-out", object{})
	}},
	{endpoint: "POST /sign-out (storage)", config: flowStorage, prepare: func(t *testing.T, s *server, name string) send {
		return always(s.signUp(t, name), "/sign-out", object{})
	}},
	{endpoint: "GET /get-session", prepare: func(t *testing.T, s *server, name string) send { return always(s.signUp(t, name), "/get-session", nil) }},
	{endpoint: "GET /get-session (refresh)", spends: "session", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		s.clock.advance(48 * time.Hour)
		return always(b, "/get-session", nil)
	}},
	{endpoint: "GET /get-session (refresh, storage)", config: flowStorage, spends: "session", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		s.clock.advance(48 * time.Hour)
		return always(b, "/get-session", nil)
	}},
	{endpoint: "GET /get-session (expired)", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		s.clock.advance(8 * 24 * time.Hour)
		return always(b, "/get-session", nil)
	}},
	{endpoint: "GET /get-session (key)", spends: "apikey", prepare: func(t *testing.T, s *server, name string) send {
		key := s.newKey(t, authent.CreateAPIKeyInput{UserID: s.signUp(t, name).userID(t), Remaining: ptr(1000), RateLimitMax: ptr(1000)})
		return always(s.withKey(key.Key), "/get-session", nil)
	}},
	{endpoint: "POST /get-session", still: true, status: http.StatusMethodNotAllowed, prepare: func(t *testing.T, s *server, name string) send {
		return always(s.signUp(t, name), "/get-session", object{})
	}},
	{endpoint: "GET /list-sessions", prepare: func(t *testing.T, s *server, name string) send {
		return always(s.signUp(t, name), "/list-sessions", nil)
	}},
	{endpoint: "POST /revoke-session", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		token := s.signIn(t, name).get(t, "/get-session").field(t, "session.token")
		return always(b, "/revoke-session", object{"token": token})
	}},
	{endpoint: "POST /revoke-sessions", prepare: func(t *testing.T, s *server, name string) send {
		return always(s.signUp(t, name), "/revoke-sessions", object{})
	}},
	{endpoint: "POST /revoke-other-sessions", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		s.signIn(t, name)
		return always(b, "/revoke-other-sessions", object{})
	}},
	{endpoint: "POST /revoke-other-sessions (storage)", config: flowStorage, prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		s.signIn(t, name)
		return always(b, "/revoke-other-sessions", object{})
	}},
	{endpoint: "POST /update-session", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		first := acme(t, b, name)
		b.newOrganization(t, name+"-second")
		return always(b, "/update-session", object{"activeOrganizationId": first})
	}},
	{endpoint: "POST /update-user", prepare: func(t *testing.T, s *server, name string) send {
		return always(s.signUp(t, name), "/update-user", object{"name": "Alice"})
	}},
	{endpoint: "POST /update-user (storage)", config: flowStorage, spends: "user", prepare: func(t *testing.T, s *server, name string) send {
		return always(s.signUp(t, name), "/update-user", object{"name": "Alice"})
	}},
	{endpoint: "POST /delete-user", prepare: func(t *testing.T, s *server, name string) send {
		return always(s.signUp(t, name), "/delete-user", object{})
	}},
	{endpoint: "POST /delete-user (token)", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		b.post(t, "/delete-user", object{}).ok(t)
		return always(b, "/delete-user", object{"token": s.mail.last(t, authent.MailDeleteUser, name+"@example.com").Token})
	}},
	{endpoint: "POST /delete-user (at once)", config: flowAtOnce, prepare: func(t *testing.T, s *server, name string) send {
		// With all that a user can have, in an organization with another owner.
		b, other := s.signUp(t, name), s.signUp(t, name+"-b")
		id := acme(t, b, name)
		other.accept(t, b.invite(t, id, name+"-b", "owner"))
		b.invite(t, id, name+"-c", "member")
		b.post(t, "/api-key/create", object{"name": "k"}).ok(t)
		s.requestReset(t, name+"@example.com", "")
		return always(b, "/delete-user", object{"password": password})
	}},
	{endpoint: "GET /delete-user/callback", status: http.StatusFound, prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		b.post(t, "/delete-user", object{"callbackURL": "/bye"}).ok(t)
		token := s.mail.last(t, authent.MailDeleteUser, name+"@example.com").Token
		return always(b, "/delete-user/callback"+query("token", token, "callbackURL", "/bye"), nil)
	}},
	{endpoint: "GET /list-accounts", prepare: func(t *testing.T, s *server, name string) send {
		return always(s.signUp(t, name), "/list-accounts", nil)
	}},
	{endpoint: "POST /unlink-account", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		s.client.Account.Create().SetProviderID("gitlab").SetAccountID(name).SetUserID(b.userID(t)).SetUpdatedAt(s.clock.Now()).SaveX(t.Context())
		return always(b, "/unlink-account", object{"providerId": "gitlab", "accountId": name})
	}},

	{endpoint: "POST /change-password", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		s.signIn(t, name)
		return always(b, "/change-password", object{"currentPassword": password, "newPassword": "password-2", "revokeOtherSessions": true})
	}},
	{endpoint: "POST /verify-password", prepare: func(t *testing.T, s *server, name string) send {
		return always(s.signUp(t, name), "/verify-password", object{"password": password})
	}},
	{endpoint: "POST /request-password-reset", prepare: func(t *testing.T, s *server, name string) send {
		s.signUp(t, name)
		return always(s.browser(), "/request-password-reset", object{"email": name + "@example.com"})
	}},
	{endpoint: "GET /reset-password/:token", status: http.StatusFound, prepare: func(t *testing.T, s *server, name string) send {
		s.signUp(t, name)
		token, _ := s.requestReset(t, name+"@example.com", "")
		return always(s.browser(), "/reset-password/"+token+"?callbackURL=/r", nil)
	}},
	{endpoint: "POST /reset-password", prepare: func(t *testing.T, s *server, name string) send {
		s.prove(t, s.signUp(t, name), name+"@example.com")
		s.requestReset(t, name+"@example.com", "")
		token, _ := s.requestReset(t, name+"@example.com", "")
		return always(s.browser(), "/reset-password", object{"newPassword": "password-2", "token": token})
	}},
	{endpoint: "POST /reset-password (unproven address)", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		b.post(t, "/api-key/create", object{"name": "k"}).ok(t)
		token, _ := s.requestReset(t, name+"@example.com", "")
		return always(s.browser(), "/reset-password", object{"newPassword": "password-2", "token": token})
	}},
	{endpoint: "POST /send-verification-email", prepare: func(t *testing.T, s *server, name string) send {
		return always(s.signUp(t, name), "/send-verification-email", object{"email": name + "@example.com"})
	}},
	{endpoint: "GET /verify-email", config: flowAtOnce, prepare: func(t *testing.T, s *server, name string) send {
		s.signUp(t, name).post(t, "/send-verification-email", object{"email": name + "@example.com"}).ok(t)
		return always(s.browser(), "/verify-email?token="+s.mail.last(t, authent.MailVerifyEmail, name+"@example.com").Token, nil)
	}},
	{endpoint: "GET /verify-email (change)", prepare: func(t *testing.T, s *server, name string) send {
		s.signUp(t, name).post(t, "/change-email", object{"newEmail": name + "-2@example.com"}).ok(t)
		s.requestReset(t, name+"@example.com", "")
		for _, m := range s.mail.all() {
			if m.Kind == authent.MailVerifyChange && m.To == name+"-2@example.com" {
				return always(s.browser(), "/verify-email?token="+m.Token, nil)
			}
		}
		t.Fatal("no mail")
		return nil
	}},
	{endpoint: "GET /verify-email (approval)", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		s.prove(t, b, name+"@example.com")
		b.post(t, "/change-email", object{"newEmail": name + "-2@example.com"}).ok(t)
		return always(b, "/verify-email?token="+s.mail.last(t, authent.MailConfirmChange, name+"@example.com").Token, nil)
	}},
	{endpoint: "POST /change-email", prepare: func(t *testing.T, s *server, name string) send {
		return always(s.signUp(t, name), "/change-email", object{"newEmail": name + "-2@example.com"})
	}},

	{endpoint: "POST /sign-in/social", prepare: func(_ *testing.T, s *server, _ string) send {
		return always(s.browser(), "/sign-in/social", object{"provider": "gitlab"})
	}},
	{endpoint: "POST /link-social", prepare: func(t *testing.T, s *server, name string) send {
		return always(s.signUp(t, name), "/link-social", object{"provider": "gitlab"})
	}},
	{endpoint: "GET /callback/:id (new user)", status: http.StatusFound, spends: "verification", prepare: func(t *testing.T, s *server, name string) send {
		return func() (*browser, string, any) {
			b := s.browser()
			return b, callback(b.startSocial(t, "/sign-in/social"), code(name, name, name+"@example.com", true)), nil
		}
	}},
	{endpoint: "GET /callback/:id (known account)", status: http.StatusFound, spends: "verification", prepare: func(t *testing.T, s *server, name string) send {
		elsewhere(t, s, name)
		return func() (*browser, string, any) {
			b := s.browser()
			return b, callback(b.startSocial(t, "/sign-in/social"), code(name, name, name+"@example.com", true)), nil
		}
	}},
	{endpoint: "GET /callback/:id (known address)", status: http.StatusFound, spends: "verification", prepare: func(t *testing.T, s *server, name string) send {
		s.prove(t, s.signUp(t, name), name+"@example.com")
		return func() (*browser, string, any) {
			b := s.browser()
			return b, callback(b.startSocial(t, "/sign-in/social"), code(name, name, name+"@example.com", true)), nil
		}
	}},
	{endpoint: "GET /callback/:id (link)", status: http.StatusFound, spends: "verification", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		return func() (*browser, string, any) {
			return b, callback(b.startSocial(t, "/link-social"), code(name, name, name+"@example.com", true)), nil
		}
	}},
	{endpoint: "POST /callback/:id", still: true, status: http.StatusFound, prepare: func(_ *testing.T, s *server, _ string) send {
		return always(s.browser(), "/callback/gitlab", object{"code": "c", "state": "s"})
	}},
	{endpoint: "POST /get-access-token", prepare: func(t *testing.T, s *server, name string) send {
		return always(elsewhere(t, s, name), "/get-access-token", object{"providerId": "gitlab"})
	}},
	{endpoint: "POST /get-access-token (expired)", prepare: func(t *testing.T, s *server, name string) send {
		b := elsewhere(t, s, name)
		s.clock.advance(12 * time.Hour)
		return always(b, "/get-access-token", object{"providerId": "gitlab"})
	}},
	{endpoint: "POST /refresh-token", prepare: func(t *testing.T, s *server, name string) send {
		return always(elsewhere(t, s, name), "/refresh-token", object{"providerId": "gitlab"})
	}},
	{endpoint: "GET /account-info", prepare: func(t *testing.T, s *server, name string) send {
		return always(elsewhere(t, s, name), "/account-info?accountId="+name, nil)
	}},

	{endpoint: "GET /openapi.json", still: true, prepare: func(_ *testing.T, s *server, _ string) send { return always(s.browser(), "/openapi.json", nil) }},
	{endpoint: "GET /reference", still: true, prepare: func(_ *testing.T, s *server, _ string) send { return always(s.browser(), "/reference", nil) }},

	{endpoint: "POST /organization/create", prepare: func(t *testing.T, s *server, name string) send {
		return always(s.signUp(t, name), "/organization/create", object{"name": name, "slug": name, "metadata": object{"a": 1}})
	}},
	{endpoint: "POST /organization/create (limit)", config: flowAtOnce, prepare: func(t *testing.T, s *server, name string) send {
		return always(s.signUp(t, name), "/organization/create", object{"name": name, "slug": name})
	}},
	{endpoint: "POST /organization/update", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		acme(t, b, name)
		return always(b, "/organization/update", object{"data": object{"name": "New", "slug": name + "-new"}})
	}},
	{endpoint: "POST /organization/delete", prepare: func(t *testing.T, s *server, name string) send {
		c := newCrew(t, s, name)
		c.owner.invite(t, c.id, name+"-x", "member")
		return always(c.owner, "/organization/delete", object{"organizationId": c.id})
	}},
	{endpoint: "POST /organization/set-active", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		first := acme(t, b, name)
		b.newOrganization(t, name+"-second")
		return always(b, "/organization/set-active", object{"organizationId": first})
	}},
	{endpoint: "POST /organization/set-active (none)", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		acme(t, b, name)
		return always(b, "/organization/set-active", object{"organizationId": nil})
	}},
	{endpoint: "GET /organization/get-full-organization", prepare: func(t *testing.T, s *server, name string) send {
		return always(newCrew(t, s, name).owner, "/organization/get-full-organization", nil)
	}},
	{endpoint: "GET /organization/list", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		acme(t, b, name)
		return always(b, "/organization/list", nil)
	}},
	{endpoint: "GET /organization/list (key)", spends: "apikey", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		acme(t, b, name)
		key := s.newKey(t, authent.CreateAPIKeyInput{UserID: b.userID(t), Remaining: ptr(1000), RateLimitMax: ptr(1000)})
		return always(s.withKey(key.Key), "/organization/list", nil)
	}},
	{endpoint: "POST /organization/check-slug", prepare: func(t *testing.T, s *server, name string) send {
		return always(s.signUp(t, name), "/organization/check-slug", object{"slug": name + "-free"})
	}},
	{endpoint: "POST /organization/invite-member", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		return always(b, "/organization/invite-member", object{"organizationId": acme(t, b, name), "email": name + "-guest@example.com", "role": "member"})
	}},
	{endpoint: "POST /organization/invite-member (again)", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		id := acme(t, b, name)
		b.invite(t, id, name+"-guest", "member")
		s.clock.advance(time.Second)
		return always(b, "/organization/invite-member", object{"organizationId": id, "email": name + "-guest@example.com", "role": "member", "resend": true})
	}},
	{endpoint: "POST /organization/cancel-invitation", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		return always(b, "/organization/cancel-invitation", object{"invitationId": b.invite(t, acme(t, b, name), name+"-guest", "member")})
	}},
	{endpoint: "POST /organization/accept-invitation", prepare: func(t *testing.T, s *server, name string) send {
		b, guest := s.signUp(t, name), s.signUp(t, name+"-guest")
		return always(guest, "/organization/accept-invitation", object{"invitationId": b.invite(t, acme(t, b, name), name+"-guest", "member")})
	}},
	{endpoint: "POST /organization/accept-invitation (storage)", config: flowStorage, prepare: func(t *testing.T, s *server, name string) send {
		b, guest := s.signUp(t, name), s.signUp(t, name+"-guest")
		return always(guest, "/organization/accept-invitation", object{"invitationId": b.invite(t, acme(t, b, name), name+"-guest", "member")})
	}},
	{endpoint: "POST /organization/reject-invitation", prepare: func(t *testing.T, s *server, name string) send {
		b, guest := s.signUp(t, name), s.signUp(t, name+"-guest")
		return always(guest, "/organization/reject-invitation", object{"invitationId": b.invite(t, acme(t, b, name), name+"-guest", "member")})
	}},
	{endpoint: "GET /organization/get-invitation", prepare: func(t *testing.T, s *server, name string) send {
		b, guest := s.signUp(t, name), s.signUp(t, name+"-guest")
		return always(guest, "/organization/get-invitation?id="+b.invite(t, acme(t, b, name), name+"-guest", "member"), nil)
	}},
	{endpoint: "GET /organization/list-invitations", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		b.invite(t, acme(t, b, name), name+"-guest", "member")
		return always(b, "/organization/list-invitations", nil)
	}},
	{endpoint: "GET /organization/list-user-invitations", prepare: func(t *testing.T, s *server, name string) send {
		b, guest := s.signUp(t, name), s.signUp(t, name+"-guest")
		s.prove(t, guest, name+"-guest@example.com")
		b.invite(t, acme(t, b, name), name+"-guest", "member")
		return always(guest, "/organization/list-user-invitations", nil)
	}},
	{endpoint: "POST /organization/remove-member", prepare: func(t *testing.T, s *server, name string) send {
		c := newCrew(t, s, name)
		return always(c.owner, "/organization/remove-member", object{"memberIdOrEmail": c.adminID, "organizationId": c.id})
	}},
	{endpoint: "POST /organization/update-member-role", prepare: func(t *testing.T, s *server, name string) send {
		c := newCrew(t, s, name)
		return always(c.owner, "/organization/update-member-role", object{"memberId": c.plainID, "role": "admin", "organizationId": c.id})
	}},
	{endpoint: "POST /organization/leave", prepare: func(t *testing.T, s *server, name string) send {
		c := newCrew(t, s, name)
		return always(c.admin, "/organization/leave", object{"organizationId": c.id})
	}},
	{endpoint: "GET /organization/list-members", prepare: func(t *testing.T, s *server, name string) send {
		return always(newCrew(t, s, name).plain, "/organization/list-members", nil)
	}},
	{endpoint: "GET /organization/get-active-member", prepare: func(t *testing.T, s *server, name string) send {
		return always(newCrew(t, s, name).plain, "/organization/get-active-member", nil)
	}},
	{endpoint: "GET /organization/get-active-member-role", prepare: func(t *testing.T, s *server, name string) send {
		return always(newCrew(t, s, name).plain, "/organization/get-active-member-role", nil)
	}},
	{endpoint: "POST /organization/has-permission", prepare: func(t *testing.T, s *server, name string) send {
		return always(newCrew(t, s, name).admin, "/organization/has-permission", object{"permissions": object{"member": []string{"create"}}})
	}},

	{endpoint: "POST /api-key/create", prepare: func(t *testing.T, s *server, name string) send {
		return always(s.signUp(t, name), "/api-key/create", object{"name": name})
	}},
	{endpoint: "GET /api-key/get", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		return always(b, "/api-key/get?id="+b.post(t, "/api-key/create", object{"name": "k"}).ok(t).field(t, "id"), nil)
	}},
	{endpoint: "POST /api-key/update", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		return always(b, "/api-key/update", object{"keyId": b.post(t, "/api-key/create", object{"name": "k"}).ok(t).field(t, "id"), "enabled": false, "name": "off"})
	}},
	{endpoint: "POST /api-key/delete", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		return always(b, "/api-key/delete", object{"keyId": b.post(t, "/api-key/create", object{"name": "k"}).ok(t).field(t, "id")})
	}},
	{endpoint: "GET /api-key/list", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		b.post(t, "/api-key/create", object{"name": "k"}).ok(t)
		return always(b, "/api-key/list", nil)
	}},

	{endpoint: "GET /jwks", config: flowStorage, prepare: func(_ *testing.T, s *server, _ string) send {
		s.clock.advance(time.Hour) // The keys in memory are old.
		return always(s.browser(), "/jwks", nil)
	}},
	{endpoint: "GET /token", prepare: func(t *testing.T, s *server, name string) send {
		b := s.signUp(t, name)
		s.clock.advance(time.Hour)
		return always(b, "/token", nil)
	}},
}

// method is the method of the endpoint.
func (f flow) method() string { return strings.Fields(f.endpoint)[0] }

// want is the status of success.
func (f flow) want() int {
	if f.status == 0 {
		return http.StatusOK
	}
	return f.status
}

// on is the config of the flow's server.
func (f flow) on() *flowConfig {
	if f.config == nil {
		return flowDefault
	}
	return f.config
}

// TestFlowsCoverTheEndpoints: what is tested for all flows is tested for all endpoints.
func TestFlowsCoverTheEndpoints(t *testing.T) {
	onEach(t, everything(t), func(t *testing.T, s *server) {
		covered := map[string]bool{}
		for _, f := range flows {
			parts := strings.Fields(f.endpoint)
			covered[parts[0]+" "+parts[1]] = true
		}
		for _, e := range s.auth.Endpoints() {
			if !covered[e.Method+" "+e.Path] {
				t.Errorf("%s %s has no flow", e.Method, e.Path)
			}
			delete(covered, e.Method+" "+e.Path)
		}
		for name := range covered {
			t.Errorf("%s is no endpoint", name)
		}
	})
}
