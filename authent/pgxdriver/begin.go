package pgxdriver

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A transaction's BEGIN and its first statement are sent together, and the results are read
// in order: one round trip. The server does not run the statement if BEGIN fails.

// begin takes a connection and calls f with it, which sends BEGIN and a statement. If the
// statement certainly did not run, because the connection turned out to be closed or, if it is
// a single one, because tables changed after it was prepared, f is called again.
func (tx *Tx) begin(ctx context.Context, single bool, f func(*pgx.Conn) error) error {
	for attempt := 1; ; attempt++ {
		conn, err := tx.driver.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		c := conn.Conn()
		err = f(c)
		again := attempt < maxAttempts && ctx.Err() == nil
		inTx := !c.IsClosed() && c.PgConn().TxStatus() != 'I'
		switch {
		case err == nil:
			tx.begun(conn)
			return nil
		case inTx && again && single && stalePlan(err) && cleanup(ctx, c) == nil:
			conn.Release()
		case inTx:
			tx.begun(conn)
			return err
		case c.IsClosed() && pgconn.SafeToRetry(err) && again:
			conn.Release()
		default:
			return tx.notBegun(conn, err)
		}
	}
}

// notBegun gives up a connection on which the transaction did not begin.
func (tx *Tx) notBegun(conn *pgxpool.Conn, err error) error {
	defer conn.Release()
	var pgErr *pgconn.PgError
	if !conn.Conn().IsClosed() && !errors.As(err, &pgErr) {
		return err // Nothing was sent, and the next statement begins.
	}
	// What follows must not run without the statement that failed.
	tx.failed = fmt.Errorf("pgxdriver: the transaction did not begin: %w", adapt(err))
	return err
}

// beginExec begins the transaction with a statement without rows.
func (tx *Tx) beginExec(ctx context.Context, query string, args []any) (tag pgconn.CommandTag, err error) {
	err = tx.begin(ctx, len(args) > 0, func(conn *pgx.Conn) error {
		var err error
		switch {
		case hasOptions(args):
			if _, err = conn.Exec(ctx, tx.beginSQL()); err == nil {
				tag, err = conn.Exec(ctx, query, args...)
			}
		case len(args) == 0:
			tag, err = tx.beginScript(ctx, conn, query)
		case tx.driver.mode == pgx.QueryExecModeSimpleProtocol:
			results := tx.beginBatch(ctx, conn, query, args)
			if _, err = results.Exec(); err == nil {
				tag, err = results.Exec()
			}
			err = firstError(err, results.Close())
		default:
			var first *firstResult
			if first, err = tx.beginPipeline(ctx, conn, query, args); err == nil {
				tag, err = first.reader.Close()
				err = first.end(err)
			}
		}
		return err
	})
	return tag, err
}

