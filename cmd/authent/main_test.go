package main

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/agentuity/auth-go/internal/pgtest"
)

// authent runs the command and returns its exit code and what it printed.
func authent(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	code = run(t.Context(), args, &out, &errOut)
	return code, out.String(), errOut.String()
}

// mustAuthent runs the command, which has to succeed and to be silent about errors.
func mustAuthent(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := authent(t, args...)
	if code != exitOK || stderr != "" {
		t.Fatalf("authent %s: exit %d\n%s%s", strings.Join(args, " "), code, stdout, stderr)
	}
	return stdout
}

func TestUsage(t *testing.T) {
	for _, test := range []struct {
		args string
		code int
		want string
	}{
		{"--help", exitOK, "authent setup           create the auth tables"},
		{"setup --help", exitOK, "--connect-timeout"},
		{"", exitOK, "Available Commands"},
		{"seutp", exitUsage, `unknown command "seutp" for "authent"`},
		{"setup --nope", exitUsage, "unknown flag: --nope"},
		{"setup extra", exitUsage, `unexpected argument "extra"`},
		{"generate --dialect mysql", exitUsage, `--dialect "mysql": want postgres or sqlite`},
		{"init --without sso", exitUsage, `--without "sso": want one of organizations, api-keys, jwt`},
		{"version", exitOK, "authent "},
	} {
		t.Run(test.args, func(t *testing.T) {
			code, stdout, stderr := authent(t, strings.Fields(test.args)...)
			if code != test.code || !strings.Contains(stdout+stderr, test.want) {
				t.Errorf("exit %d, want %d; want %q in\n%s%s", code, test.code, test.want, stdout, stderr)
			}
			if code != exitOK && (stdout != "" || !strings.HasPrefix(stderr, "authent: ")) {
				t.Errorf("an error goes to stderr, after the name of the command:\nstdout %q\nstderr %q", stdout, stderr)
			}
		})
	}
}

func TestSecret(t *testing.T) {
	first, second := mustAuthent(t, "secret"), mustAuthent(t, "secret")
	if len(strings.TrimSpace(first)) != 43 || first == second {
		t.Errorf("secrets %q and %q", first, second)
	}
	if line := mustAuthent(t, "secret", "--env"); !strings.HasPrefix(line, "AGENTUITY_AUTH_SECRET=") {
		t.Errorf("--env: %q", line)
	}
}

func TestGenerate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "auth.sql")
	mustAuthent(t, "generate", "--output", path)
	if got, _ := os.ReadFile(path); string(got) != mustAuthent(t, "generate") {
		t.Error("the file differs from standard output")
	}
	if code, _, stderr := authent(t, "generate", "--output", path); code != exitError || !strings.Contains(stderr, "exists already") {
		t.Errorf("an existing file: exit %d, %s", code, stderr)
	}
	mustAuthent(t, "generate", "--dialect", "sqlite", "--output", path, "--force")
	if got, _ := os.ReadFile(path); !strings.Contains(string(got), "datetime") {
		t.Error("--force did not overwrite the file")
	}
	if code, _, stderr := authent(t, "generate", "-o", "/nowhere/auth.sql"); code != exitError || !strings.Contains(stderr, "/nowhere") {
		t.Errorf("a missing directory: exit %d, %s", code, stderr)
	}
}

// The statements of generate and setup make the same tables, each can follow the other,
// and both can be run again.
func TestGenerateAndSetupAgree(t *testing.T) {
	for _, test := range databases {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url, db := test.open(t)
			statements := mustAuthent(t, "generate", "--dialect", test.name)
			for range 2 {
				if _, err := db.ExecContext(t.Context(), statements); err != nil {
					t.Fatal(err)
				}
			}
			if out := mustAuthent(t, "setup", "--database-url", url); !strings.Contains(out, "nothing to do") {
				t.Errorf("setup after generate:\n%s", out)
			}

			url, db = test.open(t)
			if out := mustAuthent(t, "setup", "--database-url", url, "--dry-run"); !strings.Contains(out, "to do") {
				t.Errorf("dry run:\n%s", out)
			}
			if n := count(t, db, test.countTables); n != 0 {
				t.Errorf("the dry run created %d tables", n)
			}
			out := mustAuthent(t, "setup", "--database-url", url)
			if n := count(t, db, test.countTables); n != 9 || !strings.Contains(out, `create "session" table`) {
				t.Errorf("%d tables:\n%s", n, out)
			}
			if _, err := db.ExecContext(t.Context(), statements); err != nil {
				t.Errorf("generate after setup: %v", err)
			}
			if out := mustAuthent(t, "setup", "--database-url", url); !strings.Contains(out, "nothing to do") {
				t.Errorf("a second setup:\n%s", out)
			}
		})
	}
}

