package authent_test

import (
	"context"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// TestMain gives the examples what they have in an app: a database that DATABASE_URL names, and a secret.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{
		"AGENTUITY_AUTH_SECRET": "examples-have-a-secret-0123456789abcdef",
		"AGENTUITY_BASE_URL":    "https://app.example.com",
	} {
		if err := os.Setenv(name, value); err != nil {
			log.Fatal(err)
		}
	}
	os.Exit(pgtest.Main(m))
}

// newAuth returns the auth service of an example and its client, on a database with empty tables.
func newAuth(config authent.Config) (*authent.Auth, *ent.Client) {
	ctx := context.Background()
	auth, client, err := ent.OpenAuth(ctx, os.Getenv("DATABASE_URL"), config, authent.CreateTables())
	if err != nil {
		log.Fatal(err)
	}
	client.User.Delete().ExecX(ctx)
	client.Organization.Delete().ExecX(ctx)
	return auth, client
}

// signUp creates a user, ada@example.com for Ada, and returns the cookie of the session.
func signUp(auth *authent.Auth, name string) *http.Cookie {
	w := httptest.NewRecorder()
	ctx := auth.RequestContext(w, httptest.NewRequest("POST", "/", nil))
	_, err := auth.SignUpEmail(ctx, authent.SignUpEmailInput{Name: name, Email: strings.ToLower(name) + "@example.com", Password: "correct horse"})
	if err != nil {
		log.Fatal(err)
	}
	return w.Result().Cookies()[0]
}

// actAs creates a user and returns a context in which methods of the service act for that user.
func actAs(auth *authent.Auth, name string) context.Context {
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(signUp(auth, name))
	return auth.RequestContext(httptest.NewRecorder(), r)
}

// get sends a request with a cookie, which may be nil, to a handler.
func get(h http.Handler, target string, cookie *http.Cookie) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", target, nil)
	if cookie != nil {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
