package authenttest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/authent/authenttest"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// open returns a service on a database of its own.
func open(t *testing.T, config authent.Config) (*authenttest.Auth, *ent.Client) {
	t.Helper()
	t.Parallel()
	return authenttest.Open(t, ent.OpenAuth, pgtest.New(t), config)
}

// send sends a request to a handler.
func send(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// says fails the test unless an answer has a status and a body.
func says(t *testing.T, w *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	if w.Code != status || strings.TrimSpace(w.Body.String()) != body {
		t.Errorf("%d %s, want %d %s", w.Code, w.Body, status, body)
	}
}

// whoami answers with whom a request acts for.
var whoami = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	id := authent.FromContext(r.Context())
	fmt.Fprintln(w, id.Method, ent.UserFromContext(r.Context()).Email)
})

func TestSignUp(t *testing.T) {
	auth, client := open(t, authent.Config{})
	ada := auth.SignUp(t, "Ada Lovelace")
	if ada.Email != "ada.lovelace@example.com" || !ada.EmailVerified || !ada.CreatedAt.Equal(auth.Clock.Now()) {
		t.Errorf("user %+v", ada.User)
	}
	if u := client.User.GetX(t.Context(), ada.ID); u.Name != "Ada Lovelace" || !u.EmailVerified {
		t.Errorf("row %v", u)
	}
	h := auth.RequireSession()(whoami)
	says(t, send(h, ada.Request(http.MethodGet, "/", nil)), 200, "session ada.lovelace@example.com")
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Authorization", ada.Bearer())
	says(t, send(h, r), 200, "bearer ada.lovelace@example.com")

	// The endpoints of the service take the requests, and the password is the constant.
	says(t, send(auth.Handler(), ada.Request(http.MethodPost, "/api/auth/verify-password", strings.NewReader(`{"password":"`+authenttest.Password+`"}`))), 200, `{"status":true}`)
	if w := send(auth.Handler(), ada.Request(http.MethodPost, "/api/auth/verify-password", strings.NewReader(`{"password":"wrong"}`))); w.Code != 400 {
		t.Errorf("a wrong password: %d %s", w.Code, w.Body)
	}
	out, err := auth.SignInEmail(t.Context(), authent.SignInEmailInput{Email: ada.Email, Password: authenttest.Password})
	if err != nil || out.User.ID != ada.ID {
		t.Errorf("sign-in: %v, %v", out, err)
	}
	if _, err := auth.SignInEmail(t.Context(), authent.SignInEmailInput{Email: ada.Email, Password: "wrong password"}); !errors.Is(err, authent.ErrInvalidCredentials) {
		t.Errorf("sign-in with a wrong password: %v", err)
	}
	custom := auth.SignUpWith(t, authent.SignUpEmailInput{Name: "Bob", Email: "bob@acme.example", Password: "another password"})
	if custom.Email != "bob@acme.example" {
		t.Errorf("user %+v", custom.User)
	}
}

// What a config forbids people does not stand in the way of a test, and holds for requests.
func TestSignUpWhateverTheConfigSays(t *testing.T) {
	created := 0
	auth, _ := open(t, authent.Config{
		BaseURL:  "https://app.example.com",
		Password: authent.PasswordConfig{DisableSignUp: true, RequireVerification: true, MinLength: 30},
		Email:    authent.EmailConfig{VerifyOnSignUp: true},
		Hooks: authent.Hooks{AfterUserCreate: func(context.Context, *authent.User) error {
			created++
			return nil
		}},
		Organization: authent.OrganizationConfig{
			MembershipLimit: 1,
			MayCreate:       func(context.Context, *authent.User) (bool, error) { return false, nil },
			Roles:           map[string]map[string][]string{"billing": {"invoice": {"read"}}},
		},
	})
	ada, bob := auth.SignUp(t, "Ada"), auth.SignUp(t, "Bob")
	if created != 2 || len(auth.Mail.All()) != 0 {
		t.Errorf("the hook was called %d times, and %d messages were sent", created, len(auth.Mail.All()))
	}
	acme := ada.CreateOrganization(t, "Acme Inc")
	acme.Add(t, bob, "billing")
	if !strings.HasPrefix(ada.Cookie().Name, "__Secure-") {
		t.Errorf("the cookie is %v", ada.Cookie())
	}
	says(t, send(auth.RequireSession(authent.OrgRole("billing"))(whoami), bob.Request(http.MethodGet, "/", nil)), 200, "session bob@example.com")
	w := send(auth.Handler(), ada.Request(http.MethodPost, "/api/auth/organization/create", strings.NewReader(`{"name":"B","slug":"b"}`)))
	if w.Code != http.StatusForbidden {
		t.Errorf("MayCreate: %d %s", w.Code, w.Body)
	}
	if _, err := auth.SignUpEmail(t.Context(), authent.SignUpEmailInput{Name: "C", Email: "c@example.com", Password: authenttest.Password}); !errors.Is(err, authent.ErrSignUpDisabled) {
		t.Errorf("sign-up: %v", err)
	}
}

