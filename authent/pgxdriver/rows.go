package pgxdriver

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Rows are the rows of a query, in the form that Ent scans. [Driver.Query] and [Tx.Query]
// put them into the ColumnScanner of Ent's sql.Rows.
//
// Like the rows of database/sql they are for one goroutine, and end when the context of
// their query or of their transaction ends.
type Rows struct {
	rows  pgx.Rows
	owner rowsOwner

	mu   *sync.Mutex // guards all below against the end of a context; nil without such a context
	own  sync.Mutex  // what mu points to if the rows are not those of a transaction
	stop func() bool // ends the watch of the context

	row                               // the current one, without values outside of rows
	inline  [24]kind                  // of the row, if it is large enough
	fields  []pgconn.FieldDescription // of rows that gave up their connection
	columns []*sql.ColumnType         // loaded by ColumnTypes

	spread *edgeRows // whose rows come in several of the root

	first  bool // the first row was read but not asked for
	done   bool // the connection was given up
	closed bool
	err    error
}

var _ entsql.ColumnScanner = (*Rows)(nil)

// rowsOwner is what rows give up when they are done.
type rowsOwner struct {
	conn  *pgxpool.Conn         // goes back to the pool; nil in a transaction
	after func(err error) error // runs before; returns the error of the rows
	tx    *Tx                   // the transaction, if they run in one

	// edges are those whose rows come in the last columns, which are nobody else's business.
	edges []*edgeRows
}

// errRowsClosed is what operations on closed rows return, in the words of database/sql.
var errRowsClosed = errors.New("sql: Rows are closed")

// newRows returns the rows of a query that was sent. It reads the first row, so that errors
// of the server surface now. If it fails, it leaves the connection to the caller.
func newRows(rows pgx.Rows, owner rowsOwner) (*Rows, error) {
	more := rows.Next()
	if !more {
		if err := rows.Err(); err != nil {
			if owner.after != nil {
				err = owner.after(err)
			}
			return nil, err
		}
	}
	r := &Rows{rows: rows, owner: owner, row: row{types: rows}, first: true}
	if owner.tx != nil {
		r.mu = &owner.tx.mu
	}
	// Without rows and without a command there was no statement, and no description.
	if more || rows.CommandTag() != (pgconn.CommandTag{}) {
		r.describe(rows.FieldDescriptions())
	}
	if more {
		return r, nil
	}
	// The descriptions belong to the connection.
	r.fields = slices.Clone(r.descriptions())
	r.owner.conn = nil
	r.finish()
	if r.err != nil {
		return nil, r.err
	}
	if owner.conn != nil {
		owner.conn.Release()
	}
	return r, nil
}

// describe takes the columns' names and how they are decoded.
func (r *Rows) describe(fields []pgconn.FieldDescription) {
	if edges := r.owner.edges; edges != nil {
		r.spread = spreadOf(edges)
		own := len(fields) - width(edges)
		describeEdges(edges, r.types.TypeMap(), fields[own:])
		fields = fields[:own]
	}
	r.names = make([]string, len(fields))
	r.kinds = r.inline[:0]
	if len(fields) > len(r.inline) {
		r.kinds = make([]kind, 0, len(fields))
	}
	for i := range fields {
		r.names[i] = fields[i].Name
		r.kinds = append(r.kinds, kindOf(r.types.TypeMap(), fields[i].DataTypeOID, fields[i].Format))
	}
}

// descriptions returns the columns as the server described them.
func (r *Rows) descriptions() []pgconn.FieldDescription {
	if r.done {
		return r.fields
	}
	if r.names == nil {
		return nil
	}
	return r.rows.FieldDescriptions()[:len(r.names)]
}

// watch makes the rows end with ctx.
func (r *Rows) watch(ctx context.Context) {
	if r.done || ctx.Done() == nil {
		return
	}
	if tx := r.owner.tx; tx != nil {
		// The transaction is locked, and watches its own context.
		if ctx.Done() == tx.ctx.Done() {
			return
		}
	} else {
		r.mu = &r.own
		r.mu.Lock()
		defer r.mu.Unlock()
	}
	r.stop = context.AfterFunc(ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.end(ctx.Err())
	})
}

func (r *Rows) lock() {
	if r.mu != nil {
		r.mu.Lock()
	}
}