// beginQuery begins the transaction with a statement with rows.
func (tx *Tx) beginQuery(ctx context.Context, query string, args []any) (rows *Rows, err error) {
	err = tx.begin(ctx, true, func(conn *pgx.Conn) error {
		var err error
		switch {
		case hasOptions(args):
			var r pgx.Rows
			if _, err = conn.Exec(ctx, tx.beginSQL()); err != nil {
				return err
			}
			if r, err = conn.Query(ctx, query, withFormats(args)...); err == nil {
				rows, err = newRows(r, rowsOwner{tx: tx})
			}
		case tx.driver.mode == pgx.QueryExecModeSimpleProtocol:
			results := tx.beginBatch(ctx, conn, query, args)
			if _, err = results.Exec(); err != nil {
				return firstError(err, results.Close())
			}
			r, err := results.Query()
			if err != nil {
				if results.Close() != nil || conn.PgConn().TxStatus() != 'T' {
					return err
				}
				rows = &Rows{rows: r, done: true} // The statement was empty.
				return nil
			}
			after := func(err error) error { return firstError(err, results.Close()) }
			rows, err = newRows(r, rowsOwner{tx: tx, after: after})
			return err
		default:
			var first *firstResult
			if first, err = tx.beginPipeline(ctx, conn, query, args); err == nil {
				r := pgx.RowsFromResultReader(conn.TypeMap(), first.reader)
				rows, err = newRows(r, rowsOwner{tx: tx, after: first.end})
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// hasOptions reports whether arguments start with an option of pgx.
func hasOptions(args []any) bool {
	if len(args) == 0 {
		return false
	}
	switch args[0].(type) {
	case pgx.QueryExecMode, pgx.QueryResultFormats, pgx.QueryResultFormatsByOID, pgx.QueryRewriter:
		return true
	}
	return false
}

// firstError returns the first error that is not nil.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// beginBatch sends BEGIN and a statement by the simple protocol.
func (tx *Tx) beginBatch(ctx context.Context, conn *pgx.Conn, query string, args []any) pgx.BatchResults {
	batch := &pgx.Batch{}
	batch.BeginTx(tx.opts)
	batch.Queue(query, args...)
	return conn.SendBatch(ctx, batch)
}

// beginScript sends BEGIN and a statement without arguments, which may be several, by the
// simple protocol.
func (tx *Tx) beginScript(ctx context.Context, conn *pgx.Conn, query string) (tag pgconn.CommandTag, err error) {
	begin := tx.beginSQL() + ";"
	ctx, end := tx.driver.trace(ctx, conn, begin+query, nil)
	results := conn.PgConn().Exec(ctx, begin+query)
	for results.NextResult() {
		tag, _ = results.ResultReader().Close() // Close of the results returns the error.
	}
	err = results.Close()
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Position > int32(len(begin)) {
		pgErr.Position -= int32(len(begin)) // of the statement alone
	}
	end(tag, err)
	return tag, err
}

// firstResult is the result of the first statement of a transaction.
type firstResult struct {
	reader     *pgconn.ResultReader
	pipeline   *pgconn.Pipeline // nil if the statement was sent alone, after BEGIN
	statements *statements
	query      string
	endTrace   func(pgconn.CommandTag, error)
}

// end ends the statement, whose rows were read with err, and returns its error.
func (f *firstResult) end(err error) error {
	tag, closeErr := f.reader.Close()
	if err == nil {
		err = closeErr
	}
	if f.pipeline != nil {
		err = firstError(err, f.pipeline.Close())
	}
	if err != nil && !keepsPlan(err) {
		f.statements.remove(f.query)
	}
	f.endTrace(tag, err)
	return err
}

// beginPipeline sends BEGIN and a statement with arguments by the extended protocol. A
// statement that the connection does not know costs a second round trip, in which it is
// prepared or described; it is then sent alone. If it fails, the pipeline was ended.
func (tx *Tx) beginPipeline(ctx context.Context, conn *pgx.Conn, query string, args []any) (_ *firstResult, err error) {
	pc := conn.PgConn()
	s := tx.driver.statementsOf(pc)
	typed := tx.driver.mode != pgx.QueryExecModeExec // the types of arguments and columns are known
	known := s.get(query)

	begin := tx.beginSQL()
	ctx, endTrace := tx.driver.trace(ctx, conn, begin+";"+query, args)
	defer func() {
		if err != nil {
			if !keepsPlan(err) {
				s.remove(query)
			}
			endTrace(pgconn.CommandTag{}, err)
		}
	}()

	together := known != nil || !typed
	if together {
		if err := s.build(conn, known, args); err != nil {
			return nil, err
		}
	}
	dropped := s.dropped
	name := ""
	p := pc.StartPipeline(ctx)
	for _, old := range dropped {
		p.SendDeallocate(old)
	}
	p.SendQueryParams(begin, nil, nil, nil, nil)
	switch {
	case !together:
		name = s.name()
		p.SendPrepare(name, query, nil)
	case typed && known.Name != "":
		p.SendQueryStatement(&known.StatementDescription, s.builder.ParamValues, s.builder.ParamFormats, known.formats)
	case typed:
		p.SendQueryParams(query, s.builder.ParamValues, known.ParamOIDs, s.builder.ParamFormats, known.formats)
	default:
		p.SendQueryParams(query, s.builder.ParamValues, nil, s.builder.ParamFormats, nil)
	}
	s.sent()
	if err := p.Sync(); err != nil {
		return nil, firstError(err, p.Close())
	}
	for range dropped {
		if _, err := p.GetResults(); err != nil {
			return nil, firstError(err, p.Close())
		}
	}
	s.dropped = s.dropped[len(dropped):]
	if _, err := nextResult[*pgconn.ResultReader](p); err != nil {
		return nil, firstError(err, p.Close())
	}
	if together {
		reader, err := nextResult[*pgconn.ResultReader](p)
		if err != nil {
			return nil, firstError(err, p.Close())
		}
		return &firstResult{reader: reader, pipeline: p, statements: s, query: query, endTrace: endTrace}, nil
	}

	sd, err := nextResult[*pgconn.StatementDescription](p)
	if err = firstError(err, p.Close()); err != nil {
		return nil, err
	}
	sd.Name, sd.SQL = name, query
	known = newStatement(sd)
	if tx.driver.mode != pgx.QueryExecModeDescribeExec {
		s.put(known)
	}
	if err := s.build(conn, known, args); err != nil {
		return nil, err
	}
	first := &firstResult{statements: s, query: query, endTrace: endTrace}
	if name != "" {
		first.reader = pc.ExecStatement(ctx, sd, s.builder.ParamValues, s.builder.ParamFormats, known.formats)
	} else {
		first.reader = pc.ExecParams(ctx, query, s.builder.ParamValues, sd.ParamOIDs, s.builder.ParamFormats, known.formats)
	}
	s.sent()
	return first, nil
}

// nextResult returns the next result of a pipeline. The result of a statement without rows
// may stay unread.
func nextResult[T any](p *pgconn.Pipeline) (T, error) {
	var none T
	result, err := p.GetResults()
	if err != nil {
		return none, err
	}
	if r, ok := result.(T); ok {
		return r, nil
	}
	return none, fmt.Errorf("pgxdriver: unexpected result %T in the answer to a transaction's first statement", result)
}