func TestSetupOnTablesThatAreThere(t *testing.T) {
	for _, test := range []struct {
		name, before string
		want         []string // In the output; of a refusal if the first is "refused".
	}{
		{
			"half made", `CREATE TABLE "user" ("id" text NOT NULL PRIMARY KEY, "name" text NOT NULL, "email" text NOT NULL)`,
			[]string{`"user" table`, `create "session" table`},
		},
		{
			"half made with rows", `CREATE TABLE "verification" ("id" text NOT NULL PRIMARY KEY, "identifier" text NOT NULL); INSERT INTO "verification" VALUES ('v', 'i')`,
			[]string{"refused", `table "verification" has rows but no column "value", which is required and has no default`},
		},
		{
			"wrong type", `CREATE TABLE "session" ("id" integer NOT NULL PRIMARY KEY, "token" integer NOT NULL); INSERT INTO "session" VALUES (1, 2)`,
			[]string{"refused", `column "id" of table "session" is integer NOT NULL, want text NOT NULL`, `column "token" of table "session" is integer NOT NULL, want text NOT NULL`},
		},
		{
			"nullable", `CREATE TABLE "jwks" ("id" text NOT NULL PRIMARY KEY, "publicKey" text, "privateKey" text NOT NULL)`,
			[]string{"refused", `column "publicKey" of table "jwks" is text, want text NOT NULL`},
		},
		{
			"extra required column", `CREATE TABLE "member" ("id" text NOT NULL PRIMARY KEY, "badge" text NOT NULL)`,
			[]string{"refused", `column "badge" of table "member" is required and has no default`},
		},
		{
			"extra columns and tables", `CREATE TABLE "organization" ("id" text NOT NULL PRIMARY KEY, "plan" text, "seats" integer NOT NULL DEFAULT 5); CREATE TABLE "project" ("id" text)`,
			[]string{`"organization" table`},
		},
	} {
		for _, target := range databases {
			t.Run(test.name+"/"+target.name, func(t *testing.T) {
				t.Parallel()
				url, db := target.open(t)
				if _, err := db.ExecContext(t.Context(), test.before); err != nil {
					t.Fatal(err)
				}
				before := count(t, db, target.countTables)
				code, stdout, stderr := authent(t, "setup", "--database-url", url)
				want := test.want
				if want[0] == "refused" {
					want = want[1:]
					if code != exitError || stdout != "" {
						t.Errorf("exit %d, stdout %q, want a refusal", code, stdout)
					}
					if n := count(t, db, target.countTables); n != before {
						t.Errorf("a refusal left %d tables, there were %d", n, before)
					}
				} else if code != exitOK {
					t.Errorf("exit %d", code)
				} else if again := mustAuthent(t, "setup", "--database-url", url); !strings.Contains(again, "nothing to do") {
					t.Errorf("a second setup:\n%s", again)
				}
				for _, text := range want {
					if !strings.Contains(stdout+stderr, text) {
						t.Errorf("want %q in\n%s%s", text, stdout, stderr)
					}
				}
			})
		}
	}
}

// Processes that start at once do not create the same table.
func TestSetupAtOnce(t *testing.T) {
	for _, test := range databases {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url, db := test.open(t)
			var group sync.WaitGroup
			for range 4 {
				group.Go(func() {
					var out bytes.Buffer
					if code := run(context.WithoutCancel(t.Context()), []string{"setup", "--database-url", url}, &out, &out); code != exitOK {
						t.Errorf("exit %d: %s", code, out.String())
					}
				})
			}
			group.Wait()
			if n := count(t, db, test.countTables); n != 9 {
				t.Errorf("%d tables", n)
			}
		})
	}
}

func TestSetupThatCannotConnect(t *testing.T) {
	const password = "s3cr3t-word"
	for name, test := range map[string]struct {
		url  string
		code int
		want string
	}{
		"none":        {"", exitUsage, "set DATABASE_URL, or give --database-url"},
		"unreachable": {"postgres://u:" + password + "@127.0.0.1:1/app", exitError, "connection refused"},
		"not a URL":   {"postgres://u:" + password + "%zz@127.0.0.1/app", exitUsage, "not valid"},
		"bad port":    {"postgres://u:" + password + "@127.0.0.1:port/app", exitUsage, "not valid"},
		"scheme":      {"mysql://u:" + password + "@127.0.0.1/app", exitUsage, `scheme "mysql"`},
		"nothing":     {"hello", exitUsage, "want postgres://"},
		"no file":     {"sqlite:", exitUsage, "names no file"},
		"no folder":   {"sqlite:/nowhere/app.db", exitError, "connect to SQLite database /nowhere/app.db"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DATABASE_URL", test.url)
			code, stdout, stderr := authent(t, "setup", "--connect-timeout", "2s")
			if code != test.code || stdout != "" || !strings.Contains(stderr, test.want) {
				t.Errorf("exit %d, want %d; want %q in\n%s%s", code, test.code, test.want, stdout, stderr)
			}
			if strings.Contains(stderr, password) {
				t.Errorf("the password is printed: %s", stderr)
			}
		})
	}
}

func TestFlagBeatsEnvironment(t *testing.T) {
	t.Setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
	mustAuthent(t, "setup", "--database-url", "sqlite:"+filepath.Join(t.TempDir(), "app.db"))
}

func TestSetupOnAReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	url, _ := openPostgres(t)
	code, _, stderr := authent(t, "setup", "--database-url", url+"&options=-c%20default_transaction_read_only%3Don")
	if code != exitError || !strings.Contains(stderr, "read-only") {
		t.Errorf("Postgres: exit %d, %s", code, stderr)
	}
	path := filepath.Join(t.TempDir(), "app.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr = authent(t, "setup", "--database-url", "file:"+path+"?mode=ro")
	if code != exitError || !strings.Contains(stderr, "readonly") {
		t.Errorf("SQLite: exit %d, %s", code, stderr)
	}
}

// target is a kind of database to set up.
type target struct {
	name        string
	open        func(t *testing.T) (url string, db *sql.DB)
	countTables string
}

var databases = []target{
	{"postgres", openPostgres, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"},
	{"sqlite", openSQLiteFile, "SELECT count(*) FROM sqlite_master WHERE type = 'table'"},
}

func openPostgres(t *testing.T) (string, *sql.DB) {
	t.Helper()
	return openTarget(t, pgtest.New(t))
}

func openSQLiteFile(t *testing.T) (string, *sql.DB) {
	t.Helper()
	return openTarget(t, "sqlite:"+filepath.Join(t.TempDir(), "app.db"))
}

func openTarget(t *testing.T, url string) (string, *sql.DB) {
	t.Helper()
	db, err := parseDatabase(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return url, db.DB
}

func count(t *testing.T, db *sql.DB, query string) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
