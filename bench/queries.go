package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/agentuity/auth-go/bench/internal/report"
	"github.com/agentuity/auth-go/bench/internal/seed"
	"github.com/agentuity/auth-go/bench/internal/suite"
	"github.com/agentuity/auth-go/bench/internal/wire"
)

// queries runs the suite and prints its tables.
func queries(ctx context.Context, c config, command string) (err error) {
	cases, err := chosen(c.only)
	if err != nil {
		return err
	}
	options := suite.Options{Rounds: 9, Turn: 15 * time.Millisecond, Log: os.Stderr}
	growthRounds := 3
	if c.full {
		options.Rounds, options.Turn, growthRounds = 31, 30*time.Millisecond, 7
		if c.growth == 0 {
			c.growth = 100_000
		}
	}
	if c.rounds > 0 {
		options.Rounds = c.rounds
	}
	fmt.Fprintln(os.Stderr, "loading the data")
	url, drop, err := seed.Database(ctx, c.postgres, database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	if err := seed.Load(ctx, url); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	options.Cleanup = func(ctx context.Context) error { return seed.Clean(ctx, conn) }
	result := report.Result{Machine: report.ThisMachine(), Rounds: options.Rounds, Cases: cases, Command: "cd bench && " + command}
	if result.Versions, err = versions(ctx, conn); err != nil {
		return err
	}
	for i, latency := range c.latencies {
		l, err := atLatency(ctx, url, latency, c.without, cases, options, i == 0)
		if err != nil {
			return err
		}
		result.Latencies = append(result.Latencies, l)
	}
	if result.Trips, result.Columns, err = trips(ctx, url, c.without, cases, options); err != nil {
		return err
	}
	if c.growth > 0 {
		fmt.Fprintln(os.Stderr, "growth")
		if result.Growth, err = growth(ctx, c.postgres, c.growth, growthRounds); err != nil {
			return err
		}
	}
	result.Text(os.Stdout)
	if c.report != "" {
		return result.Write(c.report)
	}
	return nil
}

// chosen returns the cases by their names, and all of them without names.
func chosen(names []string) ([]suite.Case, error) {
	if len(names) == 0 {
		return suite.Cases, nil
	}
	var cases []suite.Case
	for _, name := range names {
		c, ok := suite.Find(name)
		if !ok {
			return nil, fmt.Errorf("there is no case %q", name)
		}
		cases = append(cases, c)
	}
	return cases, nil
}

// atLatency measures all contenders at one latency. It compares their data first, if asked.
func atLatency(ctx context.Context, url string, latency time.Duration, without []string, cases []suite.Case, o suite.Options, verify bool) (l report.Latency, err error) {
	l.Asked = latency
	if latency > 0 {
		direct, err := ping(ctx, url)
		if err != nil {
			return l, err
		}
		through, end, err := delayed(ctx, url, latency)
		if err != nil {
			return l, err
		}
		defer func() { _ = end() }()
		url = through
		delayed, err := ping(ctx, url)
		if err != nil {
			return l, err
		}
		l.Ping = delayed - direct
	}
	contenders, err := connect(ctx, url, without)
	if err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, disconnect(contenders)) }()
	if verify {
		fmt.Fprintln(os.Stderr, "comparing what the contenders return")
		if err := suite.Verify(ctx, contenders, cases, o.Cleanup); err != nil {
			return l, err
		}
	}
	fmt.Fprintf(os.Stderr, "measuring at %s ", latency)
	l.Table, err = suite.Measure(ctx, contenders, cases, o)
	fmt.Fprintln(os.Stderr)
	return l, err
}

// trips counts the round trips of all contenders, and returns their names too.
func trips(ctx context.Context, url string, without []string, cases []suite.Case, o suite.Options) (_ map[string]map[string]float64, _ []string, err error) {
	counter, err := wire.Listen(ctx, url, 0)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, counter.Close()) }()
	contenders, err := connect(ctx, counter.URL(), without)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, disconnect(contenders)) }()
	var names []string
	for _, c := range contenders {
		names = append(names, c.Name)
	}
	table, err := suite.Trips(ctx, counter, contenders, cases, o.Cleanup)
	return table, slices.Clip(names), err
}
