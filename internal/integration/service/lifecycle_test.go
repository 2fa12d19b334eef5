package service_test

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent/session"
)

// GHSA-2vg6-77g8-24mp: nothing of a user who is deleted goes on, in any store and cache: cookies, bearer tokens, API keys, new JSON
// Web Tokens, links, and the copies in a storage, also where the row was deleted without the service.
func TestGHSA_2vg6_NothingOutlivesItsUserInAnyStore(t *testing.T) {
	storage := map[string]*memory{}
	t.Parallel()
	for _, d := range databases {
		for _, by := range []string{"the user", "the app"} {
			storage[d.name+by] = newMemory()
			t.Run(d.name+"/deleted by "+by, func(t *testing.T) {
				t.Parallel()
				kept := storage[d.name+by]
				s := newServer(t, d.open(t), func(c *authent.Config) { c.Session.Storage, c.DeleteUser.Enabled = kept, true })
				b, other := s.signUp(t, "ann"), s.signIn(t, "ann")
				id := b.userID(t)
				key := s.newKey(t, authent.CreateAPIKeyInput{UserID: id, RateLimitEnabled: ptr(false)})
				token := other.get(t, "/get-session").field(t, "session.token")
				reset, _ := s.requestReset(t, "ann@example.com", "")
				b.post(t, "/send-verification-email", object{"email": "ann@example.com"}).ok(t)
				verify := s.mail.last(t, authent.MailVerifyEmail, "ann@example.com").Token
				s.withKey(key.Key).get(t, "/get-session").ok(t)
				other.get(t, "/token").ok(t)
				if by == "the user" {
					b.post(t, "/delete-user", object{"password": password}).ok(t)
				} else {
					s.client.User.DeleteOneID(id).ExecX(t.Context())
					s.clock.advance(2 * time.Minute) // A copy that only the storage has is of the other side's making; see docs/auth.md.
					for _, name := range []string{token, b.get(t, "/get-session").field(t, "session.token")} {
						check(t, kept.Delete(t.Context(), name))
					}
				}
				bearer := s.browser()
				bearer.header.Set("Authorization", "Bearer "+token)
				for name, dead := range map[string]*browser{"cookie": b, "other cookie": other, "bearer": bearer} {
					if dead.signedIn(t) {
						t.Errorf("%s: signed in", name)
					}
					dead.get(t, "/token").refused(t, 401, "UNAUTHORIZED")
				}
				s.withKey(key.Key).get(t, "/get-session").refused(t, 401, "INVALID_API_KEY")
				s.browser().post(t, "/reset-password", object{"newPassword": "password-2", "token": reset}).refused(t, 400, "INVALID_TOKEN")
				s.browser().get(t, "/verify-email?token="+verify).refused(t, 401, "USER_NOT_FOUND")
				if by == "the user" && (kept.has(token) || kept.has("active-sessions-"+id)) {
					t.Error("the storage still has the session")
				}
			})
		}
	}
}

// Sessions end (ASVS 5.0, 7.3): without use after their lifetime, and one that is not to be remembered after a day however much it
// is used.
func TestSessionsEnd(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		used, idle := s.signUp(t, "ann"), s.signIn(t, "ann")
		brief := s.browser()
		a := brief.post(t, "/sign-in/email", object{"email": "ann@example.com", "password": password, "rememberMe": false}).ok(t)
		if c := a.cookie("session_token"); c == nil || c.MaxAge != 0 {
			t.Errorf("cookie %v, want one that ends with the browser", c)
		}
		for day := 1; day <= 8; day++ {
			s.clock.advance(23 * time.Hour)
			if !used.signedIn(t) {
				t.Fatalf("day %d: a session in use ended", day)
			}
			if signedIn := brief.signedIn(t); signedIn != (day == 1) {
				t.Fatalf("day %d: signed in %t, want a session of a day", day, signedIn)
			}
		}
		if idle.signedIn(t) {
			t.Error("a session without use goes on")
		}
		// The row of a session that has ended is gone, and with it what it was good for.
		if n := s.client.Session.Query().CountX(t.Context()); n != 1 {
			t.Errorf("%d sessions, want one", n)
		}
		s.clock.advance(6*24*time.Hour + 12*time.Hour)
		if !used.signedIn(t) {
			t.Error("half a day before its end a session ended")
		}
		row := s.client.Session.Query().OnlyX(t.Context())
		if got := row.ExpiresAt.Sub(s.clock.Now()); got != 7*24*time.Hour {
			t.Errorf("a session in use has %v left, want 7 days", got)
		}
	})
}

