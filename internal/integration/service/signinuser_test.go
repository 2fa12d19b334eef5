package service_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent/account"
)

// A way to sign in that the app adds: the session is like any other, with hooks and cookies.
func TestSignInUser(t *testing.T) {
	onEach(t, func(c *authent.Config) {
		c.Hooks.BeforeSessionCreate = func(_ context.Context, user *authent.User, session *authent.Session) error {
			if user.Name == "banned" {
				return authent.ErrUnauthorized
			}
			hooked := "hooked"
			session.UserAgent = &hooked
			return nil
		}
	}, func(t *testing.T, s *server) {
		ctx := t.Context()
		ada := must(s.client.User.Create().SetName("Ada").SetEmail("ada@example.com").Save(ctx))(t)
		banned := must(s.client.User.Create().SetName("banned").SetEmail("banned@example.com").Save(ctx))(t)
		w := httptest.NewRecorder()
		out := must(s.auth.SignInUser(s.auth.RequestContext(w, httptest.NewRequest(http.MethodPost, "/", nil)), ada.ID))(t)
		if out.User.ID != ada.ID || out.Session.UserID != ada.ID || *out.Session.UserAgent != "hooked" {
			t.Errorf("%+v", out)
		}
		b := s.browser()
		for _, c := range w.Result().Cookies() {
			b.cookies[c.Name] = c.Value
		}
		if got := b.get(t, "/get-session").field(t, "user.email"); got != "ada@example.com" {
			t.Errorf("the cookies are of %q", got)
		}
		// Without a request there is a session, and no cookie.
		if out := must(s.auth.SignInUser(ctx, ada.ID))(t); out.Session.Token == "" {
			t.Error("no token")
		}
		for id, want := range map[string]error{"nobody": authent.ErrUserNotFound, banned.ID: authent.ErrUnauthorized} {
			w := httptest.NewRecorder()
			if _, err := s.auth.SignInUser(s.auth.RequestContext(w, httptest.NewRequest(http.MethodPost, "/", nil)), id); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", id, err, want)
			}
			if got := w.Header().Values("Set-Cookie"); got != nil {
				t.Errorf("%s: cookies %q", id, got)
			}
		}
	})
}

// reverse is a hasher of an app.
type reverse struct{}

func (reverse) Hash(_ context.Context, password string) (string, error) {
	if password == "cannot be hashed" {
		return "", errors.New("the hasher is broken")
	}
	return "reverse:" + password, nil
}

func (reverse) Verify(_ context.Context, hash, password string) (bool, error) {
	if hash == "reverse:broken" {
		return false, errors.New("the hasher is broken")
	}
	return hash == "reverse:"+password, nil
}

// The hashes of an app that comes from another system.
func TestPasswordHasher(t *testing.T) {
	onEach(t, func(c *authent.Config) { c.Password.Hasher = reverse{} }, func(t *testing.T, s *server) {
		b := s.signUp(t, "ada")
		stored := must(s.client.Account.Query().IncludeSecrets().Where(account.UserID(b.userID(t))).Only(t.Context()))(t)
		if stored.Password == nil || *stored.Password != "reverse:"+password {
			t.Errorf("the hash is %v", stored.Password)
		}
		signIn := func(email, password string) *answer {
			return s.browser().post(t, "/sign-in/email", object{"email": email, "password": password})
		}
		signIn("ada@example.com", password).ok(t)
		signIn("ada@example.com", "wrong-one").refused(t, 401, "INVALID_EMAIL_OR_PASSWORD")
		signIn("nobody@example.com", password).refused(t, 401, "INVALID_EMAIL_OR_PASSWORD")
		b.post(t, "/change-password", object{"currentPassword": password, "newPassword": "password-2"}).ok(t)
		signIn("ada@example.com", "password-2").ok(t)
		// A hasher that fails is never a wrong password.
		s.browser().post(t, "/sign-up/email", object{"name": "B", "email": "b@example.com", "password": "cannot be hashed"}).refused(t, 500, "INTERNAL_SERVER_ERROR")
		signIn("nobody@example.com", "cannot be hashed").refused(t, 500, "INTERNAL_SERVER_ERROR")
		stored.Update().SetPassword("reverse:broken").ExecX(t.Context())
		signIn("ada@example.com", password).refused(t, 500, "INTERNAL_SERVER_ERROR")
	})
}

func TestPasswordHasherConfig(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		_, err := authent.New(s.client.AuthStore(), authent.Config{
			Secret: secret, BaseURL: s.url, Password: authent.PasswordConfig{Argon2id: true, Hasher: reverse{}},
		})
		if err == nil || !strings.Contains(err.Error(), "Password: Argon2id and Hasher exclude each other") {
			t.Errorf("error %v", err)
		}
	})
}
