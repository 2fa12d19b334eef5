// Package load sends requests to a server on this machine, over a fixed number of
// connections, for a bounded time, and measures how long the answers take.
package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

// Options say how much is sent.
type Options struct {
	Connections int           // Each sends its next request when it has its answer.
	Duration    time.Duration // No request begins later.
	Most        int           // No more requests than that on a connection.
}

// A Result is what the server did.
type Result struct {
	Requests int
	Elapsed  time.Duration
	P50, P99 time.Duration
}

// PerSecond is the throughput.
func (r Result) PerSecond() float64 { return float64(r.Requests) / r.Elapsed.Seconds() }

// Run sends a request over and over to a server on the loopback. An answer with another
// status than want is an error, and ends the run.
func Run(ctx context.Context, address string, request []byte, want int, o Options) (Result, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil || !net.ParseIP(host).IsLoopback() {
		return Result{}, fmt.Errorf("%s is not an address on the loopback", address)
	}
	var mu sync.Mutex
	var times []time.Duration
	var errs []error
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	start := time.Now()
	var all sync.WaitGroup
	for range o.Connections {
		all.Go(func() {
			mine, err := connection(ctx, address, request, want, start.Add(o.Duration), o.Most)
			mu.Lock()
			defer mu.Unlock()
			times = append(times, mine...)
			if err != nil {
				errs = append(errs, err)
				cancel()
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return Result{}, err
	}
	r := Result{Requests: len(times), Elapsed: time.Since(start)}
	slices.Sort(times)
	if len(times) > 0 {
		r.P50, r.P99 = times[len(times)/2], times[len(times)*99/100]
	}
	return r, nil
}

// connection sends on one connection, and returns how long each answer took.
func connection(ctx context.Context, address string, request []byte, want int, end time.Time, most int) ([]time.Duration, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	answers := newAnswers(conn)
	var times []time.Duration
	for range most {
		begin := time.Now()
		if begin.After(end) {
			break
		}
		if _, err := conn.Write(request); err != nil {
			return times, err
		}
		status, err := answers.next()
		if err != nil {
			return times, err
		}
		if status != want {
			return times, fmt.Errorf("the answer has status %d, want %d: %s", status, want, answers.body)
		}
		times = append(times, time.Since(begin))
	}
	return times, nil
}

// runOnce sends a request on a connection of its own.
func runOnce(ctx context.Context, address string, request []byte, body *[]byte) (int, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write(request); err != nil {
		return 0, err
	}
	answers := newAnswers(conn)
	status, err := answers.next()
	*body = answers.body
	return status, err
}
