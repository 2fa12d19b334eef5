package service_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/agentuity/auth-go/authent"
)

// A hook that refuses undoes the change: the client gets its Error, or 500 for another error, and no cookie; no row is left, and no token
// is used up.
func TestHooksThatRefuse(t *testing.T) {
	var refusal func(hook string) error
	user := func(hook string) func(context.Context, *authent.User) error {
		return func(context.Context, *authent.User) error { return refusal(hook) }
	}
	session := func(hook string) func(context.Context, *authent.User, *authent.Session) error {
		return func(context.Context, *authent.User, *authent.Session) error { return refusal(hook) }
	}
	for name, err := range map[string]error{
		"an Error":      &authent.Error{Status: http.StatusForbidden, Code: "NOT_TODAY", Message: "Not today"},
		"another error": errors.New("the hook failed with a secret"),
	} {
		t.Run(name, func(t *testing.T) {
			for _, d := range databases {
				t.Run(d.name, func(t *testing.T) {
					refuses := ""
					refusal = func(hook string) error {
						if hook == refuses {
							return err
						}
						return nil
					}
					s := newServer(t, d.open(t), func(c *authent.Config) {
						c.DeleteUser.Enabled = true
						c.Hooks = authent.Hooks{
							BeforeUserCreate: user("BeforeUserCreate"), AfterUserCreate: user("AfterUserCreate"), AfterUserUpdate: user("AfterUserUpdate"),
							BeforeUserDelete: user("BeforeUserDelete"), AfterUserDelete: user("AfterUserDelete"),
							BeforeUserUpdate:    func(context.Context, *authent.User, []authent.Change) error { return refusal("BeforeUserUpdate") },
							BeforeSessionCreate: session("BeforeSessionCreate"), AfterSessionCreate: session("AfterSessionCreate"),
						}
					})
					s.signUp(t, "ann")
					reset, _ := s.requestReset(t, "ann@example.com", "")
					for _, attempt := range []struct {
						hooks []string
						path  string
						body  object
					}{
						{[]string{"BeforeUserCreate", "AfterUserCreate", "BeforeSessionCreate", "AfterSessionCreate"}, "/sign-up/email", object{"name": "Bea", "email": "bea@example.com", "password": password}},
						{[]string{"BeforeSessionCreate", "AfterSessionCreate"}, "/sign-in/email", object{"email": "ann@example.com", "password": password}},
						{[]string{"BeforeUserUpdate", "AfterUserUpdate"}, "/reset-password", object{"newPassword": "password-2", "token": reset}},
						{[]string{"BeforeUserUpdate", "AfterUserUpdate"}, "/update-user", object{"name": "Bob"}},
						{[]string{"BeforeUserDelete", "AfterUserDelete"}, "/delete-user", object{}},
					} {
						b := s.browser()
						if attempt.path == "/update-user" || attempt.path == "/delete-user" {
							refuses = ""
							b.post(t, "/sign-up/email", object{"name": "x", "email": attempt.path[1:] + "@example.com", "password": password}).ok(t)
						}
						for _, refuses = range attempt.hooks {
							before := s.rows(t, "")
							a := b.post(t, attempt.path, attempt.body)
							if name == "an Error" {
								a.is(t, 403, `{"message":"Not today","code":"NOT_TODAY"}`)
							} else {
								a.is(t, 500, `{"message":"Internal server error","code":"INTERNAL_SERVER_ERROR"}`)
							}
							if len(a.cookies) > 0 {
								t.Errorf("%s: %s sets %v", refuses, attempt.path, a.cookies)
							}
							if after := s.rows(t, ""); after != before {
								t.Errorf("%s: %s changed\n%s", refuses, attempt.path, changed(before, after))
							}
						}
						refuses = ""
						b.post(t, attempt.path, attempt.body).ok(t)
					}
				})
			}
		})
	}
}
