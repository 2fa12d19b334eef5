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

// startTimeout is how long a cluster may take until it accepts connections.
const startTimeout = 60 * time.Second

// Cluster is a throw-away Postgres server. It ends with Stop, or when the process that
// started it ends in whatever way: a shell that holds the other end of a pipe notices,
// stops the server and removes its files.
type Cluster struct {
	url  string
	pipe io.Closer
	done chan error
}

// URL of the database "postgres" on the server.
func (c *Cluster) URL() string { return c.url }

// supervise is the shell script that makes and runs the server ($1 is the directory of the
// binaries, $2 that of the cluster, $3 the port) until its standard input is closed, which
// may be at any time. Then it ends its process group and removes the files: initdb ends at
// TERM, a server that has clients at QUIT.
const supervise = `
trap : TERM QUIT
{
	"$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --locale=C --no-sync &&
	cat "$2/settings" >>"$2/data/postgresql.conf" &&
	exec "$1/postgres" -D "$2/data" -k "$2" -p "$3"
	touch "$2/failed"
} >"$2/log" 2>&1 </dev/null &
server=$!
read -r _
while kill -0 $server 2>/dev/null; do
	kill -TERM 0
	kill -QUIT 0
	sleep 0.1
done
rm -rf "$2"
`

// settings make the server fast rather than safe: its data is thrown away.
const settings = `
listen_addresses = '127.0.0.1'
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
timezone = 'UTC'
`

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
	dir, err := os.MkdirTemp("", "authent-pg-")
	if err != nil {
		return nil, fmt.Errorf("start a Postgres for tests: %w", err)
	}
	c, err := start(bin, dir, account)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start a Postgres for tests: %w", err), os.RemoveAll(dir))
	}
	return c, nil
}

func start(bin, dir string, account account) (*Cluster, error) {
	if err := account.own(dir); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "settings"), []byte(settings), 0o644); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
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
		return nil, errors.Join(fmt.Errorf("%w\n%s", err, bytes.TrimSpace(log)), c.Stop())
	}
	return c, nil
}

// await returns when the server in dir accepts connections.
func (c *Cluster) await(dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, c.url)
		if err == nil {
			return conn.Close(ctx)
		}
		if _, statErr := os.Stat(filepath.Join(dir, "failed")); statErr == nil {
			return errors.New("the server does not start")
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server does not accept connections after %s: %w", startTimeout, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
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
	case <-time.After(30 * time.Second):
		return errors.New("stop the Postgres for tests: it still runs after 30 seconds")
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
