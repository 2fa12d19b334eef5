package pgxdriver

import (
	"context"

	"github.com/agentuity/auth-go/authent/eager"
)

var (
	_ eager.Loader = (*Driver)(nil)
	_ eager.Loader = (*Tx)(nil)
)

// WithJoins says whether a query is sent together with the queries of the edges that it
// loads, in one round trip, if the client was generated for it by package entauth. Defaults to
// true. Without, Ent sends one statement after the other.
func WithJoins(on bool) Option {
	return func(d *Driver) { d.noJoins = !on }
}

// WithSnapshot says whether a query and its edges that are loaded in one round trip see one
// and the same state of the database. Defaults to true: they run in a transaction with
// isolation level repeatable read. Without, each statement sees the state at its own start, as
// Ent's own statements do. Inside of a transaction, its isolation level decides.
func WithSnapshot(on bool) Option {
	return func(d *Driver) { d.noSnapshot = !on }
}

type (
	joinsKey    struct{}
	snapshotKey struct{}
)

// ContextWithJoins returns a context in which [WithJoins] is set for the queries that run with
// it.
func ContextWithJoins(ctx context.Context, on bool) context.Context {
	return context.WithValue(ctx, joinsKey{}, on)
}

// ContextWithSnapshot returns a context in which [WithSnapshot] is set for the queries that
// run with it.
func ContextWithSnapshot(ctx context.Context, on bool) context.Context {
	return context.WithValue(ctx, snapshotKey{}, on)
}

// LoadsTrees implements eager.Loader: see [WithJoins]. A statement for which session variables are set is sent
// alone.
func (d *Driver) LoadsTrees(ctx context.Context) bool {
	if hasVars(ctx) {
		return false
	}
	if on, ok := ctx.Value(joinsKey{}).(bool); ok {
		return on
	}
	return !d.noJoins
}

// LoadsTrees implements eager.Loader: see [WithJoins].
func (tx *Tx) LoadsTrees(ctx context.Context) bool { return tx.driver.LoadsTrees(ctx) }

// snapshot reports whether the statements of a tree are to see one state of the database.
func (d *Driver) snapshot(ctx context.Context) bool {
	if on, ok := ctx.Value(snapshotKey{}).(bool); ok {
		return on
	}
	return !d.noSnapshot
}
