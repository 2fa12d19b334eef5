package service_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent/account"
	"github.com/agentuity/auth-go/ent/invitation"
	"github.com/agentuity/auth-go/ent/member"
	"github.com/agentuity/auth-go/ent/organization"
	"github.com/agentuity/auth-go/ent/session"
	"github.com/agentuity/auth-go/ent/user"
)

// contest is something that may happen once, or so many times, which many try at the same moment.
type contest struct {
	name string
	many int
	// prepare returns what each of the many does, which answers with a status, and what must be true afterwards.
	prepare func(t *testing.T, s *server, name string) (act func(i int) int, after func(t *testing.T))
	wins    int // So many are answered 200 or 302.
	lost    int // The others are answered with this status.
}

// status sends a request and returns its status, from any goroutine.
func (b *browser) status(t *testing.T, method, path string, body any) int {
	a, err := b.try(method, path, body)
	if err != nil {
		t.Error(err)
		return 0
	}
	return a.status
}

// copyOf returns a browser with the same cookies.
func (b *browser) copyOf() *browser {
	b.mu.Lock()
	defer b.mu.Unlock()
	same := b.s.browser()
	for name, value := range b.cookies {
		same.cookies[name] = value
	}
	return same
}

var contests = []contest{
	{name: "reset token", many: 6, wins: 1, lost: 400, prepare: func(t *testing.T, s *server, name string) (func(int) int, func(*testing.T)) {
		s.signUp(t, name)
		token, _ := s.requestReset(t, name+"@example.com", "")
		return func(i int) int {
				return s.browser().status(t, "POST", "/reset-password", object{"newPassword": fmt.Sprintf("password-%d", i), "token": token})
			}, func(t *testing.T) {
				works := 0
				for i := range 6 {
					a := s.browser().post(t, "/sign-in/email", object{"email": name + "@example.com", "password": fmt.Sprintf("password-%d", i)})
					works += map[int]int{200: 1}[a.status]
				}
				if works != 1 {
					t.Errorf("%d of the passwords work", works)
				}
			}
	}},
	{name: "link that deletes", many: 6, wins: 1, lost: 404, prepare: func(t *testing.T, s *server, name string) (func(int) int, func(*testing.T)) {
		b := s.signUp(t, name)
		b.post(t, "/delete-user", object{}).ok(t)
		link := s.mail.last(t, authent.MailDeleteUser, name+"@example.com").URL
		same := make([]*browser, 6)
		for i := range same {
			same[i] = b.copyOf()
		}
		return func(i int) int { return same[i].status(t, "GET", link, nil) }, func(t *testing.T) {
			if n := s.client.User.Query().Where(user.Email(name + "@example.com")).CountX(t.Context()); n != 0 {
				t.Error("the user is still there")
			}
		}
	}},
	{name: "link that changes the address", many: 6, wins: 1, lost: 401, prepare: func(t *testing.T, s *server, name string) (func(int) int, func(*testing.T)) {
		s.signUp(t, name).post(t, "/change-email", object{"newEmail": name + "-2@example.com"}).ok(t)
		token := s.mail.last(t, authent.MailVerifyChange, name+"-2@example.com").Token
		return func(int) int { return s.browser().status(t, "GET", "/verify-email?token="+token, nil) }, func(t *testing.T) {
			if n := s.client.Session.Query().Where(session.HasUserWith(user.Email(name + "-2@example.com"))).CountX(t.Context()); n != 2 {
				t.Errorf("%d sessions, want two", n)
			}
		}
	}},
	{name: "state of a sign-in elsewhere", many: 6, wins: 6, prepare: func(t *testing.T, s *server, name string) (func(int) int, func(*testing.T)) {
		b := s.browser()
		path := callback(b.startSocial(t, "/sign-in/social"), code(name, name, name+"@example.com", true))
		same := make([]*browser, 6)
		for i := range same {
			same[i] = b.copyOf()
		}
		return func(i int) int { return same[i].status(t, "GET", path, nil) }, func(t *testing.T) {
			signedIn := 0
			for _, b := range same {
				if b.signedIn(t) {
					signedIn++
				}
			}
			if n := s.client.Account.Query().Where(account.AccountID(name)).CountX(t.Context()); n != 1 || signedIn != 1 {
				t.Errorf("%d accounts and %d signed in, want one of each", n, signedIn)
			}
		}
	}},
	{name: "sign-up with one address", many: 6, wins: 1, lost: 422, prepare: func(t *testing.T, s *server, name string) (func(int) int, func(*testing.T)) {
		return func(int) int {
				return s.browser().status(t, "POST", "/sign-up/email", object{"name": name, "email": name + "@example.com", "password": password})
			}, func(t *testing.T) {
				if u := s.client.User.Query().Where(user.Email(name + "@example.com")).WithAccounts().OnlyX(t.Context()); len(u.Edges.Accounts) != 1 {
					t.Errorf("%d accounts", len(u.Edges.Accounts))
				}
			}
	}},
	{name: "invitation", many: 8, wins: 1, lost: 400, prepare: func(t *testing.T, s *server, name string) (func(int) int, func(*testing.T)) {
		b, guest := s.signUp(t, name), s.signUp(t, name+"-guest")
		org := acme(t, b, name)
		id := b.invite(t, org, name+"-guest", "member")
		return func(int) int {
				return guest.copyOf().status(t, "POST", "/organization/accept-invitation", object{"invitationId": id})
			}, func(t *testing.T) {
				if n := s.client.Member.Query().Where(member.OrganizationID(org)).CountX(t.Context()); n != 2 {
					t.Errorf("%d members, want two", n)
				}
			}
	}},
	{name: "second invitation of an address", many: 8, wins: 1, lost: 400, prepare: func(t *testing.T, s *server, name string) (func(int) int, func(*testing.T)) {
		b := s.signUp(t, name)
		org := acme(t, b, name)
		return func(int) int {
				return b.copyOf().status(t, "POST", "/organization/invite-member", object{"organizationId": org, "email": name + "-guest@example.com", "role": "member"})
			}, func(t *testing.T) {
				if n := s.client.Invitation.Query().Where(invitation.OrganizationID(org)).CountX(t.Context()); n != 1 {
					t.Errorf("%d invitations, want one", n)
				}
			}
	}},
	{name: "slug", many: 8, wins: 1, lost: 400, prepare: func(t *testing.T, s *server, name string) (func(int) int, func(*testing.T)) {
		b := s.signUp(t, name)
		return func(int) int {
				return b.copyOf().status(t, "POST", "/organization/create", object{"name": name, "slug": name})
			}, func(t *testing.T) {
				if o := s.client.Organization.Query().Where(organization.Slug(name)).WithMembers().OnlyX(t.Context()); len(o.Edges.Members) != 1 {
					t.Errorf("%d members", len(o.Edges.Members))
				}
			}
	}},
	{name: "last owner", many: 2, wins: 1, lost: 400, prepare: func(t *testing.T, s *server, name string) (func(int) int, func(*testing.T)) {
		a, b := s.signUp(t, name), s.signUp(t, name+"-b")
		org := acme(t, a, name)
		b.accept(t, a.invite(t, org, name+"-b", "owner"))
		return func(i int) int {
				return []*browser{a, b}[i].status(t, "POST", "/organization/leave", object{"organizationId": org})
			}, func(t *testing.T) {
				if m := s.client.Member.Query().Where(member.OrganizationID(org)).OnlyX(t.Context()); m.Role != "owner" {
					t.Errorf("the member who stays is %s", m.Role)
				}
			}
	}},
	{name: "remaining", many: 20, wins: 5, lost: 429, prepare: func(t *testing.T, s *server, name string) (func(int) int, func(*testing.T)) {
		key := s.newKey(t, authent.CreateAPIKeyInput{UserID: s.signUp(t, name).userID(t), Remaining: ptr(5), RefillAmount: ptr(100), RefillInterval: ptr(1 << 30), RateLimitEnabled: ptr(false)})
		return func(int) int { return s.withKey(key.Key).status(t, "GET", "/get-session", nil) }, func(t *testing.T) {
			if row := s.client.APIKey.GetX(t.Context(), key.ID); *row.Remaining != 0 {
				t.Errorf("remaining %d, want 0", *row.Remaining)
			}
		}
	}},
	{name: "limit of a key", many: 20, wins: 5, lost: 429, prepare: func(t *testing.T, s *server, name string) (func(int) int, func(*testing.T)) {
		key := s.newKey(t, authent.CreateAPIKeyInput{UserID: s.signUp(t, name).userID(t), RateLimitMax: ptr(5)})
		return func(int) int { return s.withKey(key.Key).status(t, "GET", "/get-session", nil) }, func(t *testing.T) {
			if row := s.client.APIKey.GetX(t.Context(), key.ID); row.RequestCount != 5 {
				t.Errorf("requestCount %d, want 5", row.RequestCount)
			}
		}
	}},
	{name: "limit in memory", many: 20, wins: 5, lost: 429, prepare: func(t *testing.T, s *server, _ string) (func(int) int, func(*testing.T)) {
		limited := serve(t, s.client.AuthStore(), func(c *authent.Config) { c.RateLimit = fiveOK(false) })
		return func(int) int { return limited.browser().status(t, "GET", "/ok", nil) }, func(*testing.T) {}
	}},
	{name: "limit in the database", many: 20, wins: 5, lost: 429, prepare: func(t *testing.T, s *server, _ string) (func(int) int, func(*testing.T)) {
		processes := []*server{serve(t, s.client.AuthStore(), func(c *authent.Config) { c.RateLimit = fiveOK(true) }), serve(t, s.client.AuthStore(), func(c *authent.Config) { c.RateLimit = fiveOK(true) })}
		return func(i int) int { return processes[i%2].browser().status(t, "GET", "/ok", nil) }, func(*testing.T) {}
	}},
	{name: "first key that signs", many: 12, wins: 12, prepare: func(t *testing.T, s *server, _ string) (func(int) int, func(*testing.T)) {
		s.client.JWKS.Delete().ExecX(t.Context())
		processes := make([]*server, 3)
		for i := range processes {
			processes[i] = serve(t, s.client.AuthStore(), func(c *authent.Config) { c.BaseURL = s.url })
		}
		return func(i int) int {
				_, err := processes[i%3].auth.SignJWT(context.WithoutCancel(t.Context()), authent.SignJWTInput{})
				if err != nil {
					t.Error(err)
					return 0
				}
				return 200
			}, func(t *testing.T) {
				if n := s.client.JWKS.Query().CountX(t.Context()); n != 1 {
					t.Errorf("%d keys, want one", n)
				}
			}
	}},
	{name: "last way to sign in", many: 2, wins: 1, lost: 400, prepare: func(t *testing.T, s *server, name string) (func(int) int, func(*testing.T)) {
		b := s.signUp(t, name)
		id := b.userID(t)
		s.client.Account.Create().SetProviderID("gitlab").SetAccountID(name).SetUserID(id).SetUpdatedAt(s.clock.Now()).SaveX(t.Context())
		return func(i int) int {
				return b.copyOf().status(t, "POST", "/unlink-account", object{"providerId": []string{"gitlab", "credential"}[i]})
			}, func(t *testing.T) {
				if n := s.client.Account.Query().Where(account.UserID(id)).CountX(t.Context()); n != 1 {
					t.Errorf("%d accounts, want one", n)
				}
			}
	}},
}

// fiveOK lets five requests to /ok through.
func fiveOK(database bool) authent.RateLimitConfig {
	return authent.RateLimitConfig{Enabled: ptr(true), Database: database, Rules: []authent.RateLimitRule{{Path: "/ok", Exact: true, Max: 5, Window: time.Minute}}}
}

// What may happen once happens once, on each database, with one connection and with twenty (ASVS 5.0, 15.4.2).
func TestRaces(t *testing.T) {
	t.Parallel()
	g := newGitLab(t)
	for _, d := range pooled {
		for _, connections := range []int{1, 20} {
			t.Run(fmt.Sprintf("%s/%d", d.name, connections), func(t *testing.T) {
				t.Parallel()
				s := newServer(t, d.open(t, connections), flowDefault.with(g))
				for i, c := range contests {
					t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
						act, after := c.prepare(t, s, fmt.Sprintf("c%d", i))
						statuses := race(c.many, act)
						won := count(statuses, http.StatusOK) + count(statuses, http.StatusFound)
						if won != c.wins || count(statuses, c.lost) != c.many-c.wins {
							t.Errorf("statuses %v, want %d times success and else %d", statuses, c.wins, c.lost)
						}
						after(t)
					})
				}
			})
		}
	}
}
