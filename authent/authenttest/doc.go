// Package authenttest is for the tests of an app that uses package authent: an auth service on a database to throw away,
// users who are signed in, organizations with members, API keys, a mailbox, and a clock.
//
//	func TestProjects(t *testing.T) {
//		auth, client := authenttest.Open(t, ent.OpenAuth, authenttest.SQLite(t), authent.Config{})
//		app := newApp(auth.Auth, client) // As the app's main function does.
//
//		ada := auth.SignUp(t, "Ada")
//		ada.CreateOrganization(t, "Acme")
//
//		w := httptest.NewRecorder()
//		app.ServeHTTP(w, ada.Request("POST", "/api/projects", strings.NewReader(`{"name":"Apollo"}`)))
//		if w.Code != http.StatusCreated {
//			t.Fatal(w.Code, w.Body)
//		}
//	}
//
// What fails here ends the test that is passed. Everything is done through the auth service, so that hooks of the app and
// of its client run as they do for people.
package authenttest
