package authent_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/ent"
)

// From a connection string to a server: OpenAuth is in the client that go generate makes for the app. The secret is in
// AGENTUITY_AUTH_SECRET.
func Example() {
	auth, client, err := ent.OpenAuth(context.Background(), os.Getenv("DATABASE_URL"), authent.Config{
		BaseURL: "https://app.example.com",
	}, authent.CreateTables())
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	mux := http.NewServeMux()
	mux.Handle("/api/auth/", auth.Handler())
	mux.Handle("/api/me", auth.RequireSession()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user := ent.UserFromContext(r.Context())
		fmt.Fprint(w, user.Name)
	})))

	// http.ListenAndServe(":8080", mux)
	fmt.Println(get(mux, "/api/auth/ok", nil).Body)
	fmt.Println(get(mux, "/api/me", nil).Body)
	// Output:
	// {"ok":true}
	// {"error":"Unauthorized"}
}

// On a client that the app makes itself, of any driver of Ent's.
func ExampleNew() {
	ctx := context.Background()
	drv, err := pgxdriver.Open(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	client := ent.NewClient(ent.Driver(drv))
	defer client.Close()

	auth, err := authent.New(client.AuthStore(), authent.Config{
		Secret:  os.Getenv("AGENTUITY_AUTH_SECRET"),
		BaseURL: "https://app.example.com",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(auth.BaseURL())
	// Output: https://app.example.com
}

// All that is wrong with a config is in one error.
func ExampleNew_wrongConfig() {
	_, client := newAuth(authent.Config{})
	defer client.Close()
	_, err := authent.New(client.AuthStore(), authent.Config{
		Secret:   "too short",
		BaseURL:  "app.example.com",
		Password: authent.PasswordConfig{RequireVerification: true},
	})
	fmt.Println(err)
	// Output:
	// authent: the config is wrong:
	//   Secret: it has 9 characters: set Config.Secret or AGENTUITY_AUTH_SECRET to at least 32 random characters, such as "authent secret" prints
	//   BaseURL: "app.example.com" is not an http or https URL such as https://app.example.com
	//   Password.RequireVerification: it needs a Mailer that sends the links
}

// The endpoints, as the JavaScript client calls them.
func ExampleAuth_Handler() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()
	h := auth.Handler()

	r := httptest.NewRequest("POST", "/api/auth/sign-up/email", strings.NewReader(`{"name":"Ada","email":"ada@example.com","password":"correct horse"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", "https://app.example.com")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	cookie := w.Result().Cookies()[0]
	fmt.Println(w.Code, cookie.Name)

	fmt.Println(get(h, "/api/auth/get-session", cookie).Code)
	fmt.Println(get(h, "/api/auth/get-session", nil).Body)
	// Output:
	// 200 __Secure-better-auth.session_token
	// 200
	// null
}

// Every endpoint is a row of this table. The OpenAPI document, at /api/auth/openapi.json, is made of it too.
func ExampleAuth_Endpoints() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()
	for _, e := range auth.Endpoints() {
		if strings.HasPrefix(e.Path, "/sign-") {
			fmt.Println(e.Method, e.Path)
		}
	}
	// Output:
	// POST /sign-up/email
	// POST /sign-in/email
	// POST /sign-out
	// POST /sign-in/social
}
