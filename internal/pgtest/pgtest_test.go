package pgtest_test

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/agentuity/auth-go/internal/pgtest"
)

// TestMain lets the test binary play a process that starts a cluster and is killed.
func TestMain(m *testing.M) {
	if os.Getenv("PGTEST_PLAY_VICTIM") == "" {
		os.Exit(m.Run())
	}
	cluster, err := pgtest.Start()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stdout, cluster.URL())
	select {} // Until it is killed.
}

func TestNewGivesEachTestItsOwnDatabase(t *testing.T) {
	t.Parallel()
	first, second := pgtest.New(t), pgtest.New(t)
	if first == second {
		t.Fatalf("two tests share the database %s", first)
	}
	exec1(t, first, "CREATE TABLE t (id int)")
	exec1(t, second, "CREATE TABLE t (id int)")
}

func TestDatabaseIsDropped(t *testing.T) {
	t.Parallel()
	var dropped string
	t.Run("test", func(t *testing.T) { dropped = pgtest.New(t) })
	if conn, err := pgx.Connect(t.Context(), dropped); err == nil {
		_ = conn.Close(t.Context())
		t.Fatal("the database is still there after its test")
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	cluster, err := pgtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	dir := dataDirectory(t, cluster.URL())
	if err := cluster.Stop(); err != nil {
		t.Fatal(err)
	}
	assertGone(t, cluster.URL(), dir)
}

// A process that is killed cannot clean up. The cluster goes all the same.
func TestClusterEndsWithAKilledProcess(t *testing.T) {
	t.Parallel()
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), "PGTEST_PLAY_VICTIM=1")
	victim.Stderr = os.Stderr
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatalf("the process printed no URL: %v", victim.Wait())
	}
	server := lines.Text()
	dir := dataDirectory(t, server)
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait()
	assertGone(t, server, dir)
}

func dataDirectory(t *testing.T, server string) (dir string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if err := conn.QueryRow(t.Context(), "SHOW data_directory").Scan(&dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func assertGone(t *testing.T, server, dir string) {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		conn, connErr := pgx.Connect(t.Context(), server)
		if connErr == nil {
			_ = conn.Close(t.Context())
		}
		_, statErr := os.Stat(dir)
		if connErr != nil && os.IsNotExist(statErr) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after 20 seconds: connect to %s: %v; stat %s: %v", u.Host, connErr, dir, statErr)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func exec1(t *testing.T, database, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
