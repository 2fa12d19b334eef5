package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/agentuity/auth-go/bench/internal/peers/authent"
	"github.com/agentuity/auth-go/bench/internal/peers/hand"
	"github.com/agentuity/auth-go/bench/internal/peers/stock"
	"github.com/agentuity/auth-go/bench/internal/report"
	"github.com/agentuity/auth-go/bench/internal/seed"
	"github.com/agentuity/auth-go/bench/internal/suite"
)

// page reads n projects, each with its owner and its task.
type page func(ctx context.Context, n int) (any, error)

// growth measures how the cost grows with the number of parents. Each number has a database
// of its own, which is read as a whole: in one large database Postgres would go over from
// indexes to whole tables on the way.
func growth(ctx context.Context, server string, most, rounds int) ([]report.Growth, error) {
	all := []report.Growth{{Name: report.Stock}, {Name: report.Generic}, {Name: report.Hand}}
	for n := 100; n <= most; n *= 10 {
		url, drop, err := seed.Database(ctx, server, database+"_growth")
		if err != nil {
			return nil, err
		}
		if err := seed.LoadGrowth(ctx, url, n); err != nil {
			return nil, errors.Join(err, drop())
		}
		steps, err := grow(ctx, url, n, rounds)
		if err := errors.Join(err, drop()); err != nil {
			return nil, err
		}
		for i := range all {
			all[i].Steps = append(all[i].Steps, steps[all[i].Name])
		}
	}
	return all, nil
}

// grow measures one number of parents, by contender.
func grow(ctx context.Context, url string, n, rounds int) (_ map[string]report.Step, err error) {
	stockClient, err := stock.Client(url)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stockClient.Close()) }()
	client, err := authent.Client(ctx, url)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	byHand, closeHand, err := hand.Page(ctx, url)
	if err != nil {
		return nil, err
	}
	defer closeHand()
	pages := map[string]page{report.Stock: stock.Page(stockClient), report.Generic: authent.Page(client), report.Hand: byHand}
	rows := map[string][]report.Step{}
	for round := range rounds + 1 {
		for name, read := range pages {
			step, err := measure(ctx, read, n)
			if err != nil {
				return nil, fmt.Errorf("%s, %d rows: %w", name, n, err)
			}
			if round > 0 { // The first one warms up.
				rows[name] = append(rows[name], step)
			}
		}
	}
	steps := map[string]report.Step{}
	for name, all := range rows {
		steps[name] = middle(all)
	}
	return steps, nil
}

// stockLimit is the number of parents above which stock Ent has more arguments than the
// protocol of Postgres can carry.
const stockLimit = 65_535

// measure reads n rows: small numbers several times, for the clock.
func measure(ctx context.Context, read page, n int) (report.Step, error) {
	step := report.Step{Rows: n}
	calls := max(1, 2_000/n)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var times []time.Duration
	var result any
	for range calls {
		start := time.Now()
		v, err := read(ctx, n)
		if err != nil {
			if n > stockLimit && ctx.Err() == nil {
				step.Err = "fails"
				return step, nil
			}
			return step, err
		}
		times = append(times, time.Since(start))
		result = v
	}
	runtime.ReadMemStats(&after)
	step.Time = suite.Median(times)
	step.Bytes = float64(after.TotalAlloc-before.TotalAlloc) / float64(calls)
	runtime.GC()
	runtime.ReadMemStats(&after)
	step.Kept = max(0, float64(after.HeapAlloc)-float64(before.HeapAlloc))
	runtime.KeepAlive(result)
	return step, nil
}

// middle returns the medians of steps with the same number of rows.
func middle(steps []report.Step) report.Step {
	var times []time.Duration
	var bytes, kept []float64
	for _, s := range steps {
		if s.Err != "" {
			return s
		}
		times, bytes, kept = append(times, s.Time), append(bytes, s.Bytes), append(kept, s.Kept)
	}
	return report.Step{Rows: steps[0].Rows, Time: suite.Median(times), Bytes: suite.Median(bytes), Kept: suite.Median(kept)}
}