// GHSA-4vcf-q4xf-f48m: every endpoint that takes an id is attacked with those of others. This is the list of all such inputs; one
// that is new fails here until there is a test for it.
func TestGHSA_4vcf_AllInputsThatNameARow(t *testing.T) {
	organization := "TestGHSA_4vcf_IDsOfAnotherOrganization"
	attacked := map[string]string{
		"/revoke-session token": "TestSessions", "/update-session activeOrganizationId": "TestUpdateSession", "/unlink-account accountId": "TestGHSA_4vcf_AccountsOfOthers",
		"/get-access-token accountId": "TestGHSA_4vcf_AccountsOfOthers", "/refresh-token accountId": "TestGHSA_4vcf_AccountsOfOthers", "/account-info accountId": "TestGHSA_4vcf_AccountsOfOthers",
		"/delete-user token": "TestDeleteUserByMail", "/delete-user/callback token": "TestDeleteUserByMail", "/reset-password token": "TestGHSA_965c_TokensArePurposeBound",
		"/reset-password/:token token": "TestGHSA_965c_TokensArePurposeBound", "/verify-email token": "TestChangeEmailTokenIsOfItsUser", "/callback/:id id": "TestGHSA_wxw3_q3m9_c3jr_State",
		"/api-key/get id": "TestGHSA_4vcf_KeysOfOthers", "/api-key/update keyId": "TestGHSA_4vcf_KeysOfOthers", "/api-key/delete keyId": "TestGHSA_4vcf_KeysOfOthers", "/api-key/list organizationId": "TestAPIKeyEndpoints",
		"/organization/update organizationId": organization, "/organization/delete organizationId": organization, "/organization/set-active organizationId": organization,
		"/organization/get-full-organization organizationId": organization, "/organization/invite-member organizationId": organization, "/organization/cancel-invitation invitationId": organization,
		"/organization/accept-invitation invitationId": organization, "/organization/reject-invitation invitationId": organization, "/organization/get-invitation id": organization,
		"/organization/list-invitations organizationId": organization, "/organization/remove-member organizationId": organization, "/organization/remove-member memberIdOrEmail": organization,
		"/organization/update-member-role memberId": organization, "/organization/update-member-role organizationId": organization, "/organization/leave organizationId": organization,
		"/organization/list-members organizationId": organization, "/organization/get-active-member-role userId": organization, "/organization/get-active-member-role organizationId": organization,
		"/organization/has-permission organizationId": organization,
	}
	// What has the name of an id, and is none of a row.
	others := map[string]bool{
		"/unlink-account providerId": true, "/get-access-token providerId": true, "/refresh-token providerId": true, "/sign-in/social idToken": true, "/link-social idToken": true,
		"/api-key/create userId": true, "/api-key/update userId": true, "/api-key/list configId": true,
	}
	onEach(t, everything(t), func(t *testing.T, s *server) {
		found := map[string]bool{}
		for _, e := range s.auth.Endpoints() {
			if e.Input == nil {
				continue
			}
			for _, field := range reflect.VisibleFields(e.Input) {
				name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
				if lower := strings.ToLower(name); lower != "id" && lower != "token" && !strings.HasSuffix(name, "Id") && !strings.HasSuffix(name, "IdOrEmail") && !strings.HasSuffix(name, "Token") {
					continue
				}
				input := e.Path + " " + name
				if found[input] = true; attacked[input] == "" && !others[input] {
					t.Errorf("no test attacks %s", input)
				}
			}
		}
		// What is not in a struct: see UpdateSession.
		found["/update-session activeOrganizationId"] = true
		for input := range attacked {
			if !found[input] {
				t.Errorf("%s is no input (any more)", input)
			}
		}
	})
	for input, test := range attacked {
		if !testNames(t)[test] {
			t.Errorf("%s: there is no test %s", input, test)
		}
	}
}

