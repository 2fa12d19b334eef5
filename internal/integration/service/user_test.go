package service_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent/account"
	"github.com/agentuity/auth-go/ent/session"
)

func TestUpdateUser(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		updated := b.post(t, "/update-user", object{"name": "Alice", "image": "https://x.test/i.png"}).is(t, 200, `{"status":true}`)
		if c := updated.cookie("session_token"); c == nil || c.MaxAge != 604800 || updated.header.Get("Set-Auth-Token") == "" {
			t.Errorf("cookie = %v", c)
		}
		shown := b.get(t, "/get-session")
		if shown.field(t, "user.name") != "Alice" || shown.field(t, "user.image") != "https://x.test/i.png" {
			t.Errorf("user = %s", shown.body)
		}
		b.post(t, "/update-user", object{"image": nil}).is(t, 200, `{"status":true}`)
		if got := b.get(t, "/get-session").field(t, "user.image"); got != "" {
			t.Errorf("image = %q", got)
		}
		b.post(t, "/update-user", object{"email": "x@y.zz"}).is(t, 400, `{"message":"Email can not be updated","code":"EMAIL_CAN_NOT_BE_UPDATED"}`)
		b.post(t, "/update-user", object{}).is(t, 400, `{"message":"No fields to update"}`)
		b.post(t, "/update-user", object{"emailVerified": true, "role": "admin", "id": "x"}).is(t, 400, `{"message":"No fields to update"}`)
		b.post(t, "/update-user", []any{}).is(t, 400, `{"message":"[body] Invalid input: expected record, received array","code":"VALIDATION_ERROR"}`)
		s.browser().post(t, "/update-user", object{"name": "x"}).refused(t, 401, "UNAUTHORIZED")

		// What the TypeScript side stores as text, or fails on.
		for _, name := range []any{nil, 5, true, object{"a": 1}, []any{"x"}, "a\x00b"} {
			b.post(t, "/update-user", object{"name": name}).refused(t, 400, "VALIDATION_ERROR")
		}
		for _, image := range []any{"javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "data:text/html,x", "data:image/svg+xml,x", 5} {
			b.post(t, "/update-user", object{"image": image}).refused(t, 400, "VALIDATION_ERROR")
			s.browser().post(t, "/sign-up/email", object{"name": "x", "email": "x@example.com", "password": password, "image": image}).refused(t, 400, "VALIDATION_ERROR")
		}
		shown = b.get(t, "/get-session")
		if shown.field(t, "user.name") != "Alice" || shown.field(t, "user.emailVerified") != "false" {
			t.Errorf("user = %s", shown.body)
		}
	})
}

func TestUpdateSession(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		ann := s.identity(t, "ann@example.com")
		b.post(t, "/update-session", object{"foo": 1}).is(t, 400, `{"message":"No fields to update"}`)
		b.post(t, "/update-session", object{"userId": "x", "token": "x", "expiresAt": "2099-01-01"}).is(t, 400, `{"message":"No fields to update"}`)
		s.browser().post(t, "/update-session", object{"foo": 1}).refused(t, 401, "UNAUTHORIZED")

		// An organization that does not exist, one of others, one's own.
		mine := s.client.Organization.Create().SetName("Mine").SetSlug("mine").SaveX(t.Context())
		s.client.Member.Create().SetOrganizationID(mine.ID).SetUserID(ann.User.ID).SetRole("member").SaveX(t.Context())
		foreign := s.client.Organization.Create().SetName("Foreign").SetSlug("foreign").SaveX(t.Context())
		for _, id := range []string{"any-org", foreign.ID, ""} {
			b.post(t, "/update-session", object{"activeOrganizationId": id}).refused(t, 403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
		}
		b.post(t, "/update-session", object{"activeOrganizationId": 5}).refused(t, 400, "VALIDATION_ERROR")
		if got := b.get(t, "/get-session").field(t, "session.activeOrganizationId"); got != "" {
			t.Errorf("the active organization is %q", got)
		}
		updated := b.post(t, "/update-session", object{"activeOrganizationId": mine.ID}).ok(t)
		if updated.field(t, "session.activeOrganizationId") != mine.ID || updated.cookie("session_token") == nil {
			t.Errorf("answer = %s", updated.body)
		}
		if got := b.get(t, "/get-session").field(t, "session.activeOrganizationId"); got != mine.ID {
			t.Errorf("the active organization is %q", got)
		}
		b.post(t, "/update-session", object{"activeOrganizationId": nil}).ok(t)
		if got := b.get(t, "/get-session").field(t, "session.activeOrganizationId"); got != "" {
			t.Errorf("the active organization is %q", got)
		}
	})
}

