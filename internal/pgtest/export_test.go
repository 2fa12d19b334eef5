package pgtest

import (
	"os"
	"testing"
)

// StartIn starts a cluster in a directory that TempDir returned.
func StartIn(dir string) (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	return start(bin, dir, port, account)
}

// TempDir returns a directory for a cluster.
func TempDir(t *testing.T) string {
	t.Helper()
	account, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(account.tempDir(), "authent-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
