package authent_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent"
)

// noKeys is a store that has a table of API keys without rows, and nothing else.
type noKeys struct{ authent.Store }

func (noKeys) Organizations() authent.OrganizationTable       { return nil }
func (noKeys) Members() authent.MemberTable                   { return nil }
func (noKeys) Invitations() authent.Table[authent.Invitation] { return nil }
func (noKeys) JWKS() authent.Table[authent.JWK]               { return nil }
func (noKeys) APIKeys() authent.APIKeyTable                   { return emptyTable{} }

type emptyTable struct{ authent.APIKeyTable }

func (emptyTable) FindWithUser(context.Context, string) (*authent.APIKey, *authent.User, error) {
	return nil, nil, nil
}
func (emptyTable) CanUpdateWithUser() bool { return false }

// FuzzAPIKeyHeader: no header makes a key of nothing, or the middleware fail.
func FuzzAPIKeyHeader(f *testing.F) {
	auth, err := authent.New(noKeys{}, authent.Config{Secret: "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA", BaseURL: "http://localhost"})
	if err != nil {
		f.Fatal(err)
	}
	handler := auth.RequireAPIKey()(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	f.Add("ag_"+strings.Repeat("x", 64), "ApiKey x")
	f.Add("", "apikey ")
	f.Add("\x00", "ApiKey\t"+strings.Repeat("y", 70))
	f.Fuzz(func(t *testing.T, key, authorization string) {
		r := httptest.NewRequest(http.MethodGet, "/api/x", nil)
		r.Header = http.Header{"X-Agentuity-Auth-Api-Key": {key}, "Authorization": {authorization}}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized {
			t.Errorf("%q, %q = %d %s", key, authorization, w.Code, w.Body)
		}
	})
}

// FuzzAPIKeyPermissions: whatever the column has, only what it says is allowed.
func FuzzAPIKeyPermissions(f *testing.F) {
	f.Add(`{"files":["read","write"]}`, "files", "read")
	f.Add(`{"files":["*"]}`, "files", "delete")
	f.Add(`{"files":"read"}`, "files", "read")
	f.Add(`null`, "files", "read")
	f.Add(`{"files":null}`, "files", "")
	f.Fuzz(func(t *testing.T, text, resource, action string) {
		key := &authent.APIKey{Permissions: &text}
		var permissions map[string][]string
		granted := json.Unmarshal([]byte(text), &permissions) == nil && len(permissions[resource]) > 0
		if key.Allows(resource) != granted {
			t.Errorf("%s allows %q: %v", text, resource, !granted)
		}
		granted = granted && (slices.Contains(permissions[resource], action) || slices.Contains(permissions[resource], "*"))
		if key.Allows(resource, action) != granted {
			t.Errorf("%s allows %q on %q: %v", text, action, resource, !granted)
		}
	})
}
