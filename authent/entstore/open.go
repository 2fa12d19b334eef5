package entstore

import (
	"context"
	databasesql "database/sql"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/authent/pgxdriver"
)

// Open connects to the database of a URL: a Postgres one, natively, or SQLite for "sqlite:app.db", "file:app.db",
// "sqlite::memory:" or the path of a file that ends with .db or .sqlite.
func Open(ctx context.Context, source string, o authent.OpenOptions) (dialect.Driver, error) {
	switch scheme, rest, _ := strings.Cut(source, ":"); {
	case source == "":
		return nil, errors.New("authent: the database URL is empty (is DATABASE_URL set?): pass one such as postgres://user:password@host:5432/database or sqlite:app.db")
	case scheme == "postgres" || scheme == "postgresql":
		return openPostgres(ctx, source, o)
	case scheme == "sqlite" || scheme == "file":
		return openSQLite(ctx, strings.TrimPrefix(rest, "//"), o)
	case !strings.Contains(source, "://") && (strings.HasSuffix(source, ".db") || strings.HasSuffix(source, ".sqlite")):
		return openSQLite(ctx, source, o)
	}
	// The source may have a password: it is not quoted.
	return nil, errors.New("authent: the database URL is not one of postgres://user:password@host:5432/database, sqlite:app.db or the path of a file that ends with .db")
}

func openPostgres(ctx context.Context, source string, o authent.OpenOptions) (dialect.Driver, error) {
	var opts []pgxdriver.OpenOption
	if o.MaxConns != 0 {
		opts = append(opts, pgxdriver.WithMaxConns(int32(min(o.MaxConns, 1<<16))))
	}
	if o.MaxIdleTime != 0 {
		opts = append(opts, pgxdriver.WithMaxConnIdleTime(o.MaxIdleTime))
	}
	if o.ConnectTimeout != 0 {
		opts = append(opts, pgxdriver.WithConnectTimeout(o.ConnectTimeout))
	}
	drv, err := pgxdriver.Open(ctx, source, opts...)
	if err != nil {
		return nil, err // Not a nil *Driver in an interface.
	}
	return drv, nil
}

// openSQLite opens a file with one of the drivers of database/sql that the app imports.
func openSQLite(ctx context.Context, source string, o authent.OpenOptions) (dialect.Driver, error) {
	path, query, _ := strings.Cut(source, "?")
	if path == "" {
		return nil, errors.New(`authent: the database URL names no file: want sqlite:app.db or sqlite::memory: for one in memory`)
	}
	options, err := url.ParseQuery(query)
	if err != nil {
		return nil, fmt.Errorf("authent: the options of the database URL: %w", err)
	}
	memory := path == ":memory:" || options.Get("mode") == "memory"
	drivers := databasesql.Drivers()
	var name string
	switch {
	case slices.Contains(drivers, "sqlite"): // modernc.org/sqlite
		name = "sqlite"
		for _, pragma := range []string{"foreign_keys(1)", "busy_timeout(10000)"} {
			options.Add("_pragma", pragma)
		}
		if !memory {
			options.Add("_pragma", "journal_mode(WAL)")
		}
		options.Set("_time_format", "sqlite")
	case slices.Contains(drivers, "sqlite3"): // github.com/mattn/go-sqlite3
		name = "sqlite3"
		options.Set("_foreign_keys", "1")
		options.Set("_busy_timeout", "10000")
		if !memory {
			options.Set("_journal_mode", "WAL")
		}
	default:
		return nil, errors.New(`authent: the app imports no SQLite driver: add import _ "modernc.org/sqlite"`)
	}
	// A transaction takes the write lock when it begins. Otherwise two that read before they write give up.
	options.Set("_txlock", "immediate")
	db, err := databasesql.Open(name, "file:"+path+"?"+options.Encode())
	if err != nil {
		return nil, fmt.Errorf("authent: open the SQLite database %s: %w", path, err)
	}
	conns := o.MaxConns
	if conns == 0 {
		conns = max(4, runtime.NumCPU())
	}
	if memory {
		conns = 1 // The database lives in its connection.
	} else {
		idle := o.MaxIdleTime
		if idle == 0 {
			idle = 30 * time.Minute
		}
		db.SetConnMaxIdleTime(idle)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("authent: open the SQLite database %s: %w", path, err), db.Close())
	}
	return sql.OpenDB(dialect.SQLite, db), nil
}