// GHSA-4vcf-q4xf-f48m: accounts elsewhere of another user, by their id.
func TestGHSA_4vcf_AccountsOfOthers(t *testing.T) {
	g := newGitLab(t)
	onEach(t, withGitLab(g), func(t *testing.T, s *server) {
		victim := s.browser()
		victim.get(t, callback(victim.startSocial(t, "/sign-in/social"), code("7", "V", "victim@example.com", true))).redirects(t, "/welcome")
		with, without := s.browser(), s.signUp(t, "mallory")
		with.get(t, callback(with.startSocial(t, "/sign-in/social"), code("8", "M", "m@example.com", true))).redirects(t, "/welcome")
		before := s.rows(t, "")
		for _, b := range []*browser{with, without} {
			for _, body := range []object{{"providerId": "gitlab", "accountId": "7"}, {"providerId": "gitlab", "accountId": "7", "userId": victim.userID(t)}} {
				b.post(t, "/get-access-token", body).refused(t, 400, "ACCOUNT_NOT_FOUND")
				b.post(t, "/refresh-token", body).refused(t, 400, "ACCOUNT_NOT_FOUND")
				if a := b.post(t, "/unlink-account", body); a.status != 400 {
					t.Errorf("unlink = %d %s", a.status, a.body)
				}
			}
			b.get(t, "/account-info?accountId=7").refused(t, 400, "ACCOUNT_NOT_FOUND")
		}
		if after := s.rows(t, ""); after != before {
			t.Errorf("rows:\n%s", changed(before, after))
		}
		victim.post(t, "/get-access-token", object{"providerId": "gitlab", "accountId": "7"}).ok(t)
	})
}

// GHSA-392p-2q2v-4372: of refreshes at the same time the tokens of one were lost, or of an old one came back. What is stored after many
// is a pair that the provider issued together, and works.
func TestGHSA_392p_RaceRefresh(t *testing.T) {
	g := newGitLab(t)
	onEach(t, withGitLab(g), func(t *testing.T, s *server) {
		b := s.browser()
		b.get(t, callback(b.startSocial(t, "/sign-in/social"), code("7", "A", "a@example.com", true))).redirects(t, "/welcome")
		statuses := race(8, func(int) int {
			a, err := b.try(http.MethodPost, "/refresh-token", object{"providerId": "gitlab"})
			if err != nil {
				t.Error(err)
				return 0
			}
			return a.status
		})
		countStatus(t, statuses, http.StatusOK, 8)
		row := s.client.Account.Query().IncludeSecrets().OnlyX(t.Context())
		access, _, _ := strings.Cut(*row.AccessToken, ".")
		refresh, _, _ := strings.Cut(*row.RefreshToken, ".")
		if strings.TrimPrefix(access, "at") != strings.TrimPrefix(refresh, "rt") {
			t.Errorf("the tokens %s and %s were not issued together", access, refresh)
		}
		b.post(t, "/refresh-token", object{"providerId": "gitlab"}).ok(t)
	})
}

// RFC 9700, 2.1.1: a code works with the verifier of the sign-in that it was made for alone.
func TestPKCE(t *testing.T) {
	g := newGitLab(t)
	onEach(t, withGitLab(g), func(t *testing.T, s *server) {
		start := func(b *browser) (state, code string) {
			t.Helper()
			u := must(url.Parse(b.post(t, "/sign-in/social", object{"provider": "gitlab", "newUserCallbackURL": "/welcome", "errorCallbackURL": "/oops"}).ok(t).field(t, "url")))(t)
			return u.Query().Get("state"), profileCode + "~" + u.Query().Get("code_challenge")
		}
		victim, attacker := s.browser(), s.browser()
		_, stolen := start(victim)
		state, _ := start(attacker)
		attacker.get(t, callback(state, stolen)).redirects(t, "/oops?error=invalid_code")
		if attacker.signedIn(t) {
			t.Error("signed in with the code of another sign-in")
		}
		state, own := start(attacker)
		attacker.get(t, callback(state, own)).redirects(t, "/welcome")
	})
}

// profileCode is the code of somebody.
var profileCode = code("7", "A", "a@example.com", true)

// A session that the user ended elsewhere, and every other one after a change of the password, is over at the next request, whatever
// the middleware.
func TestRevocationIsImmediate(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b, other := s.signUp(t, "ann"), s.signIn(t, "ann")
		cookie := map[string]string{"Cookie": cookieName + "=" + other.cookies[cookieName]}
		says(t, request(s.auth.RequireSession()(whoami), cookie), 200, "session ann")
		b.post(t, "/revoke-other-sessions", object{}).ok(t)
		says(t, request(s.auth.RequireSession()(whoami), cookie), 401, `{"error":"Unauthorized"}`)
		other = s.signIn(t, "ann")
		b.post(t, "/change-password", object{"currentPassword": password, "newPassword": "password-2"}).ok(t)
		if other.signedIn(t) || !b.signedIn(t) {
			t.Error("another session outlived the change of the password")
		}
		s.client.Session.Delete().Where(session.HasUser()).ExecX(t.Context())
		if b.signedIn(t) {
			t.Error("a session outlived its row")
		}
	})
}