// A user whom the test made with the client of the app.
func TestSignIn(t *testing.T) {
	auth, client := open(t, authent.Config{})
	row := client.User.Create().SetName("Ada").SetEmail("ada@example.com").SaveX(t.Context())
	first, second := auth.SignIn(t, row.ID), auth.SignIn(t, row.ID)
	if first.Session.Token == second.Session.Token {
		t.Error("both are in one session")
	}
	h := auth.RequireSession()(whoami)
	says(t, send(h, first.Request(http.MethodGet, "/", nil)), 200, "session ada@example.com")
	says(t, send(auth.Handler(), first.Request(http.MethodPost, "/api/auth/sign-out", nil)), 200, `{"success":true}`)
	says(t, send(h, first.Request(http.MethodGet, "/", nil)), 401, `{"error":"Unauthorized"}`)
	says(t, send(h, second.Request(http.MethodGet, "/", nil)), 200, "session ada@example.com")
}

func TestOrganization(t *testing.T) {
	auth, _ := open(t, authent.Config{})
	ada, bob, eve := auth.SignUp(t, "Ada"), auth.SignUp(t, "Bob"), auth.SignUp(t, "Eve")
	acme := ada.CreateOrganization(t, "Acme Inc")
	if acme.Name != "Acme Inc" || acme.Slug != "acme-inc" {
		t.Errorf("organization %+v", acme.Organization)
	}
	if m := acme.Add(t, bob, authent.RoleAdmin); m.Role != "admin" || m.UserID != bob.ID {
		t.Errorf("member %+v", m)
	}
	admins := auth.RequireSession(authent.OrgRole("owner", "admin"))(whoami)
	says(t, send(admins, ada.Request(http.MethodGet, "/", nil)), 200, "session ada@example.com")
	says(t, send(admins, bob.Request(http.MethodGet, "/", nil)), 200, "session bob@example.com")
	says(t, send(admins, eve.Request(http.MethodGet, "/", nil)), 403, `{"error":"Forbidden: insufficient organization role"}`)

	// Without a request: methods of the service, and functions of the app that ask the context.
	ctx := bob.Context(t.Context())
	org, err := authent.FromContext(ctx).Org(ctx)
	if err != nil || org == nil || org.ID != acme.ID || org.Role != "admin" {
		t.Errorf("organization %+v, %v", org, err)
	}
	if u := ent.UserFromContext(ctx); u == nil || u.ID != bob.ID || u.QueryMembers().CountX(ctx) != 1 {
		t.Errorf("user %v", u)
	}
	// A second organization, and back to the first.
	other := ada.CreateOrganization(t, "Other")
	if org, err := authent.FromContext(ada.Context(t.Context())).Org(t.Context()); err != nil || org.ID != other.ID {
		t.Errorf("organization %+v, %v", org, err)
	}
	acme.Activate(t, ada)
	got := send(auth.Handler(), ada.Request(http.MethodGet, "/api/auth/organization/get-full-organization", nil))
	if !strings.Contains(got.Body.String(), `"slug":"acme-inc"`) {
		t.Errorf("%d %s", got.Code, got.Body)
	}
}

