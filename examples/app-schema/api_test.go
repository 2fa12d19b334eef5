package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/authent/authenttest"
	"github.com/agentuity/auth-go/examples/app-schema/ent"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// onEach runs a test on the app with each database.
func onEach(t *testing.T, test func(t *testing.T, a *app, auth *authenttest.Auth)) {
	t.Helper()
	t.Parallel()
	for name, url := range map[string]func(testing.TB) string{"sqlite": authenttest.SQLite, "postgres": pgtest.New} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			auth, client := authenttest.Open(t, ent.OpenAuth, url(t), authent.Config{})
			a := &app{auth: auth.Auth, client: client, log: slog.New(slog.NewTextHandler(t.Output(), nil)), mux: http.NewServeMux()}
			a.routes()
			test(t, a, auth)
		})
	}
}

// send sends a request to the app and decodes its answer, which must have a status, into a value.
func send(t *testing.T, a *app, r *http.Request, status int, into any) {
	t.Helper()
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	if w.Code != status {
		t.Fatalf("%s %s = %d %s, want %d", r.Method, r.URL, w.Code, w.Body, status)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		t.Fatalf("%s %s = %s: %v", r.Method, r.URL, w.Body, err)
	}
}

// TestSignUpTellsOfNobody: where addresses must be verified, a sign-up with a known address is answered as one with a new
// address, with the fields of the app.
func TestSignUpTellsOfNobody(t *testing.T) {
	t.Parallel()
	auth, _ := authenttest.Open(t, ent.OpenAuth, authenttest.SQLite(t), authent.Config{Password: authent.PasswordConfig{RequireVerification: true}})
	for range 2 {
		out, err := auth.SignUpEmail(t.Context(), authent.SignUpEmailInput{Name: "Ada", Email: "ada@example.com", Password: authenttest.Password})
		if err != nil || out.Token != nil || out.User.Extra["locale"] != "en" {
			t.Errorf("%+v %+v %v", out, out.User, err)
		}
	}
}

func TestMe(t *testing.T) {
	onEach(t, func(t *testing.T, a *app, auth *authenttest.Auth) {
		send(t, a, httptest.NewRequest(http.MethodGet, "/api/me", nil), http.StatusUnauthorized, nil)
		french := a.client.User.Create().SetName("Marie").SetEmail("marie@example.com").SetLocale("fr").SaveX(t.Context())
		marie := auth.SignIn(t, french.ID)
		acme := marie.CreateOrganization(t, "Acme")
		a.client.Project.Create().SetName("Apollo").SetOwner(french).SetOrganizationID(acme.ID).ExecX(t.Context())
		var me struct {
			Name, Locale, OrgRole, AuthMethod string
			Projects                          int
			Org                               struct{ Slug string }
			User                              struct{ Email, Locale string }
		}
		send(t, a, marie.Request(http.MethodGet, "/api/me", nil), http.StatusOK, &me)
		if me.Name != "Marie" || me.Locale != "fr" || me.Projects != 1 || me.Org.Slug != "acme" || me.OrgRole != "owner" ||
			me.AuthMethod != "session" || me.User.Email != "marie@example.com" || me.User.Locale != "fr" {
			t.Errorf("got %+v", me)
		}
	})
}

