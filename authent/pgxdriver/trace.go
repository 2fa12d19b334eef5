package pgxdriver

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// trace tells the pool's tracer, if there is one, that a statement starts. The returned
// function tells it that the statement ended.
func (d *Driver) trace(ctx context.Context, conn *pgx.Conn, query string, args []any) (context.Context, func(pgconn.CommandTag, error)) {
	if d.tracer == nil {
		return ctx, func(pgconn.CommandTag, error) {}
	}
	ctx = d.tracer.TraceQueryStart(ctx, conn, pgx.TraceQueryStartData{SQL: query, Args: args})
	return ctx, func(tag pgconn.CommandTag, err error) {
		d.tracer.TraceQueryEnd(ctx, conn, pgx.TraceQueryEndData{CommandTag: tag, Err: err})
	}
}

// pipelineTrace tells the pool's tracer of the pipeline of a tree: as a batch, if it is a pgx.BatchTracer, and else of the
// statement of the root. A nil one tells nobody.
type pipelineTrace struct {
	ctx   context.Context
	conn  *pgx.Conn
	batch pgx.BatchTracer // nil if the root is told as a query

	tag  pgconn.CommandTag // of the root
	done func(pgconn.CommandTag, error)
}

// startTrace tells the tracer, if there is one, that the pipeline of a run starts.
func (run *treeRun) startTrace(ctx context.Context, conn *pgx.Conn) context.Context {
	tracer := run.driver.tracer
	if tracer == nil || run.driver.mode == pgx.QueryExecModeSimpleProtocol { // pgx tells of those.
		return ctx
	}
	t := &pipelineTrace{conn: conn}
	if batch, ok := tracer.(pgx.BatchTracer); ok {
		t.batch = batch
		all := &pgx.Batch{}
		for _, s := range run.steps {
			all.Queue(s.sql, s.args...)
		}
		ctx = batch.TraceBatchStart(ctx, conn, pgx.TraceBatchStartData{Batch: all})
	} else {
		root := slices.IndexFunc(run.steps, func(s step) bool { return s.kind == stepRoot })
		ctx, t.done = run.driver.trace(ctx, conn, run.steps[root].sql, run.steps[root].args)
	}
	t.ctx = ctx
	run.trace = t
	return ctx
}

// result tells of the result of a statement.
func (t *pipelineTrace) result(s *step, tag pgconn.CommandTag, err error) {
	switch {
	case t == nil:
	case t.batch != nil:
		t.batch.TraceBatchQuery(t.ctx, t.conn, pgx.TraceBatchQueryData{SQL: s.sql, Args: s.args, CommandTag: tag, Err: err})
	case s.kind == stepRoot:
		t.tag = tag
	}
}

// end tells that the pipeline ended.
func (t *pipelineTrace) end(err error) {
	switch {
	case t == nil:
	case t.batch != nil:
		t.batch.TraceBatchEnd(t.ctx, t.conn, pgx.TraceBatchEndData{Err: err})
	default:
		t.done(t.tag, err)
	}
}
