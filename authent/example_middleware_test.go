package authent_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/agentuity/auth-go/authent"
)

// A route for those who are signed in.
func ExampleAuth_RequireSession() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()

	mux := http.NewServeMux()
	mux.Handle("GET /api/me", auth.RequireSession()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := authent.FromContext(r.Context())
		fmt.Fprint(w, id.User.Name, " by ", id.Method)
	})))

	fmt.Println(get(mux, "/api/me", signUp(auth, "Ada")).Body)
	nobody := get(mux, "/api/me", nil)
	fmt.Println(nobody.Code, nobody.Body)
	// Output:
	// Ada by session
	// 401 {"error":"Unauthorized"}
}

// A route for everybody that greets those who are signed in.
func ExampleAuth_OptionalSession() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()

	home := auth.OptionalSession()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id := authent.FromContext(r.Context()); id != nil {
			fmt.Fprint(w, "Hello ", id.User.Name)
			return
		}
		fmt.Fprint(w, "Hello")
	}))

	fmt.Println(get(home, "/", signUp(auth, "Ada")).Body)
	fmt.Println(get(home, "/", nil).Body)
	// Output:
	// Hello Ada
	// Hello
}

// A route for owners and admins of the active organization. The membership is the one of now.
func ExampleOrgRole() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()
	cookie := signUp(auth, "Ada")

	settings := auth.RequireSession(authent.OrgRole("owner", "admin"))(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "The settings")
	}))
	fmt.Println(get(settings, "/", cookie).Body)

	r := httptest.NewRequest("POST", "/", nil)
	r.AddCookie(cookie)
	if _, err := auth.CreateOrganization(auth.RequestContext(nil, r), authent.CreateOrganizationInput{Name: "Acme", Slug: "acme"}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(get(settings, "/", cookie).Body)
	// Output:
	// {"error":"Forbidden: insufficient organization role"}
	// The settings
}

// What a handler asks about the sender of a request. An error is of the database, and never means no.
func ExampleFromContext() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()

	handler := auth.RequireSession()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		id := authent.FromContext(ctx)
		org, err := id.Org(ctx) // The active organization; nil if there is none.
		if err != nil {
			http.Error(w, "Internal server error", http.StatusInternalServerError)
			return
		}
		if org == nil {
			fmt.Fprintln(w, id.User.Email, "works alone")
			return
		}
		may, err := id.HasOrgPermission(ctx, "member", "create")
		if err != nil {
			http.Error(w, "Internal server error", http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, id.User.Email, "is", org.Role, "of", org.Name, "and may add members:", may)
	}))

	cookie := signUp(auth, "Ada")
	fmt.Print(get(handler, "/", cookie).Body)
	r := httptest.NewRequest("POST", "/", nil)
	r.AddCookie(cookie)
	if _, err := auth.CreateOrganization(auth.RequestContext(nil, r), authent.CreateOrganizationInput{Name: "Acme", Slug: "acme"}); err != nil {
		log.Fatal(err)
	}
	fmt.Print(get(handler, "/", cookie).Body)
	// Output:
	// ada@example.com works alone
	// ada@example.com is owner of Acme and may add members: true
}

// A job that acts for a user.
func ExampleAuth_WithIdentity() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()
	ctx := context.Background()
	ada := client.User.Create().SetName("Ada").SetEmail("ada@example.com").SaveX(ctx)

	ctx = auth.WithIdentity(ctx, &authent.Identity{
		User: &authent.User{ID: ada.ID, Name: ada.Name, Email: ada.Email},
	})
	acme, err := auth.CreateOrganization(ctx, authent.CreateOrganizationInput{Name: "Acme", Slug: "acme"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(acme.Name, acme.Members[0].UserID == ada.ID, authent.FromContext(ctx).User.Name)
	// Output: Acme true Ada
}
