package authenttest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/authent/authenttest"
	"github.com/agentuity/auth-go/ent"
)

// In a test, t is the *testing.T, and authenttest.SQLite(t) is enough of a database.
func Example() {
	t := newT()
	defer t.end()

	auth, client := authenttest.Open(t, ent.OpenAuth, authenttest.Postgres(t, os.Getenv("DATABASE_URL")), authent.Config{})
	me := auth.RequireSession()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, ent.UserFromContext(r.Context()).Name)
	}))

	ada := auth.SignUp(t, "Ada Lovelace")
	w := httptest.NewRecorder()
	me.ServeHTTP(w, ada.Request("GET", "/api/me", nil))
	fmt.Println(w.Code, w.Body)

	w = httptest.NewRecorder()
	me.ServeHTTP(w, httptest.NewRequest("GET", "/api/me", nil))
	fmt.Println(w.Code, w.Body)

	fmt.Println(client.User.Query().CountX(t.Context()), "user")
	// Output:
	// 200 Ada Lovelace
	// 401 {"error":"Unauthorized"}
	// 1 user
}

// Members of an organization, and what their roles let them do.
func ExampleOrganization_Add() {
	t := newT()
	defer t.end()
	auth, _ := authenttest.Open(t, ent.OpenAuth, authenttest.Postgres(t, os.Getenv("DATABASE_URL")), authent.Config{})
	admins := auth.RequireSession(authent.OrgRole("owner", "admin"))(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		org, err := authent.FromContext(r.Context()).Org(r.Context())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, org.Name, " as ", org.Role)
	}))

	ada, bob, cy := auth.SignUp(t, "Ada"), auth.SignUp(t, "Bob"), auth.SignUp(t, "Cy")
	acme := ada.CreateOrganization(t, "Acme")
	acme.Add(t, bob, authent.RoleAdmin)
	acme.Add(t, cy, authent.RoleMember)
	for _, user := range []*authenttest.User{ada, bob, cy} {
		w := httptest.NewRecorder()
		admins.ServeHTTP(w, user.Request("GET", "/api/admin", nil))
		fmt.Println(user.Name, w.Code, w.Body)
	}
	// Output:
	// Ada 200 Acme as owner
	// Bob 200 Acme as admin
	// Cy 403 {"error":"Forbidden: insufficient organization role"}
}

// A request with an API key.
func ExampleUser_CreateAPIKey() {
	t := newT()
	defer t.end()
	auth, _ := authenttest.Open(t, ent.OpenAuth, authenttest.Postgres(t, os.Getenv("DATABASE_URL")), authent.Config{})
	read := auth.RequireAPIKey(authent.Permission("project", "read"))(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, ent.UserFromContext(r.Context()).Email)
	}))

	key := auth.SignUp(t, "Ada").CreateAPIKey(t, map[string][]string{"project": {"read"}})
	r := httptest.NewRequest("GET", "/api/v1/projects", nil)
	r.Header.Set("Authorization", "ApiKey "+key)
	w := httptest.NewRecorder()
	read.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
	// Output: 200 ada@example.com
}

// The link in a message, opened.
func ExampleMailbox_Last() {
	t := newT()
	defer t.end()
	auth, client := authenttest.Open(t, ent.OpenAuth, authenttest.Postgres(t, os.Getenv("DATABASE_URL")), authent.Config{
		Password: authent.PasswordConfig{RequireVerification: true},
	})
	_, err := auth.SignUpEmail(t.Context(), authent.SignUpEmailInput{Name: "Ada", Email: "ada@example.com", Password: authenttest.Password})
	if err != nil {
		t.Fatal(err)
	}

	link := auth.Mail.Last(t, authent.MailVerifyEmail, "ada@example.com").URL
	auth.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", link, nil))
	fmt.Println(client.User.Query().OnlyX(t.Context()).EmailVerified)
	// Output: true
}

// A session that nobody uses ends after a week.
func ExampleClock_Advance() {
	t := newT()
	defer t.end()
	auth, _ := authenttest.Open(t, ent.OpenAuth, authenttest.Postgres(t, os.Getenv("DATABASE_URL")), authent.Config{})
	h := auth.RequireSession()(http.NotFoundHandler())
	ada := auth.SignUp(t, "Ada")

	auth.Clock.Advance(8 * 24 * time.Hour)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, ada.Request("GET", "/", nil))
	fmt.Println(w.Code)
	// Output: 401
}