// Projects and tasks are those of the active organization, for everybody who is not a member there are none.
func TestProjects(t *testing.T) {
	onEach(t, func(t *testing.T, a *app, auth *authenttest.Auth) {
		ada, bob, eve := auth.SignUp(t, "Ada"), auth.SignUp(t, "Bob"), auth.SignUp(t, "Eve")
		send(t, a, ada.Request(http.MethodGet, "/api/projects", nil), http.StatusBadRequest, nil)
		acme := ada.CreateOrganization(t, "Acme")
		acme.Add(t, bob, authent.RoleMember)
		eve.CreateOrganization(t, "Evil")

		var project struct {
			ID, Name string
			OwnerID  string `json:"owner_id"`
		}
		send(t, a, ada.Request(http.MethodPost, "/api/projects", strings.NewReader(`{"name":"Apollo","owner_id":"`+eve.ID+`"}`)), http.StatusCreated, &project)
		if project.Name != "Apollo" || project.OwnerID != ada.ID {
			t.Errorf("project %+v", project)
		}
		send(t, a, ada.Request(http.MethodPost, "/api/projects", strings.NewReader(`{"name":""}`)), http.StatusBadRequest, nil)
		send(t, a, ada.Request(http.MethodPost, "/api/projects", strings.NewReader(`{`)), http.StatusBadRequest, nil)

		tasks := "/api/projects/" + project.ID + "/tasks"
		var task struct{ ID, Title, Status string }
		send(t, a, bob.Request(http.MethodPost, tasks, strings.NewReader(`{"title":"Launch"}`)), http.StatusCreated, &task)
		send(t, a, bob.Request(http.MethodPatch, "/api/tasks/"+task.ID, strings.NewReader(`{"status":"done"}`)), http.StatusOK, &task)
		if task.Title != "Launch" || task.Status != "done" {
			t.Errorf("task %+v", task)
		}
		send(t, a, eve.Request(http.MethodGet, tasks, nil), http.StatusNotFound, nil)
		send(t, a, eve.Request(http.MethodPatch, "/api/tasks/"+task.ID, strings.NewReader(`{"status":"todo"}`)), http.StatusNotFound, nil)

		var list []struct {
			Name  string
			Edges struct {
				Owner struct{ Email string }
				Tasks []struct{ Status string }
			}
		}
		send(t, a, bob.Request(http.MethodGet, "/api/projects", nil), http.StatusOK, &list)
		if len(list) != 1 || list[0].Edges.Owner.Email != "ada@example.com" || len(list[0].Edges.Tasks) != 1 || list[0].Edges.Tasks[0].Status != "done" {
			t.Errorf("projects %+v", list)
		}
		send(t, a, eve.Request(http.MethodGet, "/api/projects", nil), http.StatusOK, &list)
		if len(list) != 0 {
			t.Errorf("a stranger sees %+v", list)
		}

		r := httptest.NewRequest(http.MethodGet, "/api/v1/projects", nil)
		send(t, a, r, http.StatusUnauthorized, nil)
		r.Header.Set("Authorization", "ApiKey "+bob.CreateAPIKey(t, nil))
		send(t, a, r, http.StatusOK, &list)
		if len(list) != 1 || list[0].Name != "Apollo" {
			t.Errorf("projects of the key: %+v", list)
		}
	})
}

// What a client does wrong is no failure of the server, and the answer has nothing of its code.
func TestWrongBodies(t *testing.T) {
	onEach(t, func(t *testing.T, a *app, auth *authenttest.Auth) {
		ada := auth.SignUp(t, "Ada")
		ada.CreateOrganization(t, "Acme")
		for body, want := range map[string]string{
			`{"name":5}`:      "name must not be of type number",
			`[]`:              "the body must not be of type array",
			`{"name":"a"} {}`: "more than one JSON value",
			`{"name":"a"`:     "unexpected EOF",
		} {
			var out struct{ Error string }
			send(t, a, ada.Request(http.MethodPost, "/api/projects", strings.NewReader(body)), http.StatusBadRequest, &out)
			if !strings.Contains(out.Error, want) || strings.Contains(out.Error, "Go ") {
				t.Errorf("%s: %q, want %q", body, out.Error, want)
			}
		}
		// Postgres stores no U+0000, SQLite does.
		for _, r := range []*http.Request{
			ada.Request(http.MethodPost, "/api/projects", strings.NewReader(`{"name":"a\u0000"}`)),
			ada.Request(http.MethodPut, "/api/profile", strings.NewReader(`{"bio":"a\u0000"}`)),
			ada.Request(http.MethodPut, "/api/profile", strings.NewReader(`{"preferences":{"a":"\u0000"}}`)),
		} {
			w := httptest.NewRecorder()
			if a.ServeHTTP(w, r); w.Code >= http.StatusInternalServerError {
				t.Errorf("%s: %d %s", r.URL, w.Code, w.Body)
			}
		}
	})
}

func TestProfile(t *testing.T) {
	onEach(t, func(t *testing.T, a *app, auth *authenttest.Auth) {
		ada := auth.SignUp(t, "Ada")
		var profile struct {
			UserID      string `json:"user_id"`
			Bio         string
			Preferences map[string]string
		}
		send(t, a, ada.Request(http.MethodGet, "/api/profile", nil), http.StatusOK, &profile)
		if profile.UserID != ada.ID || profile.Bio != "" {
			t.Errorf("profile %+v", profile)
		}
		for _, bio := range []string{"Countess", "Programmer"} {
			send(t, a, ada.Request(http.MethodPut, "/api/profile", strings.NewReader(`{"bio":"`+bio+`","preferences":{"theme":"dark"}}`)), http.StatusOK, &profile)
			if profile.Bio != bio || profile.Preferences["theme"] != "dark" {
				t.Errorf("profile %+v", profile)
			}
		}
	})
}
