// Command middleware is the Go counterpart of the app in the recording that uses the middlewares of the TypeScript side: its
// routes answer with whom the request acts for.
//
//	middleware ADDRESS
//
// DATABASE_URL, AGENTUITY_AUTH_SECRET and AGENTUITY_BASE_URL are in the environment, and AUTH_COOKIE_CACHE for a cookie cache.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "middleware:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("usage: middleware ADDRESS")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	config := authent.Config{Development: true}
	if strategy := os.Getenv("AUTH_COOKIE_CACHE"); strategy != "" {
		config.Session.CookieCache = authent.CookieCacheConfig{Enabled: true, Strategy: authent.CookieCacheStrategy(strategy)}
	}
	auth, client, err := ent.OpenAuth(ctx, os.Getenv("DATABASE_URL"), config)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	mux := http.NewServeMux()
	mux.Handle("/api/auth/", auth.Handler())
	mux.Handle("GET /api/me", auth.RequireSession()(http.HandlerFunc(whoami)))
	mux.Handle("GET /api/me-optional", auth.OptionalSession()(http.HandlerFunc(whoami)))
	mux.Handle("GET /api/admin", auth.RequireSession(authent.OrgRole("owner", "admin"))(http.HandlerFunc(whoami)))
	mux.Handle("GET /api/key", auth.RequireAPIKey()(http.HandlerFunc(whoami)))
	mux.Handle("GET /api/key-perm", auth.RequireAPIKey(authent.Permission("files", "read"))(http.HandlerFunc(whoami)))
	server := &http.Server{Addr: os.Args[1], Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServe(); ctx.Err() == nil {
		return err
	}
	return nil
}

// answer is what the routes of the recording answer.
type answer struct {
	User       *authent.User    `json:"user"`
	Session    *authent.Session `json:"authSession"`
	Org        *org             `json:"org"`
	AuthMethod authent.Method   `json:"authMethod"`
	APIKey     *apiKey          `json:"apiKey"`
	OrgRole    *string          `json:"orgRole"`
}

type org struct {
	ID string `json:"id"`
}

type apiKey struct {
	ID          string          `json:"id"`
	Name        *string         `json:"name"`
	Permissions json.RawMessage `json:"permissions"`
	UserID      string          `json:"userId"`
}

// whoami answers with whom the request acts for.
func whoami(w http.ResponseWriter, r *http.Request) {
	out := answer{AuthMethod: authent.MethodSession}
	if id := authent.FromContext(r.Context()); id != nil {
		out.User, out.Session, out.AuthMethod = id.User, id.Session, id.Method
		active, err := id.Org(r.Context())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if active != nil {
			out.Org, out.OrgRole = &org{active.ID}, &active.Role
		}
		if k := id.APIKey; k != nil {
			out.APIKey = &apiKey{ID: k.ID, Name: k.Name, UserID: k.UserID}
			if k.Permissions != nil {
				out.APIKey.Permissions = json.RawMessage(*k.Permissions)
			}
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out) // The client is gone if this fails.
}
