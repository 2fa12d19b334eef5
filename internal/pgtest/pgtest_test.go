package pgtest_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/agentuity/auth-go/internal/pgtest"
)

// TestMain lets the test binary play a process that starts a cluster and is killed: in the
// directory that the variable names.
func TestMain(m *testing.M) {
	dir := os.Getenv("PGTEST_PLAY_VICTIM")
	if dir == "" {
		os.Exit(m.Run())
	}
	cluster, err := pgtest.StartIn(dir)
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

// A database is the same on every server, and belongs to the tests alone.
func TestDatabaseSettings(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var encoding, collate string
	var first bool
	if err := conn.QueryRow(t.Context(), `
		SELECT pg_encoding_to_char(encoding), datcollate, 'Z' < 'a' FROM pg_database WHERE datname = current_database()
	`).Scan(&encoding, &collate, &first); err != nil {
		t.Fatal(err)
	}
	if encoding != "UTF8" || collate != "C" || !first {
		t.Errorf("encoding %s, collation %s, Z before a: %t", encoding, collate, first)
	}
}

// A cluster is fast rather than safe, listens on the loopback alone, and leaves nothing.
func TestCluster(t *testing.T) {
	t.Parallel()
	cluster, err := pgtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(setting(t, cluster.URL(), "data_directory"))
	for name, want := range map[string]string{
		"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200",
		"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "TimeZone": "UTC",
	} {
		if got := setting(t, cluster.URL(), name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if err := cluster.Stop(); err != nil {
		t.Fatal(err)
	}
	assertGone(t, cluster.URL(), dir)
}

// A process that is killed cannot clean up. The cluster goes all the same, be it in use.
func TestClusterEndsWithAKilledProcess(t *testing.T) {
	t.Parallel()
	victim, dir, out := startVictim(t)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	server := strings.TrimSpace(line)
	if got := setting(t, server, "data_directory"); got != filepath.Join(dir, "data") {
		t.Fatalf("the server runs on %s, not in %s", got, dir)
	}
	conn, err := pgx.Connect(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait()
	assertGone(t, server, dir)
}

// Nor does one stay behind that was being made.
func TestClusterEndsWithAProcessThatIsKilledWhileItStarts(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"log", "data/PG_VERSION", "data/postmaster.pid"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			victim, dir, _ := startVictim(t)
			for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
				if _, err := os.Stat(filepath.Join(dir, file)); err == nil {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("%s has no %s after 20 seconds", dir, file)
				}
			}
			if err := victim.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = victim.Wait()
			assertRemoved(t, dir)
			time.Sleep(500 * time.Millisecond)
			assertRemoved(t, dir) // Nobody is left who could write to it again.
		})
	}
}

// startVictim starts a process that starts a cluster in dir, and prints its URL.
func startVictim(t *testing.T) (victim *exec.Cmd, dir string, out io.Reader) {
	t.Helper()
	dir = pgtest.TempDir(t)
	victim = exec.CommandContext(t.Context(), os.Args[0])
	victim.Env = append(os.Environ(), "PGTEST_PLAY_VICTIM="+dir)
	victim.Stderr = os.Stderr
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	return victim, dir, out
}

func setting(t *testing.T, server, name string) (value string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if err := conn.QueryRow(t.Context(), "SHOW "+name).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// assertGone fails unless the server is gone soon, and its directory removed.
func assertGone(t *testing.T, server, dir string) {
	t.Helper()
	assertRemoved(t, dir)
	if conn, err := pgx.Connect(t.Context(), server); err == nil {
		_ = conn.Close(t.Context())
		t.Errorf("the server of %s still runs", dir)
	}
}

func assertRemoved(t *testing.T, dir string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		_, err := os.Stat(dir)
		if os.IsNotExist(err) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is there after 20 seconds: %v", dir, err)
		}
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
