package main

import (
	"context"
	"errors"
	"slices"

	"github.com/agentuity/auth-go/bench/internal/peers/authent"
	"github.com/agentuity/auth-go/bench/internal/peers/bunpeer"
	"github.com/agentuity/auth-go/bench/internal/peers/drizzle"
	"github.com/agentuity/auth-go/bench/internal/peers/gormpeer"
	"github.com/agentuity/auth-go/bench/internal/peers/hand"
	"github.com/agentuity/auth-go/bench/internal/peers/sqlc"
	"github.com/agentuity/auth-go/bench/internal/peers/stock"
	"github.com/agentuity/auth-go/bench/internal/report"
	"github.com/agentuity/auth-go/bench/internal/suite"
)

// openers connect the contenders, in the order of the columns. The first one is what the
// others are compared with.
var openers = []struct {
	name string
	open func(ctx context.Context, url string) (suite.Contender, error)
}{
	{report.Stock, func(_ context.Context, url string) (suite.Contender, error) { return stock.Open(url) }},
	{report.Generic, authent.Open},
	{report.Prepared, authent.OpenPrepared},
	{report.Hand, hand.Open},
	{report.HandOneState, hand.OpenOneState},
	{report.SQLC, sqlc.Open},
	{report.GORM, func(_ context.Context, url string) (suite.Contender, error) { return gormpeer.Open(url) }},
	{report.Bun, func(_ context.Context, url string) (suite.Contender, error) { return bunpeer.Open(url) }},
	{report.Drizzle, func(ctx context.Context, url string) (suite.Contender, error) {
		return drizzle.Open(ctx, drizzleFolder, url, false)
	}},
	{report.DrizzlePrepared, func(ctx context.Context, url string) (suite.Contender, error) {
		return drizzle.Open(ctx, drizzleFolder, url, true)
	}},
}

// drizzleFolder is relative to the folder of this module, where the command runs.
const drizzleFolder = "drizzle"

// connect opens all contenders but those that are left out.
func connect(ctx context.Context, url string, without []string) ([]suite.Named, error) {
	var all []suite.Named
	for _, o := range openers {
		if slices.Contains(without, o.name) {
			continue
		}
		c, err := o.open(ctx, url)
		if err != nil {
			return nil, errors.Join(err, disconnect(all))
		}
		all = append(all, suite.Named{Name: o.name, Contender: c})
	}
	return all, nil
}

func disconnect(all []suite.Named) error {
	var errs []error
	for _, c := range all {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
