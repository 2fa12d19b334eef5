package pgxdriver

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// Ent's sqlgraph.UpdateNode, which every UpdateOne runs, begins a transaction, sends the UPDATE, reads the
// row back and commits. If all that it changes is one row of one table, that is one statement, UPDATE ..
// RETURNING, and it needs no transaction: the row that it returns is kept for the SELECT that follows.

// UpdateOne describes one call of Ent's sqlgraph.UpdateNode to the driver. See [WithUpdateOne].
type UpdateOne struct {
	// Columns returns the columns that UpdateNode reads back: Node.Columns of its UpdateSpec. It is called
	// when the UPDATE is sent, and once at most.
	Columns func() []string

	// InTx keeps the transaction, for rows that may be refused when they are decoded: then the UPDATE is
	// rolled back. It costs a second round trip, for COMMIT. Inside a transaction it changes nothing.
	InTx bool

	rows *Rows // with the row that the UPDATE returned, until it is read
	sent bool
}

type updateOneKey struct{}

// WithUpdateOne returns a context for one call of Ent's sqlgraph.UpdateNode. In it the driver sends UPDATE
// .. RETURNING, without a transaction around it: one round trip instead of four. Inside of a transaction it
// is one statement instead of two. If no row is updated, the rest is as Ent says it.
//
// The UPDATE must be all that UpdateNode changes: none of the edges in its spec may be stored in another
// table. The clients that package entauth generates see to it. Other drivers ignore the context.
func WithUpdateOne(ctx context.Context, u *UpdateOne) context.Context {
	return context.WithValue(ctx, updateOneKey{}, u)
}

// updateOneOf returns the UpdateOne of a context whose statements can be made one, or nil.
func (d *Driver) updateOneOf(ctx context.Context) *UpdateOne {
	u, _ := ctx.Value(updateOneKey{}).(*UpdateOne)
	if u == nil || d.separate || hasVars(ctx) {
		return nil
	}
	return u
}

// errUpdateOne is the error for statements that Ent does not send in UpdateNode today.
var errUpdateOne = errors.New("pgxdriver: unexpected statement after the UPDATE of an UpdateOne: this version of Ent is not supported, use the option SeparateUpdates")

// returning returns the UPDATE with the clause that returns the columns. ok is false if it is none, or has
// such a clause.
func (u *UpdateOne) returning(query string) (text string, ok bool) {
	if u.sent || !strings.HasPrefix(query, "UPDATE ") || strings.Contains(strings.ToUpper(query), " RETURNING ") {
		return "", false
	}
	columns := u.Columns()
	if len(columns) == 0 {
		return "", false
	}
	return query + " RETURNING " + quoted(columns), true
}

// exec sends the UPDATE of an UpdateOne and keeps the row that it returns. ok is false if the statement is
// something else and was not sent.
func (u *UpdateOne) exec(ctx context.Context, tx *Tx, query string, args []any) (result sql.Result, ok bool, err error) {
	text, ok := u.returning(query)
	if !ok {
		if tx.updateOne != nil {
			if u.sent {
				return nil, true, errUpdateOne
			}
			tx.updateOne = nil // A transaction like others.
		}
		return nil, false, nil
	}
	u.sent = true
	alone := tx.updateOne == u
	var rows *Rows
	if alone {
		rows, err = tx.driver.query(ctx, text, positional(args))
	} else {
		rows, err = tx.query(ctx, text, args, false)
	}
	if err != nil {
		return nil, true, err
	}
	row, owner, err := rows.only()
	switch {
	case err != nil:
		return nil, true, err
	case row == nil:
		return driver.RowsAffected(0), true, nil
	}
	if u.rows, err = newRows(row, owner); err != nil {
		if owner.conn != nil {
			owner.conn.Release()
		}
		return nil, true, err
	}
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.rows = u.rows // They end with the transaction.
	return driver.RowsAffected(1), true, nil
}

// query answers a query of an UpdateOne: with the row that the UPDATE returned, if that is what it asks for.
func (u *UpdateOne) query(ctx context.Context, tx *Tx, query string, args []any) (*Rows, error) {
	if rows := u.rows; rows != nil {
		u.rows = nil
		if strings.HasPrefix(query, "SELECT "+quoted(rows.names)+" FROM ") {
			return rows, nil
		}
		if err := rows.Close(); err != nil {
			return nil, err
		}
	}
	if tx.updateOne == u {
		return tx.driver.query(ctx, query, args)
	}
	return tx.query(ctx, query, args, false)
}

// quoted returns the list of columns as Ent writes it.
func quoted(columns []string) string {
	var b strings.Builder
	for i, c := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(pgx.Identifier{c}.Sanitize())
	}
	return b.String()
}

// only reads rows to their end, so that no error is left, and returns the first one, or nil. What the rows
// would give up then is the caller's.
func (r *Rows) only() (*onlyRow, rowsOwner, error) {
	r.lock()
	conn := r.owner.conn
	if r.done {
		conn = nil
	}
	r.owner.conn = nil
	r.unlock()
	row, err := r.readOnly()
	if conn != nil && row == nil {
		conn.Release()
	}
	return row, rowsOwner{conn: conn, tx: r.owner.tx}, err
}

// readOnly reads the rows to their end.
func (r *Rows) readOnly() (*onlyRow, error) {
	var row *onlyRow
	for r.Next() {
		if row != nil {
			continue
		}
		row = &onlyRow{fields: slices.Clone(r.descriptions()), types: r.types.TypeMap(), values: make([][]byte, len(r.values))}
		for i, v := range r.values {
			row.values[i] = bytes.Clone(v)
		}
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return row, nil
}

// onlyRow is a row that was read, as pgx's rows.
type onlyRow struct {
	fields []pgconn.FieldDescription
	types  *pgtype.Map
	values [][]byte
	read   bool
}

var _ pgx.Rows = (*onlyRow)(nil)

func (r *onlyRow) Next() bool {
	more := !r.read
	r.read = true
	return more
}

func (r *onlyRow) Close()                                       { r.read = true }
func (r *onlyRow) Err() error                                   { return nil }
func (r *onlyRow) CommandTag() pgconn.CommandTag                { return pgconn.NewCommandTag("UPDATE 1") }
func (r *onlyRow) FieldDescriptions() []pgconn.FieldDescription { return r.fields }
func (r *onlyRow) RawValues() [][]byte                          { return r.values }
func (r *onlyRow) TypeMap() *pgtype.Map                         { return r.types }
func (r *onlyRow) Conn() *pgx.Conn                              { return nil }
func (r *onlyRow) Scan(...any) error                            { return errors.ErrUnsupported }
func (r *onlyRow) Values() ([]any, error)                       { return nil, errors.ErrUnsupported }