func TestDeleteUserByMail(t *testing.T) {
	byMail := func(c *authent.Config) { c.DeleteUser = authent.DeleteUserConfig{Enabled: true, ByMail: true} }
	onEach(t, byMail, func(t *testing.T, s *server) {
		b, other := s.signUp(t, "ann"), s.signUp(t, "bea")
		s.browser().post(t, "/delete-user", object{}).refused(t, 401, "UNAUTHORIZED")
		b.post(t, "/delete-user", object{"password": "wrong-pass"}).is(t, 400, `{"message":"Invalid password","code":"INVALID_PASSWORD"}`)
		b.post(t, "/delete-user", object{"callbackURL": "/bye"}).is(t, 200, `{"success":true,"message":"Verification email sent"}`)
		m := s.mail.last(t, authent.MailDeleteUser, "ann@example.com")
		if want := s.url + "/api/auth/delete-user/callback?token=" + m.Token + "&callbackURL=%2Fbye"; m.URL != want || len(m.Token) != 32 {
			t.Errorf("link = %s, want %s", m.URL, want)
		}
		b.get(t, "/delete-user/callback?token=nope").is(t, 404, `{"message":"Invalid token","code":"INVALID_TOKEN"}`)
		s.browser().get(t, m.URL).is(t, 404, `{"message":"Failed to get user info","code":"FAILED_TO_GET_USER_INFO"}`)
		other.get(t, m.URL).is(t, 404, `{"message":"Invalid token","code":"INVALID_TOKEN"}`)
		b.get(t, "/delete-user/callback").refused(t, 400, "VALIDATION_ERROR")
		deleted := b.get(t, m.URL).redirects(t, "/bye")
		for _, name := range []string{"session_token", "session_data", "dont_remember"} {
			if c := deleted.cookie(name); c == nil || c.MaxAge >= 0 {
				t.Errorf("the cookie %s is not cleared: %v", name, c)
			}
		}
		s.browser().post(t, "/sign-in/email", object{"email": "ann@example.com", "password": password}).refused(t, 401, "INVALID_EMAIL_OR_PASSWORD")

		other.post(t, "/delete-user", object{}).ok(t)
		late := s.mail.last(t, authent.MailDeleteUser, "bea@example.com").Token
		s.clock.advance(24*time.Hour + time.Second)
		other.post(t, "/delete-user", object{"token": late}).refused(t, 404, "INVALID_TOKEN")
		other.post(t, "/delete-user", object{}).ok(t)
		other.post(t, "/delete-user", object{"token": s.mail.last(t, authent.MailDeleteUser, "bea@example.com").Token}).
			is(t, 200, `{"success":true,"message":"User deleted"}`)
		if other.signedIn(t) {
			t.Error("the session outlived its user")
		}
	})
}

