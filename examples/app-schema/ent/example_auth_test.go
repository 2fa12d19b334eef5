package ent_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/examples/app-schema/ent"
)

// openAuth returns the auth service on a database of its own, and the cookie of a user who is signed in.
func openAuth(ctx context.Context) (auth *authent.Auth, client *ent.Client, cookie *http.Cookie) {
	auth, client, err := ent.OpenAuth(ctx, "sqlite::memory:", authent.Config{
		Secret:  "examples-have-a-secret-0123456789abcdef",
		BaseURL: "https://app.example.com",
	}, authent.CreateTables())
	if err != nil {
		log.Fatal(err)
	}
	w := httptest.NewRecorder()
	_, err = auth.SignUpEmail(auth.RequestContext(w, httptest.NewRequest("POST", "/", nil)), authent.SignUpEmailInput{
		Name: "Ada", Email: "ada@example.com", Password: "correct horse",
	})
	if err != nil {
		log.Fatal(err)
	}
	return auth, client, w.Result().Cookies()[0]
}

// The quick start: a connection string is enough.
func ExampleOpenAuth() {
	auth, client, err := ent.OpenAuth(context.Background(), "sqlite::memory:", authent.Config{
		Secret:  "examples-have-a-secret-0123456789abcdef", // Usually in AGENTUITY_AUTH_SECRET.
		BaseURL: "https://app.example.com",
	}, authent.CreateTables())
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	w := httptest.NewRecorder()
	auth.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/api/auth/ok", nil))
	fmt.Println(w.Body)
	// Output: {"ok":true}
}

// The user of a request, with the fields and edges of the app.
func ExampleUserFromContext() {
	ctx := context.Background()
	auth, client, cookie := openAuth(ctx)
	defer client.Close()
	ada := client.User.Query().OnlyX(ctx)
	acme := client.Organization.Create().SetName("Acme").SetSlug("acme").SaveX(ctx)
	client.Project.Create().SetName("Apollo").SetOwner(ada).SetOrganization(acme).ExecX(ctx)

	me := auth.RequireSession()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user := ent.UserFromContext(r.Context())
		projects, err := user.QueryProjects().All(r.Context())
		if err != nil {
			http.Error(w, "Internal server error", http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, user.Name, "reads", user.Locale, "and owns", projects[0].Name)
	}))

	r := httptest.NewRequest("GET", "/api/me", nil)
	r.AddCookie(cookie)
	w := httptest.NewRecorder()
	me.ServeHTTP(w, r)
	fmt.Print(w.Body)
	// Output: Ada reads en and owns Apollo
}

// A new customer in one transaction: what the auth service does and rows of the app.
func ExampleTx_AuthStore() {
	ctx := context.Background()
	auth, client, _ := openAuth(ctx)
	defer client.Close()

	tx, err := client.Tx(ctx)
	if err != nil {
		log.Fatal(err)
	}
	out, err := auth.WithStore(tx.AuthStore()).SignUpEmail(ctx, authent.SignUpEmailInput{
		Name: "Grace", Email: "grace@example.com", Password: "correct horse",
	})
	if err != nil {
		log.Fatal(err)
	}
	acme := tx.Organization.Create().SetName("Acme").SetSlug("acme").SaveX(ctx)
	tx.Project.Create().SetName("Apollo").SetOwnerID(out.User.ID).SetOrganization(acme).ExecX(ctx)
	if err := tx.Commit(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(client.Project.Query().QueryOwner().OnlyX(ctx).Name)
	// Output: Grace
}
