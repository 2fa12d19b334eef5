package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite" // The driver "sqlite".

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/examples/app-schema/ent"
)

// open returns a client on the Postgres database that url names, or on an embedded SQLite
// database in memory if it is empty. It creates the tables that are missing.
func open(ctx context.Context, url string) (client *ent.Client, name string, err error) {
	drv, name, err := connect(ctx, url)
	if err != nil {
		return nil, "", err
	}
	client = ent.NewClient(ent.Driver(drv))
	if err := client.Schema.Create(ctx); err != nil {
		return nil, "", errors.Join(fmt.Errorf("create the tables in the %s: %w", name, err), client.Close())
	}
	return client, name, nil
}

// connect opens a database. The name that it returns is for people: it has no password.
func connect(ctx context.Context, url string) (drv dialect.Driver, name string, err error) {
	switch {
	case url == "":
		// The database lives as long as its only connection.
		db, err := sql.Open("sqlite", ":memory:?_pragma=foreign_keys(1)&_time_format=sqlite")
		if err != nil {
			return nil, "", fmt.Errorf("open SQLite: %w", err)
		}
		db.SetMaxOpenConns(1)
		return entsql.OpenDB(dialect.SQLite, db), "SQLite database in memory", nil
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		config, err := pgx.ParseConfig(url)
		if err != nil {
			// The error of pgx quotes the URL.
			return nil, "", errors.New("DATABASE_URL is not a Postgres URL: want postgres://user:password@host:5432/database, with special characters of the password percent-encoded")
		}
		drv, err := pgxdriver.Open(ctx, url)
		if err != nil {
			return nil, "", err
		}
		return drv, fmt.Sprintf("Postgres database %q on %s", config.Database, config.Host), nil
	}
	return nil, "", errors.New("DATABASE_URL must be a Postgres URL, such as postgres://user:password@localhost:5432/app; unset it to run on SQLite")
}
