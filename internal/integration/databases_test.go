package integration_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	_ "github.com/jackc/pgx/v5/stdlib" // The driver "pgx".
	_ "modernc.org/sqlite"             // The driver "sqlite".

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// database opens a new, empty database of a dialect.
type database struct {
	dialect string
	open    func(t *testing.T) *sql.DB
}

// databases are those that every behaviour is tested on.
var databases = []database{
	{dialect.Postgres, openPostgres},
	{dialect.SQLite, openSQLite},
}

func openPostgres(t *testing.T) *sql.DB {
	t.Helper()
	return openDB(t, "pgx", pgtest.New(t))
}

func openSQLite(t *testing.T) *sql.DB {
	t.Helper()
	file := filepath.Join(t.TempDir(), "test.db")
	return openDB(t, "sqlite", "file:"+file+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(10000)&_time_format=sqlite")
}

func openDB(t *testing.T, driver, source string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// drivers are those that the behaviour of clients is tested on.
var drivers = []struct {
	name string
	open func(t *testing.T) dialect.Driver
}{
	{"postgres", func(t *testing.T) dialect.Driver { return entsql.OpenDB(dialect.Postgres, openPostgres(t)) }},
	{"pgxdriver", openPgxdriver},
	{"sqlite", func(t *testing.T) dialect.Driver { return entsql.OpenDB(dialect.SQLite, openSQLite(t)) }},
}

func openPgxdriver(t *testing.T) dialect.Driver {
	t.Helper()
	drv, err := pgxdriver.Open(t.Context(), pgtest.New(t))
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

// onEach runs a test on every driver, each with a client that newClient makes.
func onEach[C any](t *testing.T, newClient func(*testing.T, dialect.Driver) C, test func(*testing.T, C)) {
	t.Helper()
	t.Parallel()
	for _, d := range drivers {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			test(t, newClient(t, d.open(t)))
		})
	}
}

// must returns the value of a call that has to succeed.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