func TestAPIKey(t *testing.T) {
	auth, _ := open(t, authent.Config{})
	ada := auth.SignUp(t, "Ada")
	key := ada.CreateAPIKey(t, map[string][]string{"project": {"read"}})
	h := auth.RequireAPIKey(authent.Permission("project", "read"))(whoami)
	for range 20 { // More often than an ordinary key can be used.
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", "ApiKey "+key)
		says(t, send(h, r), 200, "api-key ada@example.com")
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Authorization", "ApiKey "+ada.CreateAPIKey(t, nil))
	says(t, send(h, r), 403, `{"error":"Forbidden: insufficient API key permissions"}`)
}

func TestMailbox(t *testing.T) {
	auth, client := open(t, authent.Config{Password: authent.PasswordConfig{RequireVerification: true}})
	empty := failure(func(t testing.TB) { auth.Mail.Last(t, authent.MailInvitation, "ada@example.com") })
	if want := "no invitation was sent to ada@example.com: the mailbox is empty"; empty != want {
		t.Errorf("%q, want %q", empty, want)
	}
	_, err := auth.SignUpEmail(t.Context(), authent.SignUpEmailInput{Name: "Ada", Email: "ada@example.com", Password: authenttest.Password})
	if err != nil {
		t.Fatal(err)
	}
	message := auth.Mail.Last(t, authent.MailVerifyEmail, "ada@example.com")
	if w := send(auth.Handler(), httptest.NewRequest(http.MethodGet, message.URL, nil)); w.Code != http.StatusOK && w.Code != http.StatusFound {
		t.Fatalf("the link: %d %s", w.Code, w.Body)
	}
	if u := client.User.Query().OnlyX(t.Context()); !u.EmailVerified {
		t.Error("the address is not verified")
	}
	failed := failure(func(t testing.TB) { auth.Mail.Last(t, authent.MailResetPassword, "ada@example.com") })
	if want := "no reset-password was sent to ada@example.com; what was sent:\n  verify-email to ada@example.com"; failed != want {
		t.Errorf("%q, want %q", failed, want)
	}
}

func TestClock(t *testing.T) {
	auth, _ := open(t, authent.Config{})
	ada := auth.SignUp(t, "Ada")
	h := auth.RequireSession()(whoami)
	auth.Clock.Advance(7*24*time.Hour - time.Second)
	says(t, send(h, ada.Request(http.MethodGet, "/", nil)), 200, "session ada@example.com")
	auth.Clock.Advance(7*24*time.Hour + time.Second)
	says(t, send(h, ada.Request(http.MethodGet, "/", nil)), 401, `{"error":"Unauthorized"}`)
	day := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	auth.Clock.Set(day)
	if bob := auth.SignUp(t, "Bob"); !bob.CreatedAt.Equal(day) {
		t.Errorf("created at %v", bob.CreatedAt)
	}
}

// A database of production has hashes that the service made.
func TestHashesOfTheService(t *testing.T) {
	auth, client := open(t, authent.Config{})
	real, err := authent.New(client.AuthStore(), authent.Config{
		Secret: strings.Repeat("0123456789", 4), BaseURL: "http://example.com", Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := real.SignUpEmail(t.Context(), authent.SignUpEmailInput{Name: "Ada", Email: "ada@example.com", Password: authenttest.Password}); err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{authenttest.Password: true, "wrong password": false} {
		if _, err := auth.SignInEmail(t.Context(), authent.SignInEmailInput{Email: "ada@example.com", Password: password}); (err == nil) != want {
			t.Errorf("%s: %v", password, err)
		}
	}
	// The other way round nobody gets in: the hashes of tests are no hashes for the service.
	auth.SignUp(t, "Bob")
	if _, err := real.SignInEmail(t.Context(), authent.SignInEmailInput{Email: "bob@example.com", Password: authenttest.Password}); !errors.Is(err, authent.ErrInvalidCredentials) {
		t.Errorf("the service took the hash of a test: %v", err)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	_, client := authenttest.Open(t, ent.OpenAuth, pgtest.New(t), authent.Config{})
	auth := authenttest.New(t, client.AuthStore(), authent.Config{BasePath: "/auth"})
	ada := auth.SignUp(t, "Ada")
	var got struct{ User struct{ ID string } }
	w := send(auth.Handler(), ada.Request(http.MethodGet, "/auth/get-session", nil))
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.User.ID != ada.ID {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A helper that fails says what failed.
func TestFailures(t *testing.T) {
	auth, _ := open(t, authent.Config{})
	ada := auth.SignUp(t, "Ada")
	acme := ada.CreateOrganization(t, "Acme")
	bob := auth.SignUp(t, "Bob")
	for want, fn := range map[string]func(testing.TB){
		"sign ada@example.com up: ":                      func(t testing.TB) { auth.SignUp(t, "Ada") },
		`sign the user with the id "nobody" in: `:        func(t testing.TB) { auth.SignIn(t, "nobody") },
		"create the organization Acme: ":                 func(t testing.TB) { ada.CreateOrganization(t, "Acme") },
		"make bob@example.com king of Acme: ":            func(t testing.TB) { acme.Add(t, bob, "king") },
		"make Acme the active organization of bob@":      func(t testing.TB) { acme.Activate(t, bob) },
		"authenttest.Postgres: the server is not a URL":  func(t testing.TB) { authenttest.Postgres(t, "") },
		"authenttest.Postgres: create a database: conne": func(t testing.TB) { authenttest.Postgres(t, "postgres://u:s3cr3t@127.0.0.1:1/x") },
		"Session.Lifetime": func(t testing.TB) {
			authenttest.Open(t, ent.OpenAuth, pgtest.New(t), authent.Config{Session: authent.SessionConfig{Lifetime: 500 * 24 * time.Hour}})
		},
	} {
		if got := failure(fn); !strings.Contains(got, want) || strings.Contains(got, "s3cr3t") {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
