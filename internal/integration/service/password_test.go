package service_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent/account"
)

func TestChangePassword(t *testing.T) {
	onEach(t, realHashes, func(t *testing.T, s *server) {
		b, other := s.signUp(t, "ann"), s.signIn(t, "ann")
		s.browser().post(t, "/change-password", object{"currentPassword": "x", "newPassword": "password-2"}).refused(t, 401, "UNAUTHORIZED")
		b.post(t, "/change-password", object{"newPassword": "password-2"}).is(t, 400,
			`{"message":"[body.currentPassword] Invalid input: expected string, received undefined","code":"VALIDATION_ERROR"}`)
		b.post(t, "/change-password", object{"currentPassword": "wrong-one", "newPassword": "password-2"}).refused(t, 400, "INVALID_PASSWORD")
		b.post(t, "/change-password", object{"currentPassword": password, "newPassword": "short"}).refused(t, 400, "PASSWORD_TOO_SHORT")
		b.post(t, "/change-password", object{"currentPassword": password, "newPassword": strings.Repeat("x", 129)}).refused(t, 400, "PASSWORD_TOO_LONG")

		// Left out, revokeOtherSessions ends the others and keeps this one.
		changed := b.post(t, "/change-password", object{"currentPassword": password, "newPassword": "password-2"}).ok(t)
		if changed.field(t, "token") != "" || changed.field(t, "user.email") != "ann@example.com" || changed.cookie("session_token") != nil {
			t.Errorf("answer = %s", changed.body)
		}
		if !b.signedIn(t) || other.signedIn(t) {
			t.Error("the others must end, and this one go on")
		}
		s.browser().post(t, "/sign-in/email", object{"email": "ann@example.com", "password": password}).refused(t, 401, "INVALID_EMAIL_OR_PASSWORD")

		third := s.browser()
		third.post(t, "/sign-in/email", object{"email": "ann@example.com", "password": "password-2"}).ok(t)
		b.post(t, "/change-password", object{"currentPassword": "password-2", "newPassword": "password-3", "revokeOtherSessions": false}).ok(t)
		if !third.signedIn(t) {
			t.Error("revokeOtherSessions false ended a session")
		}
		before := b.get(t, "/get-session").field(t, "session.token")
		renewed := b.post(t, "/change-password", object{"currentPassword": "password-3", "newPassword": "password-4", "revokeOtherSessions": true}).ok(t)
		token := renewed.field(t, "token")
		if token == "" || token == before || renewed.cookie("session_token") == nil || !strings.HasPrefix(renewed.header.Get("Set-Auth-Token"), token+".") {
			t.Errorf("answer = %s, cookies %v", renewed.body, renewed.cookies)
		}
		if !b.signedIn(t) || third.signedIn(t) {
			t.Error("the new session must work, and the other have ended")
		}

		b.post(t, "/verify-password", object{"password": "password-4"}).is(t, 200, `{"status":true}`)
		b.post(t, "/verify-password", object{"password": "nope-nope"}).refused(t, 400, "INVALID_PASSWORD")
		s.browser().post(t, "/verify-password", object{"password": "x"}).refused(t, 401, "UNAUTHORIZED")
	})
}

// TestChangePasswordKeepsSessions: the config can say what the TypeScript side does.
func TestChangePasswordKeepsSessions(t *testing.T) {
	onEach(t, func(c *authent.Config) { c.Password.KeepSessionsOnChange = true }, func(t *testing.T, s *server) {
		b, other := s.signUp(t, "ann"), s.signIn(t, "ann")
		b.post(t, "/change-password", object{"currentPassword": password, "newPassword": "password-2"}).ok(t)
		if !b.signedIn(t) || !other.signedIn(t) {
			t.Error("a session ended")
		}
		b.post(t, "/change-password", object{"currentPassword": "password-2", "newPassword": "password-3", "revokeOtherSessions": true}).ok(t)
		if !b.signedIn(t) || other.signedIn(t) {
			t.Error("the new session must work, and the other have ended")
		}
	})
}

// Of changes at the same time from one password, one is done.
func TestRaceChangePassword(t *testing.T) {
	onEach(t, realHashes, func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		statuses := race(5, func(int) int {
			a, err := b.try(http.MethodPost, "/change-password", object{"currentPassword": password, "newPassword": "password-2"})
			if err != nil {
				t.Error(err)
				return 0
			}
			return a.status
		})
		countStatus(t, statuses, 200, 1)
		countStatus(t, statuses, 400, 4)
	})
}

func TestSetPassword(t *testing.T) {
	onEach(t, realHashes, func(t *testing.T, s *server) {
		b := s.signUp(t, "ann")
		b.post(t, "/set-password", object{"newPassword": "password-9"}).is(t, 404, "")
		id := s.identity(t, "ann@example.com")
		ctx := s.auth.WithIdentity(t.Context(), id)
		if _, err := s.auth.SetPassword(ctx, authent.SetPasswordInput{NewPassword: "password-9"}); err == nil || !strings.Contains(err.Error(), "PASSWORD_ALREADY_SET") {
			t.Errorf("with a password: %v", err)
		}
		// A user who signs in elsewhere has none.
		must(s.client.Account.Delete().Where(account.UserID(id.User.ID)).Exec(t.Context()))(t)
		results := race(4, func(int) error {
			_, err := s.auth.SetPassword(ctx, authent.SetPasswordInput{NewPassword: "password-9"})
			return err
		})
		done := 0
		for _, err := range results {
			if err == nil {
				done++
			}
		}
		if n := must(s.client.Account.Query().Where(account.UserID(id.User.ID)).Count(t.Context()))(t); done != 1 || n != 1 {
			t.Errorf("%d of 4 set the password, and there are %d accounts: %v", done, n, results)
		}
		s.browser().post(t, "/sign-in/email", object{"email": "ann@example.com", "password": "password-9"}).ok(t)
	})
}

// countStatus fails the test unless n statuses are of a value.
func countStatus(t *testing.T, statuses []int, status, n int) {
	t.Helper()
	got := 0
	for _, s := range statuses {
		if s == status {
			got++
		}
	}
	if got != n {
		t.Errorf("statuses = %v, want %d times %d", statuses, n, status)
	}
}
