package authent_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/agentuity/auth-go/authent"
)

// With a cookie cache, a session that was revoked may go on for MaxAge. What must not trust it reads the session.
func ExampleReadSession() {
	auth, client := newAuth(authent.Config{
		Session: authent.SessionConfig{CookieCache: authent.CookieCacheConfig{Enabled: true}},
	})
	defer client.Close()
	browser := httptest.NewRecorder()
	ctx := auth.RequestContext(browser, httptest.NewRequest(http.MethodPost, "/", nil))
	if _, err := auth.SignUpEmail(ctx, authent.SignUpEmailInput{Name: "Ada", Email: "ada@example.com", Password: "correct horse"}); err != nil {
		log.Fatal(err)
	}
	client.Session.Delete().ExecX(context.Background())

	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "Hello ", authent.FromContext(r.Context()).User.Name)
	})
	for _, page := range []http.Handler{
		auth.RequireSession()(hello),
		auth.RequireSession(authent.ReadSession())(hello),
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		for _, cookie := range browser.Result().Cookies() {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		page.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 Hello Ada
	// 401 {"error":"Unauthorized"}
}
