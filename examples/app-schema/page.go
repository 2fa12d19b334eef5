package main

import (
	_ "embed"
	"net/http"
)

//go:embed page/index.html
var index []byte

// page serves the page of the app.
func page() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(index) // The client went away if it fails.
	})
}
