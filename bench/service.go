package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/agentuity/auth-go/bench/internal/load"
	"github.com/agentuity/auth-go/bench/internal/report"
	"github.com/agentuity/auth-go/bench/internal/seed"
	"github.com/agentuity/auth-go/bench/internal/servers"
	"github.com/agentuity/auth-go/bench/internal/suite"
	"github.com/agentuity/auth-go/bench/internal/wire"
	"github.com/agentuity/auth-go/mixins"
)

// interopFolder is where the TypeScript server is.
const interopFolder = "../interop"

// service measures the auth service beside the TypeScript server, on one database.
func service(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("http", flag.ContinueOnError)
	postgres := flags.String("postgres", os.Getenv("AUTHENT_TEST_POSTGRES"), "URL of a Postgres server where databases can be made")
	rounds := flags.Int("rounds", 5, "turns of each server for each request")
	turn := flags.Duration("turn", 3*time.Second, "how long a turn lasts")
	connections := flags.Int("connections", 16, "how many requests are under way at once")
	folder := flags.String("report", "", "folder with benchmarks.md, to write the figures into")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *postgres == "" {
		return errors.New("no Postgres server: give -postgres or set AUTHENT_TEST_POSTGRES, or run \"make bench-http\", which starts one")
	}
	url, drop, err := seed.Database(ctx, *postgres, database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	temporary, err := os.MkdirTemp("", "authent-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()
	fmt.Fprintln(os.Stderr, "building and starting the servers")
	program, err := servers.Build(ctx, temporary)
	if err != nil {
		return err
	}
	pair := &pair{program: filepath.Clean(program), settings: servers.Settings{Secret: mixins.NewID() + mixins.NewID()}}
	public, err := servers.Address(ctx)
	if err != nil {
		return err
	}
	pair.settings.Public = "http://" + public
	both, end, err := pair.start(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	scenarios, err := load.Prepare(ctx, conn, both[0].Address, pair.settings.Public)
	if err != nil {
		return err
	}
	result := report.Service{
		Machine: report.ThisMachine(), Rounds: *rounds, Turn: *turn, Connections: *connections,
		Names: [2]string{both[0].Name, both[1].Name}, Command: "make bench-http",
	}
	if result.Versions, err = versions(ctx, conn); err != nil {
		return err
	}
	var failed []error
	var measured []load.Scenario
	for _, s := range scenarios {
		row, err := pair.measure(ctx, both, s, *rounds, *turn, *connections)
		if err != nil {
			// The others are measured all the same.
			failed = append(failed, fmt.Errorf("%s: %w", s.Name, err))
			continue
		}
		result.Rows, measured = append(result.Rows, row), append(measured, s)
		fmt.Fprint(os.Stderr, ".")
	}
	fmt.Fprintln(os.Stderr)
	if err := pair.trips(ctx, url, measured, &result); err != nil {
		return err
	}
	result.Text(os.Stdout)
	if *folder != "" && len(failed) == 0 {
		return result.Write(*folder)
	}
	return errors.Join(failed...)
}

// A pair of servers on one database.
type pair struct {
	program  string
	settings servers.Settings
}

// start starts both on the database of a URL, this project's first: it makes the tables.
func (p *pair) start(ctx context.Context, url string) ([2]*servers.Server, func() error, error) {
	var both [2]*servers.Server
	settings := p.settings
	settings.Database = url
	end := func() error {
		var errs []error
		for _, s := range both {
			if s != nil {
				errs = append(errs, s.Close())
			}
		}
		return errors.Join(errs...)
	}
	for i := range both {
		address, err := servers.Address(ctx)
		if err == nil && i == 0 {
			both[i], err = servers.Go(ctx, p.program, address, settings)
		} else if err == nil {
			both[i], err = servers.TypeScript(ctx, interopFolder, address, settings)
		}
		if err != nil {
			return both, nil, errors.Join(err, end())
		}
	}
	return both, end, nil
}

// measure compares the answers of both servers, and then runs them in turns.
func (p *pair) measure(ctx context.Context, both [2]*servers.Server, s load.Scenario, rounds int, turn time.Duration, connections int) (report.Row, error) {
	row := report.Row{Name: s.Name, Target: s.Target}
	if err := s.Same(ctx, both[0].Address, both[1].Address); err != nil {
		return row, err
	}
	o := load.Options{Connections: connections, Duration: turn, Most: 1_000_000}
	warm := load.Options{Connections: connections, Duration: turn / 4, Most: 1_000}
	for round := range rounds + 1 {
		for k := range both {
			i := (k + round) % 2
			if round == 0 {
				if _, err := load.Run(ctx, both[i].Address, s.Request, s.Status, warm); err != nil {
					return row, fmt.Errorf("%s: %w", both[i].Name, err)
				}
				continue
			}
			before, err := both[i].CPU()
			if err != nil {
				return row, err
			}
			r, err := load.Run(ctx, both[i].Address, s.Request, s.Status, o)
			if err != nil {
				return row, fmt.Errorf("%s: %w", both[i].Name, err)
			}
			after, err := both[i].CPU()
			if err != nil {
				return row, err
			}
			row.Turns[i] = append(row.Turns[i], report.Turn{
				PerSecond: r.PerSecond(), P50: r.P50, P99: r.P99, CPU: (after - before) / time.Duration(max(1, r.Requests)),
			})
		}
	}
	return row, nil
}

// trips counts the round trips of a request between each server and the database.
func (p *pair) trips(ctx context.Context, url string, scenarios []load.Scenario, result *report.Service) (err error) {
	counter, err := wire.Listen(ctx, url, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, counter.Close()) }()
	both, end, err := p.start(ctx, counter.URL())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	for k, s := range scenarios {
		for i, server := range both {
			// One connection, so that the requests follow one another.
			one := load.Options{Connections: 1, Duration: 30 * time.Second, Most: 8}
			if _, err := load.Run(ctx, server.Address, s.Request, s.Status, one); err != nil {
				return fmt.Errorf("%s: %s: %w", s.Name, server.Name, err)
			}
			var trips []float64
			for range 5 {
				one.Most = 1
				before := counter.Trips()
				if _, err := load.Run(ctx, server.Address, s.Request, s.Status, one); err != nil {
					return fmt.Errorf("%s: %s: %w", s.Name, server.Name, err)
				}
				trips = append(trips, float64(counter.Trips()-before))
			}
			result.Rows[k].Trips[i] = suite.Median(trips)
		}
	}
	return nil
}
