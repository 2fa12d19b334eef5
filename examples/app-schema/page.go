package main

import (
	"embed"
	"net/http"
)

//go:embed page/index.html page/page.js page/auth-client.js
var files embed.FS

// page serves a file of the page.
func page(name, contentType string) http.Handler {
	content, err := files.ReadFile("page/" + name)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'")
		_, _ = w.Write(content) // The client went away if it fails.
	})
}