func (r *Rows) unlock() {
	if r.mu != nil {
		r.mu.Unlock()
	}
}

// Next moves on to the next row, and to the first one when it is called first. It returns
// false when there is none, or after an error, which Err returns; then the rows are closed.
func (r *Rows) Next() bool {
	r.lock()
	defer r.unlock()
	if r.closed {
		return false
	}
	more := !r.done
	if r.first {
		r.first = false
	} else if more {
		more = r.rows.Next()
	}
	if e := r.spread; e != nil {
		for more && e.spread.comesAgain(r.owner.edges, r.rows.RawValues()) {
			more = r.rows.Next()
		}
	}
	if !more {
		r.end(nil)
		return false
	}
	values := r.rows.RawValues()
	if edges := r.owner.edges; edges != nil {
		own := len(r.names)
		keepEdges(edges, values[own:])
		values = values[:own]
	}
	r.set(values)
	return true
}

// NextResultSet returns false and closes the rows: a query has one result.
func (r *Rows) NextResultSet() bool {
	r.lock()
	defer r.unlock()
	r.end(nil)
	return false
}

// Scan copies the columns of the current row into the destinations. It converts values as
// database/sql does. Beyond that, a destination that database/sql does not support but pgx
// does, such as a *[]string for a text[], is scanned by pgx.
func (r *Rows) Scan(dest ...any) error {
	r.lock()
	defer r.unlock()
	switch {
	case r.closed:
		return r.closedError()
	case r.values == nil:
		return errors.New("sql: Scan called without calling Next")
	}
	return r.scanAll(dest)
}

// Raw calls f with the current row as it came from the server: the descriptions of the
// columns, with the format of each, and their bytes, nil for NULL. Neither may be kept or
// changed. Integers, floats, booleans, bytea, uuid, dates and timestamps are binary, unless
// the statement ran in a mode that does not know types; all else is text.
func (r *Rows) Raw(f func(fields []pgconn.FieldDescription, values [][]byte) error) error {
	r.lock()
	defer r.unlock()
	switch {
	case r.closed:
		return r.closedError()
	case r.values == nil:
		return errors.New("pgxdriver: Raw called without calling Next")
	}
	return f(r.descriptions(), r.values)
}

// Columns returns the names of the columns.
func (r *Rows) Columns() ([]string, error) {
	r.lock()
	defer r.unlock()
	if r.closed {
		return nil, r.closedError()
	}
	return r.names, nil
}

// ColumnTypes returns the types of the columns, as database/sql does over pgx.
func (r *Rows) ColumnTypes() ([]*sql.ColumnType, error) {
	r.lock()
	defer r.unlock()
	if r.closed {
		return nil, r.closedError()
	}
	if r.columns == nil {
		columns, err := standardTypes(r.names, r.descriptions(), r.types.TypeMap())
		if err != nil {
			return nil, err
		}
		r.columns = columns
	}
	return r.columns, nil
}

// Err returns the error, if any, that ended the rows.
func (r *Rows) Err() error {
	r.lock()
	defer r.unlock()
	return r.err
}

// Close ends the rows and gives their connection back. It can be called more than once, and
// need not be called when Next returned false.
func (r *Rows) Close() error {
	r.lock()
	defer r.unlock()
	if r.closed {
		return nil
	}
	r.end(nil)
	return r.err
}

// closedError is what operations on closed rows return.
func (r *Rows) closedError() error {
	if r.err != nil {
		return r.err
	}
	return errRowsClosed
}

// end closes the rows. err is why, or nil. The rows are locked.
func (r *Rows) end(err error) {
	if r.closed {
		return
	}
	r.closed = true
	r.values = nil
	if r.err == nil {
		r.err = err
	}
	r.finish()
	if r.stop != nil {
		r.stop()
	}
}

// finish gives up the connection.
func (r *Rows) finish() {
	if r.done {
		return
	}
	r.done = true
	if conn := r.owner.conn; conn != nil {
		defer conn.Release() // Also if a type of the app panics over a row of an edge.
	}
	r.rows.Close()
	err := r.rows.Err()
	if r.owner.after != nil {
		err = r.owner.after(err)
	}
	if r.err == nil {
		r.err = adapt(err)
	}
}
