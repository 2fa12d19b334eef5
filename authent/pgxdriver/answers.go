package pgxdriver

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// answers are the results of the statements of a tree, in order.
type answers interface {
	next() (pgx.Rows, error)
	close() error
}

// drain reads a result without rows.
func drain(a answers) error {
	rows, err := a.next()
	if err != nil {
		return err
	}
	return closed(rows)
}

// closed reads rows to their end and returns their error.
func closed(rows pgx.Rows) error {
	rows.Close()
	return rows.Err()
}

// batchAnswers are the answers to statements that were sent by the simple protocol.
type batchAnswers struct{ pgx.BatchResults }

func (a batchAnswers) next() (pgx.Rows, error) {
	rows, err := a.Query()
	if err != nil {
		return nil, err
	}
	return rows, nil
}

func (a batchAnswers) close() error { return a.Close() }

// sendBatch sends the statements by the simple protocol.
func (run *treeRun) sendBatch(ctx context.Context, conn *pgx.Conn) answers {
	batch := &pgx.Batch{}
	for _, s := range run.steps {
		batch.Queue(s.sql, s.args...)
	}
	return batchAnswers{conn.SendBatch(ctx, batch)}
}

// pipelineAnswers are the answers to statements that were sent by the extended protocol.
type pipelineAnswers struct {
	*pgconn.Pipeline
	conn *pgx.Conn
}

func (a pipelineAnswers) next() (pgx.Rows, error) {
	result, err := a.GetResults()
	if err != nil {
		return nil, err
	}
	reader, ok := result.(*pgconn.ResultReader)
	if !ok {
		return nil, fmt.Errorf("pgxdriver: unexpected result %T in the answer to a tree", result)
	}
	return pgx.RowsFromResultReader(a.conn.TypeMap(), reader), nil
}

func (a pipelineAnswers) close() error { return a.Close() }

// sendPipeline sends the statements by the extended protocol. Those that the connection does
// not know are prepared or described before, all in one round trip.
func (run *treeRun) sendPipeline(ctx context.Context, conn *pgx.Conn) (answers, error) {
	s := run.driver.statementsOf(conn.PgConn())
	typed := run.driver.mode != pgx.QueryExecModeExec
	if typed {
		if err := run.prepare(ctx, conn, s); err != nil {
			return nil, err
		}
	}
	if len(s.trees) < len(run.steps) {
		s.trees = make([]pgx.ExtendedQueryBuilder, len(run.steps))
	}
	for i, step := range run.steps {
		if step.kind == stepBegin || step.kind == stepEnd {
			s.trees[i].ParamValues, s.trees[i].ParamFormats = nil, nil
			continue
		}
		// Nothing was sent yet: Ent's loader meets the error if it comes to the statement.
		if err := s.encode(&s.trees[i], conn, step.known, step.args); err != nil {
			return nil, &unpreparedError{err}
		}
	}
	p := conn.PgConn().StartPipeline(ctx)
	size := 0
	for i, step := range run.steps {
		values, formats := s.trees[i].ParamValues, s.trees[i].ParamFormats
		switch {
		case step.known == nil && (step.kind == stepBegin || step.kind == stepEnd):
			p.SendQueryParams(step.sql, nil, nil, nil, nil)
		case !typed:
			p.SendQueryParams(step.sql, values, nil, formats, nil)
		case step.known.Name != "":
			p.SendQueryStatement(&step.known.StatementDescription, values, formats, step.formats())
		default:
			p.SendQueryParams(step.sql, values, step.known.ParamOIDs, formats, step.formats())
		}
		for _, v := range values {
			size += len(v)
		}
	}
	if size > maxKeptArgs {
		s.trees = nil
	}
	if err := p.Sync(); err != nil {
		return nil, firstError(err, p.Close())
	}
	return pipelineAnswers{p, conn}, nil
}

// formats returns the formats in which the columns of a statement are wanted: those with arrays of records in
// binary form.
func (s *step) formats() []int16 {
	formats := s.known.formats
	for i := len(formats) - width(s.edges); i < len(formats); i++ {
		if s.known.Fields[i].DataTypeOID == pgtype.RecordArrayOID {
			formats[i] = pgx.BinaryFormatCode
		}
	}
	return formats
}

// prepare prepares or describes the statements that the connection does not know.
func (run *treeRun) prepare(ctx context.Context, conn *pgx.Conn, s *statements) error {
	var unknown []*step
	for i := range run.steps {
		step := &run.steps[i]
		if (step.kind == stepBegin || step.kind == stepEnd) && !s.prepared {
			continue // There is nothing to describe.
		}
		if step.known = s.get(step.sql); step.known == nil {
			unknown = append(unknown, step)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	p := conn.PgConn().StartPipeline(ctx)
	dropped := s.dropped
	for _, old := range dropped {
		p.SendDeallocate(old)
	}
	// What is refused must not end the transaction of the user.
	guard := run.inTx && run.begin == ""
	if guard {
		p.SendQueryParams(saveTree, nil, nil, nil, nil)
	}
	names := make([]string, len(unknown))
	for i, step := range unknown {
		if step.kind != stepExplain {
			names[i] = s.name()
		}
		p.SendPrepare(names[i], step.sql, nil)
	}
	if guard {
		p.SendQueryParams(releaseTree, nil, nil, nil, nil)
	}
	err := p.Sync()
	for i := 0; err == nil && i < len(dropped); i++ {
		_, err = p.GetResults()
	}
	if err == nil {
		s.dropped = s.dropped[len(dropped):]
	}
	if guard && err == nil {
		_, err = nextResult[*pgconn.ResultReader](p)
	}
	saved := guard && err == nil
	for i := 0; err == nil && i < len(unknown); i++ {
		var sd *pgconn.StatementDescription
		if sd, err = nextResult[*pgconn.StatementDescription](p); err == nil {
			sd.Name, sd.SQL = names[i], unknown[i].sql
			unknown[i].known = newStatement(sd)
		}
	}
	err = firstError(err, p.Close())
	keep := run.driver.mode != pgx.QueryExecModeDescribeExec
	for i, step := range unknown {
		if step.known != nil && step.kind != stepExplain && keep {
			s.put(step.known)
		} else if step.known != nil && names[i] != "" {
			s.dropped = append(s.dropped, names[i])
		}
	}
	if _, refused := asServerError(err); refused && !stalePlan(err) {
		if saved {
			if _, err := conn.Exec(ctx, undoTree); err != nil {
				return err
			}
		}
		return &unpreparedError{err}
	}
	return err
}
