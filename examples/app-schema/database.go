package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // The driver "sqlite".

	"github.com/agentuity/auth-go/examples/app-schema/ent"
)

// connectTimeout is how long the first connection to the database may take.
const connectTimeout = 10 * time.Second

// open returns a client on the Postgres database that url names, or on an embedded SQLite
// database in memory if it is empty. It creates the tables that are missing.
func open(ctx context.Context, url string) (client *ent.Client, name string, err error) {
	db, dialectName, name, err := connect(url)
	if err != nil {
		return nil, "", err
	}
	pingCtx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if err := db.PingContext(pingCtx); err != nil {
		return nil, "", errors.Join(fmt.Errorf("connect to %s: %w", name, err), db.Close())
	}
	client = ent.NewClient(ent.Driver(entsql.OpenDB(dialectName, db)))
	if err := client.Schema.Create(ctx); err != nil {
		return nil, "", errors.Join(fmt.Errorf("create the tables in %s: %w", name, err), client.Close())
	}
	return client, name, nil
}

// connect prepares a connection. The name that it returns is for people: it has no password.
func connect(url string) (db *sql.DB, dialectName, name string, err error) {
	switch {
	case url == "":
		// The database lives as long as its only connection.
		db, err := sql.Open("sqlite", ":memory:?_pragma=foreign_keys(1)&_time_format=sqlite")
		if err != nil {
			return nil, "", "", fmt.Errorf("open SQLite: %w", err)
		}
		db.SetMaxOpenConns(1)
		return db, dialect.SQLite, "SQLite in memory", nil
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		config, err := pgx.ParseConfig(url)
		if err != nil {
			return nil, "", "", fmt.Errorf("DATABASE_URL: %w", redacted(err))
		}
		name := fmt.Sprintf("Postgres database %q on %s", config.Database, config.Host)
		return stdlib.OpenDB(*config), dialect.Postgres, name, nil
	}
	return nil, "", "", errors.New("DATABASE_URL must be a Postgres URL, such as postgres://user:password@localhost:5432/app; unset it to run on SQLite")
}

// redacted keeps what a URL that cannot be parsed says out of the message: it may have a password.
func redacted(err error) error {
	var parse *pgconn.ParseConfigError
	if errors.As(err, &parse) {
		return errors.New("this is not a Postgres URL: want postgres://user:password@host:5432/database, with special characters of the password percent-encoded")
	}
	return err
}
