package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// server is a Postgres server that tests may create databases on.
type server struct {
	url url.URL
}

// parseServer returns the server with a URL. Errors do not repeat the URL: it may have a
// password.
func parseServer(s string) (server, error) {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return server{}, errors.New(EnvURL + " is not a URL: set it to postgres://user:password@host:port/database of a server on which tests may create databases")
	}
	return server{url: *u}, nil
}

// databaseURL returns the URL of a database on the server.
func (s server) databaseURL(name string) string {
	u := s.url
	u.Path = "/" + name
	query := u.Query()
	query.Del("database") // Either would win over the path.
	query.Del("dbname")
	u.RawQuery = query.Encode()
	return u.String()
}

// create makes a database and returns its name.
func (s server) create() (string, error) {
	name := "authent_test_" + strings.ToLower(rand.Text())
	err := s.execute("CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
	if err != nil {
		return "", fmt.Errorf("create a test database: %w", err)
	}
	return name, nil
}

// drop removes a database that create made.
func (s server) drop(name string) error {
	if err := s.execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop the test database: %w", err)
	}
	return nil
}

// execute runs a statement on a connection of its own.
func (s server) execute(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.url.String())
	if err != nil {
		return fmt.Errorf("the Postgres for tests, which %s names if it is set, cannot be reached: %w", EnvURL, err)
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, statement)
	return err
}
