package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // The driver "sqlite".
)

// database is a connection that a URL names.
type database struct {
	*sql.DB
	dialect string
	name    string // For people: it has no password.
}

// openDatabase connects to the database that a URL names. No error of it has the password.
func openDatabase(ctx context.Context, source string, timeout time.Duration) (*database, error) {
	db, err := parseDatabase(source)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = fmt.Errorf("no answer after %s", timeout)
		}
		return nil, errors.Join(fmt.Errorf("connect to %s: %s", db.name, oneLine(err)), db.Close())
	}
	return db, nil
}

// parseDatabase tells the kind of database from the URL.
func parseDatabase(source string) (*database, error) {
	scheme, rest, _ := strings.Cut(source, ":")
	switch {
	case source == "":
		return nil, usageError{errors.New("no database: set DATABASE_URL, or give --database-url")}
	case scheme == "postgres" || scheme == "postgresql":
		config, err := pgx.ParseConfig(source)
		if err != nil {
			// The error of pgx quotes the URL.
			return nil, usageError{errors.New("the database URL is not valid: want postgres://user:password@host:5432/database, with special characters of the password percent-encoded")}
		}
		return &database{
			DB:      stdlib.OpenDB(*config),
			dialect: dialect.Postgres,
			name:    fmt.Sprintf("Postgres database %q on %s", config.Database, config.Host),
		}, nil
	case scheme == "sqlite" || scheme == "file":
		return openSQLite(strings.TrimPrefix(rest, "//"))
	case strings.HasSuffix(source, ".db") || strings.HasSuffix(source, ".sqlite"):
		return openSQLite(source)
	case strings.Contains(source, "://"):
		return nil, usageError{fmt.Errorf("the database URL has the scheme %q, want postgres or sqlite", scheme)}
	}
	return nil, usageError{errors.New("the database URL is not valid: want postgres://user:password@host:5432/database or sqlite:path/to/file.db")}
}

// openSQLite opens a file as the generated client needs it: with foreign keys, and waiting
// for another process that writes.
func openSQLite(path string) (*database, error) {
	path, query, _ := strings.Cut(path, "?")
	if path == "" {
		return nil, usageError{errors.New("the database URL names no file: want sqlite:path/to/file.db")}
	}
	options, err := url.ParseQuery(query)
	if err != nil {
		return nil, usageError{fmt.Errorf("the options of the database URL: %w", err)}
	}
	options.Add("_pragma", "foreign_keys(1)")
	options.Add("_pragma", "busy_timeout(10000)")
	options.Set("_txlock", "immediate")
	db, err := sql.Open("sqlite", "file:"+path+"?"+options.Encode())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	return &database{DB: db, dialect: dialect.SQLite, name: "SQLite database " + path}, nil
}

// oneLine writes an error of several lines, as pgx has them, in one.
func oneLine(err error) string {
	lines := strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\t' })
	// One attempt per address and TLS mode, often with the same words.
	var kept []string
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" && (len(kept) == 0 || kept[len(kept)-1] != line) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, " ")
}
