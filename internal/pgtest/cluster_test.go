package pgtest

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A port that somebody takes at the last moment is an error at once, which Start takes as
// a reason to try another, and nobody connects to whoever listens there.
func TestPortIsTaken(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	go func() { // Ends with the listener.
		if conn, err := listener.Accept(); err == nil {
			_ = conn.Close()
			t.Error("somebody connected to the other server")
		}
	}()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	bin, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	account, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	dir, begin := TempDir(t), time.Now()
	if _, err := start(bin, dir, port, account); !errors.Is(err, errPortTaken) {
		t.Errorf("start on a taken port: %v", err)
	}
	if took := time.Since(begin); took >= startTimeout {
		t.Errorf("the error came after %s", took)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the directory of a server that did not start: %v", err)
	}
}

// A temporary directory that is long, or that only root may enter, is no obstacle.
func TestTemporaryDirectory(t *testing.T) {
	long := t.TempDir()
	for range 4 {
		long = filepath.Join(long, "a-directory-with-a-name-that-is-long-for-a-socket")
	}
	if err := os.MkdirAll(long, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", long)
	cluster, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	if err := cluster.Stop(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(long); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
