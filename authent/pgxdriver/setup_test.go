package pgxdriver_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// open opens a driver that is closed when the test ends.
func open(t testing.TB, url string, opts ...pgxdriver.OpenOption) *pgxdriver.Driver {
	t.Helper()
	drv, err := pgxdriver.Open(t.Context(), url, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drv.Close(); err != nil {
			t.Error(err)
		}
	})
	return drv
}

// newDriver opens a driver on a new database.
func newDriver(t testing.TB, opts ...pgxdriver.OpenOption) *pgxdriver.Driver {
	t.Helper()
	return open(t, pgtest.New(t), opts...)
}

// stockDriver is Ent's own driver over pgx's driver for database/sql: the yardstick.
func stockDriver(t testing.TB, url string) *entsql.Driver {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return entsql.OpenDB(dialect.Postgres, db)
}

// stockPool is the yardstick on a pool.
func stockPool(pool *pgxpool.Pool) *entsql.Driver {
	return entsql.OpenDB(dialect.Postgres, stdlib.OpenDBFromPool(pool))
}

// exec runs statements.
func exec(t testing.TB, drv dialect.ExecQuerier, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if err := drv.Exec(context.Background(), s, []any{}, nil); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// count returns the number that a query selects.
func count(t testing.TB, drv dialect.ExecQuerier, query string, args ...any) int {
	t.Helper()
	if args == nil {
		args = []any{}
	}
	var rows entsql.Rows
	if err := drv.Query(context.Background(), query, args, &rows); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	n, err := entsql.ScanInt(&rows)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// idle fails the test if connections of the pool are in use.
func idle(t testing.TB, drv *pgxdriver.Driver) {
	t.Helper()
	// The pool closes a broken connection in the background, and gives its server 15 seconds to answer.
	deadline := time.Now().Add(20 * time.Second)
	for drv.Pool().Stat().AcquiredConns() != 0 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	if n := drv.Pool().Stat().AcquiredConns(); n != 0 {
		t.Errorf("%d connections are still in use", n)
	}
}

// modes are the ways in which statements can run, and the option for each.
var modes = []struct {
	name string
	opt  pgxdriver.OpenOption
}{
	{"CacheStatements", pgxdriver.WithStatementCache(pgxdriver.CacheStatements)},
	{"CacheDescriptions", pgxdriver.WithStatementCache(pgxdriver.CacheDescriptions)},
	{"NoCache", pgxdriver.WithStatementCache(pgxdriver.NoCache)},
	{"SimpleProtocol", pgxdriver.WithStatementCache(pgxdriver.SimpleProtocol)},
}