func TestDeleteUserAtOnce(t *testing.T) {
	atOnce := func(c *authent.Config) { c.DeleteUser.Enabled = true }
	onEach(t, atOnce, func(t *testing.T, s *server) {
		old, fresh := s.signUp(t, "ann"), s.signUp(t, "bea")
		fresh.post(t, "/delete-user", object{}).is(t, 200, `{"success":true,"message":"User deleted"}`)
		s.clock.advance(25 * time.Hour)
		// That the session is used, or changed, does not make it fresh.
		old.post(t, "/update-user", object{"name": "Alice"}).ok(t)
		old.post(t, "/update-session", object{"activeOrganizationId": nil}).ok(t)
		old.post(t, "/delete-user", object{}).is(t, 400, `{"message":"Session expired. Re-authenticate to perform this action.","code":"SESSION_EXPIRED"}`)
		deleted := old.post(t, "/delete-user", object{"password": password}).is(t, 200, `{"success":true,"message":"User deleted"}`)
		if deleted.cookie("session_token") == nil {
			t.Error("the cookies are not cleared")
		}
		if n := must(s.client.User.Query().Count(t.Context()))(t) + must(s.client.Account.Query().Count(t.Context()))(t); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// GHSA-2vg6-77g8-24mp: nothing of a deleted user goes on.
func TestGHSA_2vg6_NothingOutlivesItsUser(t *testing.T) {
	atOnce := func(c *authent.Config) { c.DeleteUser.Enabled = true }
	onEach(t, atOnce, func(t *testing.T, s *server) {
		b, elsewhere := s.signUp(t, "ann"), s.signIn(t, "ann")
		id := s.identity(t, "ann@example.com")
		token := elsewhere.get(t, "/get-session").field(t, "session.token")
		s.client.APIKey.Create().SetKey("hash").SetUserID(id.User.ID).SetReferenceID(id.User.ID).SaveX(t.Context())
		reset, _ := s.requestReset(t, "ann@example.com", "")
		b.post(t, "/delete-user", object{"password": password}).ok(t)
		bearer := s.browser()
		bearer.header.Set("Authorization", "Bearer "+token)
		if b.signedIn(t) || elsewhere.signedIn(t) || bearer.signedIn(t) {
			t.Error("a session outlived its user")
		}
		s.browser().post(t, "/reset-password", object{"newPassword": "password-2", "token": reset}).refused(t, 400, "INVALID_TOKEN")
		left := must(s.client.Session.Query().Count(t.Context()))(t) + must(s.client.APIKey.Query().Count(t.Context()))(t) +
			must(s.client.Verification.Query().Count(t.Context()))(t)
		if left != 0 {
			t.Errorf("%d rows are left", left)
		}
	})
}

// The only owner of an organization with other members cannot go; of two owners at the same time, one can.
func TestDeleteUserKeepsAnOwner(t *testing.T) {
	atOnce := func(c *authent.Config) { c.DeleteUser.Enabled = true }
	onEach(t, atOnce, func(t *testing.T, s *server) {
		ann, bea, cid := s.signUp(t, "ann"), s.signUp(t, "bea"), s.signUp(t, "cid")
		org := s.client.Organization.Create().SetName("Org").SetSlug("org").SaveX(t.Context())
		own := s.client.Organization.Create().SetName("Own").SetSlug("own").SaveX(t.Context())
		for _, m := range []struct{ org, user, role string }{
			{own.ID, "ann", "owner"}, {org.ID, "ann", "owner"}, {org.ID, "bea", "admin,owner"}, {org.ID, "cid", "member"},
		} {
			s.client.Member.Create().SetOrganizationID(m.org).SetUserID(s.identity(t, m.user+"@example.com").User.ID).SetRole(m.role).SaveX(t.Context())
		}
		statuses := race(2, func(i int) int {
			a, err := []*browser{ann, bea}[i].try(http.MethodPost, "/delete-user", object{})
			if err != nil {
				t.Error(err)
				return 0
			}
			return a.status
		})
		countStatus(t, statuses, 200, 1)
		countStatus(t, statuses, 400, 1)
		if !ann.signedIn(t) {
			ann = bea
		}
		ann.post(t, "/delete-user", object{}).refused(t, 400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER")
		cid.post(t, "/delete-user", object{}).ok(t)
		ann.post(t, "/delete-user", object{}).ok(t)
	})
}

// GHSA-7w99-5wm4-3g79: of requests with one link at the same time, one deletes.
func TestGHSA_7w99_DeleteLinkRace(t *testing.T) {
	byMail := func(c *authent.Config) { c.DeleteUser = authent.DeleteUserConfig{Enabled: true, ByMail: true} }
	onEach(t, byMail, func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		b.post(t, "/delete-user", object{}).ok(t)
		link := s.mail.last(t, authent.MailDeleteUser, "ann@example.com").URL
		cookies := b.cookies
		statuses := race(6, func(int) int {
			same := s.browser()
			same.cookies = map[string]string{}
			for name, value := range cookies {
				same.cookies[name] = value
			}
			a, err := same.try(http.MethodGet, link, nil)
			if err != nil {
				t.Error(err)
				return 0
			}
			return a.status
		})
		countStatus(t, statuses, 302, 1)
		countStatus(t, statuses, 404, 5)
	})
}

func TestAccounts(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		s.browser().get(t, "/list-accounts").refused(t, 401, "UNAUTHORIZED")
		id := s.identity(t, "ann@example.com").User.ID
		var listed []map[string]any
		b.get(t, "/list-accounts").ok(t).decode(t, &listed)
		if len(listed) != 1 || listed[0]["providerId"] != "credential" || listed[0]["accountId"] != id || len(listed[0]) != 7 {
			t.Errorf("accounts = %v", listed)
		}
		b.post(t, "/unlink-account", object{"providerId": "credential"}).is(t, 400, `{"message":"You can't unlink your last account","code":"FAILED_TO_UNLINK_LAST_ACCOUNT"}`)
		s.clock.advance(time.Second)
		for _, accountID := range []string{"one", "two"} {
			s.client.Account.Create().SetProviderID("gitlab").SetAccountID(accountID).SetUserID(id).SetScope("read_user,email").
				SetAccessToken("secret").SetCreatedAt(s.clock.Now()).SetUpdatedAt(s.clock.Now()).SaveX(t.Context())
		}
		scopes := b.get(t, "/list-accounts").ok(t)
		scopes.decode(t, &listed)
		if got := listed[1]["scopes"].([]any); len(listed) != 3 || len(got) != 2 || got[0] != "read_user" {
			t.Errorf("accounts = %s", scopes.body)
		}
		b.post(t, "/unlink-account", object{"providerId": "github"}).is(t, 400, `{"message":"Account not found","code":"ACCOUNT_NOT_FOUND"}`)
		b.post(t, "/unlink-account", object{"providerId": "gitlab", "accountId": "two"}).is(t, 200, `{"status":true}`)
		if n := must(s.client.Account.Query().Where(account.AccountID("two")).Count(t.Context()))(t); n != 0 {
			t.Error("the account is still there")
		}

		// Of two requests for the last two accounts at the same time, one is done.
		statuses := race(2, func(i int) int {
			a, err := b.try(http.MethodPost, "/unlink-account", object{"providerId": []string{"gitlab", "credential"}[i]})
			if err != nil {
				t.Error(err)
				return 0
			}
			return a.status
		})
		countStatus(t, statuses, 200, 1)
		countStatus(t, statuses, 400, 1)

		s.clock.advance(25 * time.Hour)
		b.post(t, "/update-user", object{"name": "Alice"}).ok(t)
		b.post(t, "/unlink-account", object{"providerId": "gitlab"}).is(t, 403, `{"message":"Session is not fresh","code":"SESSION_NOT_FRESH"}`)
	})
}

func TestSessions(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b, second, third, stranger := s.signUp(t, "ann"), s.signIn(t, "ann"), s.signIn(t, "ann"), s.signUp(t, "bea")
		for _, path := range []string{"/revoke-session", "/revoke-sessions", "/revoke-other-sessions"} {
			s.browser().post(t, path, object{"token": "x"}).refused(t, 401, "UNAUTHORIZED")
		}
		s.browser().get(t, "/list-sessions").refused(t, 401, "UNAUTHORIZED")
		b.post(t, "/revoke-session", object{}).is(t, 400, `{"message":"[body.token] Invalid input: expected string, received undefined","code":"VALIDATION_ERROR"}`)
		b.post(t, "/revoke-session", object{"token": "nope"}).is(t, 200, `{"status":true}`)

		var listed []map[string]any
		b.get(t, "/list-sessions").ok(t).decode(t, &listed)
		own := b.get(t, "/get-session").field(t, "session.token")
		tokens := map[string]bool{own: true}
		for _, other := range []*browser{second, third} {
			tokens[other.get(t, "/get-session").field(t, "session.token")] = true
		}
		if len(listed) != 3 || len(listed[0]) != 9 {
			t.Fatalf("sessions = %v", listed)
		}
		for _, session := range listed {
			shown := session["token"].(string)
			if shown != own && tokens[shown] {
				t.Errorf("the token of another session is shown: %s", shown)
			}
			bearer := s.browser()
			bearer.header.Set("Authorization", "Bearer "+shown)
			if signedIn := bearer.signedIn(t); signedIn != (shown == own) {
				t.Errorf("what is shown as token signs in: %t", signedIn)
			}
		}
		// What is shown revokes, and so does the token itself; that of a stranger does nothing.
		strangers := stranger.get(t, "/get-session").field(t, "session.token")
		b.post(t, "/revoke-session", object{"token": strangers}).is(t, 200, `{"status":true}`)
		b.post(t, "/revoke-session", object{"token": s.identity(t, "bea@example.com").Session.ID}).is(t, 200, `{"status":true}`)
		if !stranger.signedIn(t) {
			t.Error("GHSA-4vcf-q4xf-f48m: a stranger's session was revoked")
		}
		for _, session := range listed {
			if shown := session["token"].(string); shown != own {
				b.post(t, "/revoke-session", object{"token": shown}).is(t, 200, `{"status":true}`)
				break
			}
		}
		if second.signedIn(t) == third.signedIn(t) {
			t.Error("one of the two sessions must have been revoked")
		}
		fourth := s.signIn(t, "ann")
		b.post(t, "/revoke-session", object{"token": fourth.get(t, "/get-session").field(t, "session.token")}).ok(t)
		if fourth.signedIn(t) {
			t.Error("the session was not revoked by its token")
		}
		b.post(t, "/revoke-sessions", object{}).is(t, 200, `{"status":true}`)
		if b.signedIn(t) || second.signedIn(t) || third.signedIn(t) {
			t.Error("a session goes on")
		}
	})
}

