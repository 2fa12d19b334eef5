package hand

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/agentuity/auth-go/bench/internal/suite"
)

// OpenOneState connects, and runs the cases for which Open's contender sends several statements: in a transaction, so that
// they see one state of the database, and in the same round trip.
func OpenOneState(ctx context.Context, url string) (suite.Contender, error) {
	return open(ctx, url, oneState)
}

func oneState(pool *pgxpool.Pool) suite.Runs {
	return pipelines(func(ctx context.Context, batch *pgx.Batch) pgx.BatchResults {
		all := &pgx.Batch{}
		all.Queue(`BEGIN ISOLATION LEVEL REPEATABLE READ`)
		all.QueuedQueries = append(all.QueuedQueries, batch.QueuedQueries...)
		all.Queue(`COMMIT`)
		results := pool.SendBatch(ctx, all)
		_, _ = results.Exec() // An error comes again with the next result.
		return results
	})
}
