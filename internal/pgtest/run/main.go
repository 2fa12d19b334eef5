// Command run gives a command a Postgres to test on:
//
//	go run ./internal/pgtest/run -- go test ./...
//
// If AUTHENT_TEST_POSTGRES is set, the command runs as it is. Otherwise it runs beside a
// throw-away cluster that the variable names, which is stopped and removed when the
// command has ended. The exit code is that of the command, or 128 plus the signal that
// ended it.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/agentuity/auth-go/internal/pgtest"
)

func main() {
	args := os.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: run -- command [argument...]")
		os.Exit(2)
	}
	code, err := run(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
	}
	os.Exit(code)
}

// run runs the command beside a server and returns its exit code, or 1 and what kept it
// from running.
func run(args []string) (int, error) {
	// The command gets the signals of the terminal itself. Those sent to this process are
	// passed on, and it stays until the command has ended.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	parent := os.Getppid()

	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = os.Environ()
	if os.Getenv(pgtest.EnvURL) == "" {
		cluster, err := pgtest.Start()
		if err != nil {
			return 1, err
		}
		defer func() {
			if err := cluster.Stop(); err != nil {
				fmt.Fprintln(os.Stderr, "run:", err)
			}
		}()
		cmd.Env = append(cmd.Env, pgtest.EnvURL+"="+cluster.URL())
	}
	select {
	case sig := <-signals: // It came while the cluster started.
		return exitCode(sig), nil
	default:
	}
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	return wait(cmd, parent, signals)
}

// wait passes signals on until the command has ended, and returns its exit code.
func wait(cmd *exec.Cmd, parent int, signals <-chan os.Signal) (int, error) {
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // Ends with the command.

	// "go run" does not pass SIGTERM on to this process: that it is gone is the signal.
	poll := time.NewTicker(time.Second)
	defer poll.Stop()
	for {
		select {
		case sig := <-signals:
			_ = cmd.Process.Signal(sig) // It may have ended already.
		case <-poll.C:
			if os.Getppid() != parent {
				poll.Stop()
				_ = cmd.Process.Signal(syscall.SIGTERM)
			}
		case err := <-ended:
			var exit *exec.ExitError
			switch {
			case err == nil:
				return 0, nil
			case !errors.As(err, &exit):
				return 1, err
			}
			if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
				return exitCode(status.Signal()), nil
			}
			return exit.ExitCode(), nil
		}
	}
}

// exitCode returns the exit code of a program that a signal ended, as shells have it.
func exitCode(sig os.Signal) int {
	if number, ok := sig.(syscall.Signal); ok {
		return 128 + int(number)
	}
	return 1
}