// TestListTokens: with the tokens in the list, a session of it can be ended on a server of the TypeScript side too.
func TestListTokens(t *testing.T) {
	onEach(t, func(c *authent.Config) { c.Session.ListTokens = true }, func(t *testing.T, s *server) {
		b, other := s.signUp(t, "ann"), s.signIn(t, "ann")
		var listed []map[string]any
		b.get(t, "/list-sessions").ok(t).decode(t, &listed)
		token := other.get(t, "/get-session").field(t, "session.token")
		if len(listed) != 2 || listed[0]["token"] != token && listed[1]["token"] != token {
			t.Errorf("sessions = %v, want one with the token of the other session", listed)
		}
		b.post(t, "/revoke-session", object{"token": token}).ok(t)
		if other.signedIn(t) || !b.signedIn(t) {
			t.Error("the other session must have ended, and this one go on")
		}
	})
}

// The TypeScript side lists, and revokes, the first hundred sessions.
func TestMoreThanAHundredSessions(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		id := s.identity(t, "ann@example.com").User.ID
		for i := range 130 {
			s.client.Session.Create().SetToken(string(rune('A'+i%26)) + string(rune('A'+i/26)) + "0123456789").SetUserID(id).
				SetExpiresAt(s.clock.Now().Add(time.Hour)).SetUpdatedAt(s.clock.Now()).SaveX(t.Context())
		}
		var listed []map[string]any
		b.get(t, "/list-sessions").ok(t).decode(t, &listed)
		if len(listed) != 131 {
			t.Errorf("%d of 131 sessions are listed", len(listed))
		}
		b.post(t, "/revoke-other-sessions", object{}).is(t, 200, `{"status":true}`)
		if n := must(s.client.Session.Query().Where(session.UserID(id)).Count(t.Context()))(t); n != 1 || !b.signedIn(t) {
			t.Errorf("%d sessions are left, want this one", n)
		}
	})
}
