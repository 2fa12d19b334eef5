package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/agentuity/auth-go/bench/internal/suite"
	"github.com/agentuity/auth-go/bench/internal/wire"
)

// proxy is a process of its own, so that its work is not counted as a contender's. It prints
// the URL of the database through it, and runs until its standard input ends.
func proxy(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("proxy", flag.ContinueOnError)
	latency := flags.Duration("latency", 0, "what is added to a round trip")
	if err := flags.Parse(args); err != nil {
		return err
	}
	p, err := wire.Listen(ctx, os.Getenv("BENCH_PROXY_SERVER"), *latency)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, p.URL())
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, p.Close())
}

// delayed starts a proxy, and returns its URL and what ends it.
func delayed(ctx context.Context, server string, latency time.Duration) (string, func() error, error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, self, "proxy", "-latency", latency.String())
	// Not an argument: it may have a password.
	cmd.Env = append(os.Environ(), "BENCH_PROXY_SERVER="+server)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("start the proxy: %w", err)
	}
	end := func() error { return errors.Join(in.Close(), cmd.Wait()) }
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		return "", nil, errors.Join(errors.New("the proxy did not start"), end())
	}
	return lines.Text(), end, nil
}

// ping measures a round trip to a server: an empty statement.
func ping(ctx context.Context, url string) (time.Duration, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close(ctx) }()
	var times []time.Duration
	for range 200 {
		start := time.Now()
		if err := conn.Ping(ctx); err != nil {
			return 0, err
		}
		times = append(times, time.Since(start))
	}
	return suite.Median(times), nil
}
