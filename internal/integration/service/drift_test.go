package service_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"entgo.io/ent/dialect"

	"github.com/agentuity/auth-go/authent"
)

// A database that is not as the service needs it, or is gone: every endpoint that needs it, and the middleware, answers with
// 500, never with 401, null or success, and clears no cookie (ASVS 5.0, 16.5.3).
func TestSchemaDriftIsNoDenial(t *testing.T) {
	t.Parallel()
	g := newGitLab(t)
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			drv := d.open(t)
			s := newServer(t, drv, flowDefault.with(g))
			type ready struct {
				flow
				b    *browser
				path string
				body any
			}
			var all []ready
			for i, f := range flows {
				// Without those that let time pass, in which the links of others expire.
				if f.on() == flowDefault && !strings.Contains(f.endpoint, "refresh)") && !strings.Contains(f.endpoint, "expired") && f.endpoint != "GET /token" {
					b, path, body := f.prepare(t, s, fmt.Sprintf("f%d", i))()
					all = append(all, ready{f, b, path, body})
				}
			}
			for i, drift := range []string{
				`ALTER TABLE "session" RENAME TO "session_gone"`,
				`ALTER TABLE "user" RENAME COLUMN "image" TO "picture"`,
				`ALTER TABLE "verification" RENAME COLUMN "identifier" TO "name"`,
				`DROP TABLE "apikey"`,
				`ALTER TABLE "account" RENAME TO "account_gone"`,
			} {
				exec(t, drv, drift)
				failed := 0
				for _, r := range all {
					if i > 0 && r.spends == "verification" {
						continue // Its state was used up.
					}
					a := must(r.b.try(r.method(), r.path, r.body))(t)
					if a.status == http.StatusInternalServerError {
						a.refused(t, 500, "INTERNAL_SERVER_ERROR")
						failed++
						if len(a.cookies) > 0 {
							t.Errorf("%s: %s sets %v", drift, r.endpoint, a.cookies)
						}
						continue
					}
					// Nobody's request, that of a key, and one with a state, may not need the table.
					if r.b.cookies[cookieName] != "" && !r.still && r.spends != "verification" || a.status != r.want() {
						t.Errorf("%s: %s = %d %s, want 500", drift, r.endpoint, a.status, a.body)
					}
				}
				if failed < len(all)*2/3 {
					t.Errorf("%s: only %d of %d requests failed", drift, failed, len(all))
				}
				cookie := all[len(all)-1].b.cookies[cookieName]
				for name, h := range map[string]http.Handler{
					"RequireSession": s.auth.RequireSession()(whoami), "OptionalSession": s.auth.OptionalSession()(whoami),
					"OrgRole": s.auth.RequireSession(authent.OrgRole("owner"))(whoami),
				} {
					t.Log(name)
					says(t, request(h, map[string]string{"Cookie": cookieName + "=" + cookie}), 500, `{"error":"Internal server error"}`)
				}
			}
			if err := s.client.AuthStore().Check(t.Context()); err == nil {
				t.Error("Check finds nothing wrong")
			}
			check(t, drv.Close())
			for _, r := range all {
				if a := must(r.b.try(r.method(), r.path, r.body))(t); a.status != 500 && !r.still {
					t.Errorf("without a database: %s = %d %s, want 500", r.endpoint, a.status, a.body)
				}
			}
		})
	}
}

// exec runs a statement.
func exec(t *testing.T, drv dialect.Driver, statement string) {
	t.Helper()
	if err := drv.Exec(t.Context(), statement, []any{}, nil); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
