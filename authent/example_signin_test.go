package authent_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/agentuity/auth-go/authent"
)

// Every endpoint is a method too. Without a request, no cookies are set.
func ExampleAuth_SignUpEmail() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()
	ctx := context.Background()

	out, err := auth.SignUpEmail(ctx, authent.SignUpEmailInput{Name: "Ada", Email: "Ada@example.com", Password: "correct horse"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.User.Email, out.Token != nil)

	_, err = auth.SignUpEmail(ctx, authent.SignUpEmailInput{Name: "Ada", Email: "ada@example.com", Password: "correct horse"})
	fmt.Println(errors.Is(err, authent.ErrUserExists))
	// Output:
	// ada@example.com true
	// true
}

// In a handler of one's own, RequestContext lets the method set cookies.
func ExampleAuth_SignInEmail() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()
	signUp(auth, "Ada")

	signIn := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out, err := auth.SignInEmail(auth.RequestContext(w, r), authent.SignInEmailInput{
			Email: r.FormValue("email"), Password: r.FormValue("password"),
		})
		var refused *authent.Error
		switch {
		case errors.As(err, &refused):
			http.Error(w, refused.Message, refused.Status)
		case err != nil: // Of the database: never a refusal.
			http.Error(w, "Internal server error", http.StatusInternalServerError)
		default:
			fmt.Fprintln(w, "Hello", out.User.Name)
		}
	})
	w := get(signIn, "/?email=ada@example.com&password=wrong+horse", nil)
	fmt.Print(w.Code, " ", w.Body)
	w = get(signIn, "/?email=ada@example.com&password=correct+horse", nil)
	fmt.Print(w.Code, " ", w.Body)
	fmt.Println(w.Result().Cookies()[0].Name)
	// Output:
	// 401 Invalid email or password
	// 200 Hello Ada
	// __Secure-better-auth.session_token
}

// A way to sign in that the app adds: it finds out who somebody is, the service makes the session.
func ExampleAuth_SignInUser() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()
	ada := client.User.Create().SetName("Ada").SetEmail("ada@example.com").SaveX(context.Background())

	w := httptest.NewRecorder()
	out, err := auth.SignInUser(auth.RequestContext(w, httptest.NewRequest("POST", "/saml", nil)), ada.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.User.Name, w.Result().Cookies()[0].Name)
	// Output: Ada __Secure-better-auth.session_token
}

// What the client of an endpoint sees of an error.
func ExampleError() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()
	_, err := auth.SignInEmail(context.Background(), authent.SignInEmailInput{Email: "nobody@example.com", Password: "correct horse"})
	var refused *authent.Error
	if errors.As(err, &refused) {
		body, err := json.Marshal(refused)
		fmt.Println(refused.Status, string(body), err)
	}
	// Output: 401 {"message":"Invalid email or password","code":"INVALID_EMAIL_OR_PASSWORD"} <nil>
}
