package authent_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/agentuity/auth-go/authent"
)

// A key with permissions. Only this answer has the key itself: the database has its hash.
func ExampleAuth_CreateAPIKey() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()
	ctx := context.Background()
	ada := client.User.Create().SetName("Ada").SetEmail("ada@example.com").SaveX(ctx)

	key, err := auth.CreateAPIKey(ctx, authent.CreateAPIKeyInput{
		UserID:      ada.ID,
		Permissions: map[string][]string{"project": {"read"}},
		ExpiresIn:   30 * 24 * 60 * 60,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Key[:3], len(key.Key), key.Allows("project", "read"), key.Allows("project", "write"))
	// Output: ag_ 67 true false
}

// A key that comes in another way than in a request: over a queue, or in a handshake. Every call counts as a use.
func ExampleAuth_VerifyAPIKey() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()
	ctx := context.Background()
	ada := client.User.Create().SetName("Ada").SetEmail("ada@example.com").SaveX(ctx)
	uses := 1
	key, err := auth.CreateAPIKey(ctx, authent.CreateAPIKeyInput{
		UserID: ada.ID, Permissions: map[string][]string{"project": {"read"}}, Remaining: &uses,
	})
	if err != nil {
		log.Fatal(err)
	}

	known, err := auth.VerifyAPIKey(ctx, authent.VerifyAPIKeyInput{Key: key.Key, Permissions: map[string][]string{"project": {"read"}}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(known.Owner() == ada.ID)
	_, err = auth.VerifyAPIKey(ctx, authent.VerifyAPIKeyInput{Key: key.Key})
	fmt.Println(errors.Is(err, authent.ErrAPIKeyUsedUp))
	// Output:
	// true
	// true
}

// A route for keys with a permission.
func ExampleAuth_RequireAPIKey() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()
	ctx := context.Background()
	ada := client.User.Create().SetName("Ada").SetEmail("ada@example.com").SaveX(ctx)

	read := auth.RequireAPIKey(authent.Permission("project", "read"))(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := authent.FromContext(r.Context())
		fmt.Fprint(w, "projects of ", id.User.Name)
	}))
	for _, permissions := range []map[string][]string{{"project": {"read"}}, {"task": {"read"}}} {
		key, err := auth.CreateAPIKey(ctx, authent.CreateAPIKeyInput{UserID: ada.ID, Permissions: permissions})
		if err != nil {
			log.Fatal(err)
		}
		r := httptest.NewRequest("GET", "/api/v1/projects", nil)
		r.Header.Set("X-Agentuity-Auth-Api-Key", key.Key) // Or "Authorization: ApiKey " + key.Key.
		w := httptest.NewRecorder()
		read.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 projects of Ada
	// 403 {"error":"Forbidden: insufficient API key permissions"}
}

// A route that takes a session or a key.
func ExampleAuth_OptionalAPIKey() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()
	cookie := signUp(auth, "Ada")
	ada := client.User.Query().OnlyX(context.Background())
	key, err := auth.CreateAPIKey(context.Background(), authent.CreateAPIKeyInput{UserID: ada.ID})
	if err != nil {
		log.Fatal(err)
	}

	h := auth.OptionalSession()(auth.OptionalAPIKey()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := authent.FromContext(r.Context())
		if id == nil {
			http.Error(w, "sign in or send a key", http.StatusUnauthorized)
			return
		}
		fmt.Fprintln(w, id.User.Name, "by", id.Method)
	})))
	fmt.Print(get(h, "/", nil).Body)
	fmt.Print(get(h, "/", cookie).Body)
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "ApiKey "+key.Key)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Print(w.Body)
	// Output:
	// sign in or send a key
	// Ada by session
	// Ada by api-key
}
