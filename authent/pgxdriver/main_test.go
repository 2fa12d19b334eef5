package pgxdriver_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/agentuity/auth-go/internal/pgtest"
)

// TestMain gives the examples what they have in an app: a database that DATABASE_URL names.
func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	server := os.Getenv(pgtest.EnvURL)
	if server == "" {
		cluster, err := pgtest.Start()
		if err != nil {
			return 1, err
		}
		defer func() { err = errors.Join(err, cluster.Stop()) }()
		server = cluster.URL()
		if err := os.Setenv(pgtest.EnvURL, server); err != nil {
			return 1, err
		}
	}
	u, err := url.Parse(server)
	if err != nil {
		return 1, fmt.Errorf("%s: not a URL", pgtest.EnvURL)
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	name := "authent_test_" + strings.ToLower(rand.Text())
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return 1, err
	}
	defer func() {
		_, dropErr := conn.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
		err = errors.Join(err, dropErr)
	}()
	u.Path = "/" + name
	if err := os.Setenv("DATABASE_URL", u.String()); err != nil {
		return 1, err
	}
	return m.Run(), nil
}
