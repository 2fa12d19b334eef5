package pgtest

import (
	"strings"
	"testing"
)

func TestDatabaseURL(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"postgres://u:p@host:5433/postgres":                     "postgres://u:p@host:5433/x",
		"postgresql://u@host":                                   "postgresql://u@host/x",
		"postgres://u@host/postgres?sslmode=disable&dbname=app": "postgres://u@host/x?sslmode=disable",
		"postgres:///postgres?host=/run/postgresql":             "postgres:///x?host=%2Frun%2Fpostgresql",
	} {
		s, err := parseServer(given)
		if err != nil {
			t.Errorf("%s: %v", given, err)
			continue
		}
		if got := s.databaseURL("x"); got != want {
			t.Errorf("%s: %s, want %s", given, got, want)
		}
	}
}

// What is not a URL is an error that says what to write, without the password.
func TestNotAURL(t *testing.T) {
	t.Parallel()
	for _, given := range []string{"host=localhost password=hunter2", "localhost:5432", "postgres://u:hunter2@h:port/x", "sqlite:hunter2.db"} {
		_, err := parseServer(given)
		if err == nil || !strings.Contains(err.Error(), "set it to postgres://") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", given, err)
		}
	}
}

// A server that does not answer fails the test, with the variable to look at.
func TestServerDoesNotAnswer(t *testing.T) {
	t.Parallel()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	s, err := parseServer("postgres://u:hunter2@127.0.0.1:" + port + "/postgres?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.create()
	if err == nil || !strings.Contains(err.Error(), EnvURL) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("create: %v", err)
	}
}
