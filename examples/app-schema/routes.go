package main

import (
	"net/http"
	"strings"

	"github.com/agentuity/auth-go/authent"
)

// routes sets the paths of the app.
func (a *app) routes() {
	signedIn := a.auth.RequireSession()
	for pattern, handler := range map[string]handler{
		"GET /api/me":                   a.me,
		"GET /api/profile":              a.profile,
		"PUT /api/profile":              a.setProfile,
		"GET /api/projects":             a.projects,
		"POST /api/projects":            a.createProject,
		"GET /api/projects/{id}/tasks":  a.tasks,
		"POST /api/projects/{id}/tasks": a.createTask,
		"PATCH /api/tasks/{id}":         a.updateTask,
	} {
		a.mux.Handle(pattern, signedIn(a.handle(handler)))
	}
	a.mux.Handle("GET /api/v1/key", a.auth.RequireAPIKey()(a.handle(a.key)))
	a.mux.Handle("GET /api/v1/projects", a.auth.RequireAPIKey()(a.handle(a.projectsOfKey)))
	a.mux.Handle("GET /{$}", page("index.html", "text/html; charset=utf-8"))
	a.mux.Handle("GET /page.js", page("page.js", "text/javascript; charset=utf-8"))
	a.mux.Handle("GET /auth-client.js", page("auth-client.js", "text/javascript; charset=utf-8"))
}

// ServeHTTP gives the auth endpoints their requests as they are: http.ServeMux would answer a path with two slashes
// with a redirect.
func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/api/auth" || strings.HasPrefix(r.URL.Path, "/api/auth/") {
		a.auth.Handler().ServeHTTP(w, r)
		return
	}
	a.mux.ServeHTTP(w, r)
}

// handler answers a request of somebody with a value, which is sent as JSON, or with an error.
type handler func(r *http.Request, id *authent.Identity) (status int, body any, err error)

// handle makes a handler an http.Handler. The middleware has found out whom the request acts for.
func (a *app) handle(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := authent.FromContext(r.Context())
		status, body, err := h(r, id)
		if err != nil {
			status, body = a.failure(r, err)
		}
		a.send(w, r, status, body)
	})
}
