// Package pgtest gives tests a Postgres database to throw away.
//
// The server is the one that the environment variable AUTHENT_TEST_POSTGRES names, a URL
// with the right to create databases, or a cluster that is made for the test process from
// the Postgres binaries of the machine and is gone when the process ends, however it ends.
// No other server is ever connected to. A machine that has neither fails the test.
package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// EnvURL names the environment variable with the URL of the server to test on.
const EnvURL = "AUTHENT_TEST_POSTGRES"

// New returns the URL of a new, empty database, which is dropped when the test ends.
func New(t testing.TB) string {
	t.Helper()
	server, err := serverURL()
	if err != nil {
		t.Fatal(err)
	}
	name := "authent_test_" + strings.ToLower(rand.Text())
	if err := execute(server, "CREATE DATABASE "+name); err != nil {
		t.Fatalf("create a test database: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s: not a URL", EnvURL)
	}
	u.Path = "/" + name
	return u.String()
}

// processCluster is the cluster of the test process. It is started at most once, and lives
// as long as the process: see Cluster.
var processCluster = sync.OnceValues(Start)

// serverURL returns the URL of the server to test on.
func serverURL() (string, error) {
	if server := os.Getenv(EnvURL); server != "" {
		return server, nil
	}
	cluster, err := processCluster()
	if err != nil {
		return "", err
	}
	return cluster.URL(), nil
}

// execute runs a statement on a connection of its own.
func execute(server, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return fmt.Errorf("connect to the server that %s names, or that was started for the tests: %w", EnvURL, err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, statement); err != nil {
		return err
	}
	return nil
}
