// Command app-schema is an app whose tables refer to the auth tables and back: projects
// and tasks that belong to users and organizations, and a profile for each user. Its
// schema is in ent/schema, the client that is generated from it in ent.
//
//	go run ./examples/app-schema tour
//
// It runs on an embedded SQLite database, or on Postgres if DATABASE_URL names one.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
)

const usage = `Usage: app-schema tour

Commands:
  tour    run the queries of the guide and print each with its typed result

Environment:
  DATABASE_URL    a Postgres URL to run on; without it, an embedded SQLite database in memory
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run executes the command in args and returns the exit code: 0, 1 if the command failed,
// or 2 if there is no such command.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	switch {
	case len(args) == 1 && args[0] == "tour":
	case len(args) == 1 && (args[0] == "help" || args[0] == "-h" || args[0] == "--help"):
		fmt.Fprint(stdout, usage)
		return 0
	default:
		fmt.Fprint(stderr, usage)
		return 2
	}
	if err := tour(ctx, os.Getenv("DATABASE_URL"), stdout); err != nil {
		fmt.Fprintln(stderr, "app-schema:", err)
		return 1
	}
	return 0
}
