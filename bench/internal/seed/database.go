package seed

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
)

// Database makes an empty database on the server of a URL, instead of one of that name that
// is there, and returns its URL and what removes it. Commits in it do not wait for the disk:
// what is measured is the client, and the disk is the same for all.
func Database(ctx context.Context, server, name string) (string, func() error, error) {
	u, err := url.Parse(server)
	if err != nil {
		// The error quotes the URL, and with it the password.
		return "", nil, errors.New("the URL of the server is not a URL: want postgres://user@host:port/database")
	}
	exec := func(statements ...string) error {
		conn, err := pgx.Connect(ctx, server)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close(ctx) }()
		for _, s := range statements {
			if _, err := conn.Exec(ctx, s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	}
	drop := fmt.Sprintf("DROP DATABASE IF EXISTS %s WITH (FORCE)", pgx.Identifier{name}.Sanitize())
	if err := exec(drop,
		fmt.Sprintf("CREATE DATABASE %s", pgx.Identifier{name}.Sanitize()),
		fmt.Sprintf("ALTER DATABASE %s SET synchronous_commit = off", pgx.Identifier{name}.Sanitize()),
	); err != nil {
		return "", nil, err
	}
	u.Path = "/" + name
	return u.String(), func() error { return exec(drop) }, nil
}
