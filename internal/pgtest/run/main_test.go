package main_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/agentuity/auth-go/internal/pgtest"
)

var program string

// TestMain builds the program once.
func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "authent-run-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program = filepath.Join(dir, "run")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the program: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// command is the program with arguments, on a machine where no server is given.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append(os.Environ(), pgtest.EnvURL+"=")
	return cmd
}

func TestRun(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args           []string
		server         string
		code           int
		stdout, stderr string
	}{
		"success":      {args: []string{"--", "sh", "-c", "test $" + pgtest.EnvURL}},
		"exit code":    {args: []string{"--", "sh", "-c", "exit 7"}, code: 7},
		"signal":       {args: []string{"sh", "-c", "kill -KILL $$"}, code: 137},
		"no such one":  {args: []string{"--", "authent-no-such-command"}, code: 1, stderr: "executable file not found"},
		"no command":   {args: []string{"--"}, code: 2, stderr: "usage: run -- command"},
		"server given": {args: []string{"--", "sh", "-c", "echo $" + pgtest.EnvURL}, server: "postgres://example/x", stdout: "postgres://example/x\n"},
		"arguments":    {args: []string{"--", "echo", "--", "-x"}, server: "postgres://example/x", stdout: "-- -x\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			cmd := command(t, tt.args...)
			cmd.Env = append(cmd.Env, pgtest.EnvURL+"="+tt.server)
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			var exit *exec.ExitError
			if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			if got := cmd.ProcessState.ExitCode(); got != tt.code {
				t.Errorf("exit code %d, want %d; stderr: %s", got, tt.code, &stderr)
			}
			if stdout.String() != tt.stdout {
				t.Errorf("stdout %q, want %q", &stdout, tt.stdout)
			}
			if !strings.Contains(stderr.String(), tt.stderr) || tt.stderr == "" && stderr.Len() > 0 {
				t.Errorf("stderr %q, want %q", &stderr, tt.stderr)
			}
		})
	}
}

// Whatever ends the program early, the command gets the signal, and the server is gone.
func TestSignals(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(t *testing.T, parent, run int){
		"interrupt":      func(t *testing.T, _, run int) { kill(t, run, syscall.SIGINT) },
		"terminate":      func(t *testing.T, _, run int) { kill(t, run, syscall.SIGTERM) },
		"go run is gone": func(t *testing.T, parent, _ int) { kill(t, parent, syscall.SIGKILL) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// A shell in the place of "go run", that does not replace itself with the program.
			cmd := exec.CommandContext(t.Context(), "sh", "-c", `"$0" "$@"; exit $?`, program, "--", "sh", "-c",
				`trap 'echo ended; exit 3' INT TERM; echo $PPID $AUTHENT_TEST_POSTGRES; while :; do sleep 0.1; done`)
			cmd.Env = append(os.Environ(), pgtest.EnvURL+"=")
			cmd.Stderr = os.Stderr
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewReader(out)
			pid, server, dir := readStart(t, lines)
			send(t, cmd.Process.Pid, pid)
			if rest, err := io.ReadAll(lines); err != nil || string(rest) != "ended\n" {
				t.Errorf("the command printed %q, %v; want that it ended", rest, err)
			}
			_ = cmd.Wait()
			assertGone(t, server, dir)
		})
	}
}

// readStart returns the process and the server that the command in TestSignals printed,
// and the directory of the server.
func readStart(t *testing.T, r *bufio.Reader) (pid int, server, dir string) {
	t.Helper()
	line, err := r.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(line, &pid, &server); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	conn, err := pgx.Connect(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if err := conn.QueryRow(t.Context(), "SHOW data_directory").Scan(&dir); err != nil {
		t.Fatal(err)
	}
	return pid, server, filepath.Dir(dir)
}

func kill(t *testing.T, pid int, sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, sig); err != nil {
		t.Fatal(err)
	}
}

func assertGone(t *testing.T, server, dir string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		conn, connErr := pgx.Connect(t.Context(), server)
		if connErr == nil {
			_ = conn.Close(t.Context())
		}
		_, statErr := os.Stat(dir)
		if connErr != nil && os.IsNotExist(statErr) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after 20 seconds: connect: %v; stat %s: %v", connErr, dir, statErr)
		}
	}
}
