package authenttest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// SQLite returns the URL of a new SQLite database, a file that is removed when the test ends. The test imports a driver:
// modernc.org/sqlite or github.com/mattn/go-sqlite3.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "auth.db")
}

// Postgres returns the URL of a new, empty database on a Postgres server, which is dropped when the test ends. server is
// the URL of a database of it, as a user who may create databases:
//
//	url := authenttest.Postgres(t, os.Getenv("TEST_DATABASE_URL"))
func Postgres(t testing.TB, server string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		// It may have a password: it is not quoted.
		t.Fatal("authenttest.Postgres: the server is not a URL such as postgres://user:password@localhost:5432/postgres")
	}
	name := "authenttest_" + strings.ToLower(rand.Text())
	if err := execute(server, "CREATE DATABASE "+name); err != nil {
		t.Fatalf("authenttest.Postgres: create a database: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("authenttest.Postgres: drop the database %s: %v", name, err)
		}
	})
	query := u.Query()
	query.Del("database") // Either would win over the path.
	query.Del("dbname")
	u.Path, u.RawQuery = "/"+name, query.Encode()
	return u.String()
}

// execute runs a statement on a connection of its own.
func execute(server, statement string) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	_, err = conn.Exec(ctx, statement)
	return err
}
