package service_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent"
)

// A published default secret signed the sessions of who had none set, silently: everybody could make sessions (ASVS 5.0,
// 13.3.1). It is refused, like a short one and one of few characters; in development it is accepted with a warning.
func TestPublicDefaultSecret(t *testing.T) {
	for _, name := range []string{"AGENTUITY_AUTH_SECRETS", "BETTER_AUTH_SECRETS", "AGENTUITY_AUTH_SECRET", "BETTER_AUTH_SECRET", "AUTH_SECRET"} {
		t.Setenv(name, "")
	}
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			s := newServer(t, d.open(t), nil)
			made := func(value string, development bool) (string, error) {
				log := &lines{}
				_, err := authent.New(s.client.AuthStore(), authent.Config{
					Secret: value, BaseURL: s.url, Development: development, Logger: slog.New(slog.NewTextHandler(log, nil)),
				})
				return log.String(), err
			}
			for _, weak := range []string{
				"", "better-auth-secret-12345678901234567890", "BETTER-AUTH-SECRET-12345678901234567890", "better-auth-secret-123456789", "your-secret-key", "changeme",
				"short", strings.Repeat("x", 31), strings.Repeat("x", 64), strings.Repeat("ab", 32), strings.Repeat("1234567", 10),
			} {
				_, err := made(weak, false)
				if err == nil || !strings.Contains(err.Error(), "AGENTUITY_AUTH_SECRET") {
					t.Errorf("secret %q: %v", weak, err)
				}
				if err != nil && weak != "" && strings.Contains(err.Error(), weak) {
					t.Errorf("the error shows the secret: %v", err)
				}
				log, err := made(weak, true)
				if err != nil || !strings.Contains(log, "level=WARN") || weak != "" && strings.Contains(log, weak) {
					t.Errorf("in development, secret %q: %v, log %s", weak, err, log)
				}
				for _, name := range []string{"AGENTUITY_AUTH_SECRET", "BETTER_AUTH_SECRET", "AUTH_SECRET"} {
					t.Setenv(name, weak)
					if _, err := made("", false); err == nil {
						t.Errorf("%s=%q is accepted", name, weak)
					}
					t.Setenv(name, "")
				}
			}
			if _, err := made(secret, false); err != nil {
				t.Error(err)
			}
			// Without a secret each process of development makes its own: a cookie of one is nothing to the other.
			one := serve(t, s.client.AuthStore(), func(c *authent.Config) { c.Secret, c.Development = "", true })
			two := serve(t, s.client.AuthStore(), func(c *authent.Config) { c.Secret, c.Development = "", true })
			ann := one.signUp(t, "ann")
			other := two.browser()
			other.cookies = ann.cookies
			if !ann.signedIn(t) || other.signedIn(t) {
				t.Error("two processes made the same secret")
			}
		})
	}
}
