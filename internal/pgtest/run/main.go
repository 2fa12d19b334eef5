// Command run gives a command a Postgres to test on:
//
//	go run ./internal/pgtest/run -- go test ./...
//
// If AUTHENT_TEST_POSTGRES is set, the command runs as it is. Otherwise it runs beside a
// throw-away cluster, which is stopped and removed when the command has ended. The exit
// code is that of the command.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

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

// run runs the command and returns its exit code, or 1 and what kept it from running.
func run(args []string) (int, error) {
	// The command gets the signals of the terminal itself. Those sent to this process are
	// passed on, and it stays until the command has ended.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	env := os.Environ()
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
		env = append(env, pgtest.EnvURL+"="+cluster.URL())
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // Ends with the command.
	for {
		select {
		case sig := <-signals:
			_ = cmd.Process.Signal(sig) // It may have ended already.
		case err := <-ended:
			var exit *exec.ExitError
			switch {
			case err == nil:
				return 0, nil
			case errors.As(err, &exit) && exit.ExitCode() >= 0:
				return exit.ExitCode(), nil
			}
			return 1, err
		}
	}
}
