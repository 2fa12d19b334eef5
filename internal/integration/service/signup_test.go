package service_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/agentuity/auth-go/ent/user"
)

func TestSignUpSignInSignOut(t *testing.T) {
	onEach(t, realHashes, func(t *testing.T, s *server) {
		b := s.browser()
		signUp := b.post(t, "/sign-up/email", object{"name": "Ann", "email": "Ann@Example.com", "password": password}).ok(t)
		if got := signUp.field(t, "user.email"); got != "ann@example.com" {
			t.Errorf("email = %q", got)
		}
		if c := signUp.cookie("session_token"); c == nil || c.MaxAge != int((7*24*time.Hour).Seconds()) || !c.HttpOnly {
			t.Errorf("cookie = %v", c)
		}
		if !b.signedIn(t) {
			t.Error("sign-up did not sign in")
		}
		b.post(t, "/sign-out", object{}).is(t, http.StatusOK, `{"success":true}`)
		if b.signedIn(t) {
			t.Error("sign-out left the session")
		}
		b.post(t, "/sign-in/email", object{"email": "ann@example.com", "password": "wrong horse"}).refused(t, 401, "INVALID_EMAIL_OR_PASSWORD")
		b.post(t, "/sign-in/email", object{"email": "ann@example.com", "password": password}).ok(t)
		if !b.signedIn(t) {
			t.Error("sign-in did not sign in")
		}
		s.clock.advance(8 * 24 * time.Hour)
		if b.signedIn(t) {
			t.Error("the session has no end")
		}
	})
}

// Two sign-ups with one address at the same time: one user, the other request is told.
func TestRaceTwoSignUpsWithOneEmail(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		statuses := race(6, func(int) int {
			a, err := s.browser().try(http.MethodPost, "/sign-up/email", object{"name": "Ann", "email": "ann@example.com", "password": password})
			if err != nil {
				t.Error(err)
				return 0
			}
			return a.status
		})
		counts := map[int]int{}
		for _, status := range statuses {
			counts[status]++
		}
		if counts[http.StatusOK] != 1 || counts[http.StatusUnprocessableEntity] != 5 {
			t.Errorf("statuses = %v, want one 200 and else 422", statuses)
		}
		users := must(s.client.User.Query().Where(user.Email("ann@example.com")).WithAccounts().All(t.Context()))(t)
		if len(users) != 1 || len(users[0].Edges.Accounts) != 1 {
			t.Errorf("users = %v, want one with one account", users)
		}
	})
}
