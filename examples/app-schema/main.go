// Command app-schema is an app whose tables refer to the auth tables and back: projects
// and tasks that belong to users and organizations, and a profile for each user. Its
// schema is in ent/schema, the client that is generated from it in ent.
//
//	go run ./examples/app-schema tour
//	go run ./examples/app-schema serve --migrate
//
// It runs on an embedded SQLite database, or on Postgres if DATABASE_URL names one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

const usage = `Usage: app-schema COMMAND

Commands:
  tour     run the queries of the guide and print each with its typed result
  serve    serve the app: accounts, organizations and API keys at /api/auth, projects at /api
           --addr ADDR       address to listen on (default 127.0.0.1:8080)
           --migrate         create the tables that the database does not have
           --database URL    Postgres URL or sqlite:FILE (default: DATABASE_URL, else a database in memory)
           --production      refuse a weak secret, and send no mail to the log

Environment:
  DATABASE_URL                      the database; without it, an embedded SQLite database in memory
  AGENTUITY_AUTH_SECRET             signs cookies and tokens; in development a random one without it
  AGENTUITY_AUTH_SECRETS            several secrets at a time, the current one first: 2:new,1:old
  AGENTUITY_BASE_URL                where browsers reach the app (default: http://ADDR)
  AUTH_RATE_LIMIT                   off: no client is told to wait (default: on)
  AUTH_REQUIRE_EMAIL_VERIFICATION   on: nobody signs in whose address is not verified
  AUTH_COOKIE_CACHE                 compact, jwt or jwe: sessions are kept in a cookie for five minutes (default: off)
  AUTH_DELETE_USER                  at-once or off (default: by a link in a mail; off with --production)
  AUTH_ENCRYPT_TOKENS               on: the tokens of accounts elsewhere are encrypted
  AUTH_TRUSTED_PROXIES              proxies whose X-Forwarded-For is believed, with commas
  GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET, GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET,
  GITLAB_CLIENT_ID, GITLAB_CLIENT_SECRET, GITLAB_ISSUER    sign-in with accounts elsewhere
  REDIS_URL                         keeps sessions and rate limits in Redis
`

func main() {
	// What the server keeps is some 2 MiB: Go would collect the garbage whenever as much again was allocated, or 4 MiB.
	// Waiting for 16 MiB takes that much memory, and a good part of the work away.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // A second signal does not wait for requests.
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run executes the command in args and returns the exit code: 0, 1 if the command failed,
// or 2 if there is no such command.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var err error
	switch {
	case len(args) == 1 && args[0] == "tour":
		err = tour(ctx, os.Getenv("DATABASE_URL"), stdout)
	case len(args) > 0 && args[0] == "serve":
		err = serve(ctx, args[1:], stderr)
	case len(args) == 1 && (args[0] == "help" || args[0] == "-h" || args[0] == "--help"):
		fmt.Fprint(stdout, usage)
		return 0
	default:
		fmt.Fprint(stderr, usage)
		return 2
	}
	var wrong usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintln(stderr, "app-schema:", err)
		return 2
	}
	fmt.Fprintln(stderr, "app-schema:", err)
	return 1
}

// usageError is an error of the arguments.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }
