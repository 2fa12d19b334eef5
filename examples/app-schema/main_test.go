package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/agentuity/auth-go/internal/pgtest"
)

func TestTour(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(*testing.T) string { return "" },
		"postgres": func(t *testing.T) string { return pgtest.New(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := url(t)
			for range 2 { // It leaves nothing behind that a second run would meet.
				var out bytes.Buffer
				if err := tour(t.Context(), database, &out); err != nil {
					t.Fatalf("%v\n%s", err, out.String())
				}
				for _, want := range []string{
					"*ent.Project  Project(",
					"*ent.User  User(", "locale=fr",
					"*ent.Task  Task(",
					"*ent.Member  Member(",
					"*ent.Organization  Organization(",
					"key fetched: false",
					"bio=Countess and programmer, preferences=map[theme:dark]",
					"*ent.Invitation  Invitation(",
					"title=Welcome Linus",
					"Done: 9 steps.",
				} {
					if !strings.Contains(out.String(), want) {
						t.Errorf("want %q in\n%s", want, out.String())
					}
				}
				if strings.Contains(out.String(), "the hash of the key\"") || strings.Contains(out.String(), "key=the hash") {
					t.Errorf("the key is printed:\n%s", out.String())
				}
			}
		})
	}
}

func TestCommands(t *testing.T) {
	const password = "s3cr3t-word"
	for _, test := range []struct {
		args, url string
		code      int
		want      string
	}{
		{"", "", 2, "Usage: app-schema COMMAND"},
		{"serve tour", "", 2, "serve takes no argument \"tour\""},
		{"serve --addr nowhere:1:2", "", 1, "listen on nowhere:1:2"},
		{"tour tour", "", 2, "Usage: app-schema COMMAND"},
		{"--help", "", 0, "DATABASE_URL"},
		{"tour", "mysql://u:" + password + "@localhost/x", 1, "DATABASE_URL must be a Postgres URL"},
		{"tour", "postgres://u:" + password + "%zz@localhost/x", 1, "not a Postgres URL"},
		{"tour", "postgres://u:" + password + "@127.0.0.1:1/x", 1, "connection refused"},
	} {
		t.Run(test.args+" "+test.want, func(t *testing.T) {
			t.Setenv("DATABASE_URL", test.url)
			var out, errOut bytes.Buffer
			code := run(context.WithoutCancel(t.Context()), strings.Fields(test.args), &out, &errOut)
			if text := out.String() + errOut.String(); code != test.code || !strings.Contains(text, test.want) || strings.Contains(text, password) {
				t.Errorf("exit %d, want %d; want %q in\n%s", code, test.code, test.want, text)
			}
		})
	}
}
