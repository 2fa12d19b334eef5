package service_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// BenchmarkRequests is what a request costs without the network between it and the service: the work of the service, and
// of Postgres and the driver.
func BenchmarkRequests(b *testing.B) {
	drv, err := pgxdriver.Open(b.Context(), pgtest.New(b))
	if err != nil {
		b.Fatal(err)
	}
	client := ent.NewClient(ent.Driver(drv))
	defer func() { _ = client.Close() }()
	if err := client.Schema.Create(b.Context()); err != nil {
		b.Fatal(err)
	}
	off := false
	auth, err := authent.New(client.AuthStore(), authent.Config{
		Secret: secret, BaseURL: "http://localhost", Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		RateLimit: authent.RateLimitConfig{Enabled: &off},
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	ada, err := auth.SignUpEmail(ctx, authent.SignUpEmailInput{Name: "Ada", Email: "ada@example.com", Password: password})
	if err != nil {
		b.Fatal(err)
	}
	org := client.Organization.Create().SetName("Acme").SetSlug("acme").SaveX(ctx)
	client.Member.Create().SetOrganizationID(org.ID).SetUserID(ada.User.ID).SetRole("owner").SaveX(ctx)
	for _, name := range []string{"b", "c", "d", "e", "f", "g", "h", "i", "j"} {
		user := client.User.Create().SetName(name).SetEmail(name + "@example.com").SaveX(ctx)
		client.Member.Create().SetOrganizationID(org.ID).SetUserID(user.ID).SetRole("member").SaveX(ctx)
	}
	client.Session.Update().SetActiveOrganizationID(org.ID).ExecX(ctx)
	key, err := auth.CreateAPIKey(ctx, authent.CreateAPIKeyInput{UserID: ada.User.ID, RateLimitEnabled: &off})
	if err != nil {
		b.Fatal(err)
	}
	many := 1_000_000_000
	limited, err := auth.CreateAPIKey(ctx, authent.CreateAPIKeyInput{UserID: ada.User.ID, RateLimitMax: &many})
	if err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/api/auth/", auth.Handler())
	mux.Handle("/key", auth.RequireAPIKey()(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })))
	for _, bench := range []struct{ name, path, header, value string }{
		{"anonymous", "/api/auth/get-session", "Accept", "application/json"},
		{"session", "/api/auth/get-session", "Authorization", "Bearer " + *ada.Token},
		{"key", "/key", keyHeader, key.Key},
		{"limitedKey", "/key", keyHeader, limited.Key},
		{"fullOrganization", "/api/auth/organization/get-full-organization", "Authorization", "Bearer " + *ada.Token},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequestWithContext(ctx, http.MethodGet, bench.path, nil)
				r.Header.Set(bench.header, bench.value)
				w := httptest.NewRecorder()
				mux.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatalf("%d %s", w.Code, w.Body)
				}
			}
		})
	}
}
