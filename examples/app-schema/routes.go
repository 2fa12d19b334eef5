package main

import (
	"net/http"
	"strings"
)

// routes sets the paths of the app.
func (a *app) routes() {
	a.mux.Handle("GET /{$}", page())
}

// ServeHTTP gives the auth endpoints their requests as they are: http.ServeMux would answer a path with two slashes
// with a redirect.
func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/api/auth") {
		a.auth.Handler().ServeHTTP(w, r)
		return
	}
	a.mux.ServeHTTP(w, r)
}
