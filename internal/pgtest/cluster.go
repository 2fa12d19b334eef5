package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// startTimeout is how long a cluster may take until it accepts connections.
	startTimeout = 60 * time.Second
	// stopTimeout is how long it may take until it is gone.
	stopTimeout = 30 * time.Second
)

// errPortTaken says that somebody else took the port before the server did.
var errPortTaken = errors.New("the port is taken")

// Cluster is a throw-away Postgres server. It ends with Stop, or when the process that
// started it ends in whatever way: see supervise.
type Cluster struct {
	url  string
	pipe io.Closer
	done chan error
}

// URL of the database "postgres" on the server.
func (c *Cluster) URL() string { return c.url }

// Start makes a cluster from the Postgres binaries of the machine and starts it.
func Start() (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		c, err := startOnce(bin, account)
		if err == nil {
			return c, nil
		}
		if attempt == 3 || !errors.Is(err, errPortTaken) {
			return nil, fmt.Errorf("start a Postgres for tests: %w", err)
		}
	}
}

// startOnce starts a cluster on a port that is free now.
func startOnce(bin string, account account) (*Cluster, error) {
	dir, err := os.MkdirTemp(account.tempDir(), "authent-pg-")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	c, err := start(bin, dir, port, account)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return c, nil
}

// start makes a cluster in dir, which is empty, and serves it on the port.
func start(bin, dir, port string, account account) (*Cluster, error) {
	if err := account.own(dir); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "settings"), []byte(settings), 0o644); err != nil {
		return nil, err
	}
	shell := exec.Command("/bin/sh", "-c", supervise, "sh", bin, dir, port)
	shell.Dir = dir
	account.run(shell)
	pipe, err := shell.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := shell.Start(); err != nil {
		return nil, err
	}
	c := &Cluster{
		url:  "postgres://postgres@127.0.0.1:" + port + "/postgres?sslmode=disable",
		pipe: pipe,
		done: make(chan error, 1),
	}
	go func() { c.done <- shell.Wait() }() // Ends with the shell, which ends with the pipe.
	if err := c.await(dir); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		if bytes.Contains(log, []byte("could not bind")) {
			err = errPortTaken
		}
		return nil, errors.Join(fmt.Errorf("%w; the end of its log:\n%s", err, lastLines(log, 10)), c.Stop())
	}
	return c, nil
}

// await returns when the server in dir accepts connections. The first connection is made
// only when the server itself says that it is ready on the port: until then, somebody
// else could listen there.
func (c *Cluster) await(dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for !ready(dir) {
		if _, err := os.Stat(filepath.Join(dir, "failed")); err == nil {
			return errors.New("the server does not start")
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server is not ready after %s", startTimeout)
		case <-time.After(20 * time.Millisecond):
		}
	}
	conn, err := pgx.Connect(ctx, c.url)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// ready reports whether the server in dir says in its lock file that it listens.
func ready(dir string) bool {
	lock, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	return err == nil && bytes.HasSuffix(bytes.TrimSpace(lock), []byte("\nready"))
}

// Stop ends the server and removes its files.
func (c *Cluster) Stop() error {
	if err := c.pipe.Close(); err != nil {
		return fmt.Errorf("stop the Postgres for tests: %w", err)
	}
	select {
	case err := <-c.done:
		if err != nil {
			return fmt.Errorf("stop the Postgres for tests: %w", err)
		}
		return nil
	case <-time.After(stopTimeout):
		return fmt.Errorf("stop the Postgres for tests: it still runs after %s", stopTimeout)
	}
}

// freePort returns a port of the loopback interface that nobody listens on.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

// lastLines returns the last n lines of a text.
func lastLines(text []byte, n int) []byte {
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-n):], []byte("\n"))
}
