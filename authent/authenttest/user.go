package authenttest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent"
)

// Password is that of the users whom SignUp creates.
const Password = "correct horse battery"

// User is a user who is signed in.
type User struct {
	*authent.User
	// Session is the one in which the user is signed in.
	Session *authent.Session

	auth   *Auth
	cookie *http.Cookie
}

// SignUp creates a user who is signed in: "Ada Lovelace" has the address ada.lovelace@example.com, which is verified, and
// the password Password.
func (a *Auth) SignUp(t testing.TB, name string) *User {
	t.Helper()
	return a.SignUpWith(t, authent.SignUpEmailInput{Name: name})
}

// SignUpWith is SignUp with an address, a password or fields of the app. Email and Password have the defaults of SignUp.
func (a *Auth) SignUpWith(t testing.TB, in authent.SignUpEmailInput) *User {
	t.Helper()
	if in.Email == "" {
		in.Email = strings.ToLower(strings.Join(strings.Fields(in.Name), ".")) + "@example.com"
	}
	if in.Password == "" {
		in.Password = Password
	}
	out, err := a.setup.SignUpEmail(t.Context(), in)
	if err != nil {
		t.Fatalf("sign %s up: %v", in.Email, err)
	}
	verified := authent.Set("emailVerified", true)
	if _, err := a.store.Users().Update(t.Context(), []authent.Change{verified}, authent.EQ("id", out.User.ID)); err != nil {
		t.Fatalf("sign %s up: %v", in.Email, err)
	}
	return a.SignIn(t, out.User.ID)
}

// SignIn signs a user in who is in the database, in a new session: one that the test created with the client of the app,
// or the same one in a second browser.
func (a *Auth) SignIn(t testing.TB, userID string) *User {
	t.Helper()
	w := httptest.NewRecorder()
	ctx := a.setup.RequestContext(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, a.BaseURL(), nil))
	out, err := a.setup.SignInUser(ctx, userID)
	if err != nil {
		t.Fatalf("sign the user with the id %q in: %v", userID, err)
	}
	res := w.Result()
	defer func() { _ = res.Body.Close() }()
	for _, cookie := range res.Cookies() {
		if strings.HasSuffix(cookie.Name, ".session_token") {
			return &User{User: out.User, Session: out.Session, auth: a, cookie: cookie}
		}
	}
	t.Fatalf("sign %s in: there is no cookie", out.User.Email)
	return nil
}

// Cookie returns the cookie of the session.
func (u *User) Cookie() *http.Cookie { return u.cookie }

// Bearer returns the header Authorization that stands for the session, as clients without cookies send it.
func (u *User) Bearer() string { return "Bearer " + u.Session.Token }

// Request returns a request to a handler as a page of the app makes the browser of the user send it: with the cookie, its
// Origin, and the content type of JSON if there is a body.
func (u *User) Request(method, target string, body io.Reader) *http.Request {
	r := httptest.NewRequest(method, target, body)
	r.AddCookie(u.Cookie())
	r.Header.Set("Origin", u.auth.BaseURL())
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// Context returns a context in which the user acts, without a request: authent.FromContext, the generated
// UserFromContext and the methods of the service find the user there.
func (u *User) Context(ctx context.Context) context.Context { return u.as(ctx, u.auth.Auth) }

func (u *User) as(ctx context.Context, a *authent.Auth) context.Context {
	return a.WithIdentity(ctx, &authent.Identity{User: u.User, Session: u.Session, Method: authent.MethodSession})
}

// CreateAPIKey creates an API key with permissions, which may be nil, and without a limit of its use. A request has it in
// the header of the config, or as "Authorization: ApiKey <key>".
func (u *User) CreateAPIKey(t testing.TB, permissions map[string][]string) string {
	t.Helper()
	unlimited := false
	key, err := u.auth.setup.CreateAPIKey(t.Context(), authent.CreateAPIKeyInput{UserID: u.ID, Permissions: permissions, RateLimitEnabled: &unlimited})
	if err != nil {
		t.Fatalf("create an API key of %s: %v", u.Email, err)
	}
	return key.Key
}
