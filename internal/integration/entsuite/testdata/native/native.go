// Package native opens what Ent's tests run on: pgxdriver, on a database of its own.
package native

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"testing"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/agentuity/auth-go/authent/pgxdriver"
)

// Atlas opens databases by the name of the driver that Ent uses.
func init() { sql.Register(dialect.Postgres, stdlib.GetDefaultDriver()) }

// Driver is what the tests ask of a driver beside Ent's interface.
type Driver interface {
	dialect.Driver
	entsql.ExecQuerier
}

// Open returns a driver on a new database, which is dropped when the test ends. The environment
// variable ENTSUITE_MODE says which driver: pgxdriver with joins ("joins") or without ("separate"),
// or Ent's own over the driver of pgx for database/sql ("stock").
func Open(t testing.TB) Driver {
	t.Helper()
	return On(t, URL(t))
}

// On is Open on the database with a URL.
func On(t testing.TB, url string) Driver {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	// Nobody closes the pool: a test that fails may hold its connections, which end with the database.
	switch mode := os.Getenv("ENTSUITE_MODE"); mode {
	case "joins":
		return pgxdriver.New(pool)
	case "separate":
		return pgxdriver.New(pool, pgxdriver.WithJoins(false))
	case "stock":
		return entsql.OpenDB(dialect.Postgres, stdlib.OpenDBFromPool(pool))
	default:
		t.Fatalf("ENTSUITE_MODE is %q", mode)
		return nil
	}
}

// URL returns the URL of a new database, which is dropped when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("ENTSUITE_POSTGRES")
	database := "authent_test_" + strings.ToLower(rand.Text())
	execute(t, server, "CREATE DATABASE "+database+" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
	t.Cleanup(func() { execute(t, server, "DROP DATABASE "+database+" WITH (FORCE)") })
	return changed(t, server, func(u *url.URL) { u.Path = "/" + database })
}

// InSchema returns the URL of a database with the schema that is searched for tables.
func InSchema(t testing.TB, database, schema string) string {
	t.Helper()
	return changed(t, database, func(u *url.URL) {
		query := u.Query()
		query.Set("search_path", schema)
		u.RawQuery = query.Encode()
	})
}

func changed(t testing.TB, s string, change func(*url.URL)) string {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	change(u)
	return u.String()
}

// Exec runs a statement.
func Exec(t testing.TB, drv Driver, statement string) {
	t.Helper()
	if err := drv.Exec(t.Context(), statement, []any{}, nil); err != nil {
		t.Fatal(err)
	}
}

func execute(t testing.TB, url, statement string) {
	t.Helper()
	ctx := context.Background() // The test's own is done when it cleans up.
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Error(err)
	}
}
