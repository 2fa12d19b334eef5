// Command authent prepares a Go module and a database for Agentuity Auth on Ent.
//
//	authent init       write the schema and the generator of an app
//	authent generate   write the SQL of the auth tables
//	authent setup      create the auth tables in a database
//	authent secret     make a secret for the auth service
//	authent version    print the version
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// The exit codes.
const (
	exitOK    = 0
	exitError = 1 // The command failed.
	exitUsage = 2 // There is no such command, flag or argument.
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// usageError is an error in how a command was called.
type usageError struct{ error }

// run executes the command in args and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cmd := newRootCommand() //nolint:contextcheck // The commands get the context of ExecuteContext.
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	err := cmd.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(stderr, "authent:", err)
	var usage usageError
	if errors.As(err, &usage) || strings.HasPrefix(err.Error(), "unknown command") {
		fmt.Fprintln(stderr, "Run \"authent --help\" for the commands and their flags.")
		return exitUsage
	}
	return exitError
}

func newRootCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "authent",
		Short: "Agentuity Auth for Go and Ent",
		Long: `authent prepares a Go module and a database for Agentuity Auth on Ent.

A new app takes three steps:

  authent init            write ent/schema/auth.go and the generator
  go generate ./ent       generate the typed client
  authent setup           create the auth tables in DATABASE_URL`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	cmd.AddCommand(newInitCommand(), newGenerateCommand(), newSetupCommand(), newSecretCommand(), newVersionCommand())
	return cmd
}

// atMost returns a check for the number of arguments of a command.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return usageError{fmt.Errorf("%s: unexpected argument %q", cmd.CommandPath(), args[n])}
		}
		return nil
	}
}
