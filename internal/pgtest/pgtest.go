// Package pgtest gives tests a Postgres database to throw away.
//
// The server is the one that the environment variable AUTHENT_TEST_POSTGRES names, a URL
// with the right to create databases, or a cluster that is made for the test process from
// the Postgres binaries of the machine and is gone when the process ends, however it ends.
// No other server is ever connected to. A machine that has neither fails the test.
package pgtest

import (
	"os"
	"sync"
	"testing"
)

// EnvURL names the environment variable with the URL of the server to test on.
const EnvURL = "AUTHENT_TEST_POSTGRES"

// New returns the URL of a new, empty database, which is dropped when the test ends, with
// the connections that are still open. It is encoded in UTF-8 and sorts by bytes on every
// server. New fails the test if there is no server.
func New(t testing.TB) string {
	t.Helper()
	s, err := testServer()
	if err != nil {
		t.Fatal(err)
	}
	database, err := s.create()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.drop(database); err != nil {
			t.Error(err)
		}
	})
	return s.databaseURL(database)
}

// processCluster is the cluster of the test process. It is started at most once, and lives
// as long as the process: see Cluster.
var processCluster = sync.OnceValues(Start)

// testServer returns the server to test on.
func testServer() (server, error) {
	if given := os.Getenv(EnvURL); given != "" {
		return parseServer(given)
	}
	cluster, err := processCluster()
	if err != nil {
		return server{}, err
	}
	return parseServer(cluster.URL())
}
