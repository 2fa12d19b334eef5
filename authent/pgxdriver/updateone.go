package pgxdriver

import (
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

	list  string // the columns as Ent writes them
	rows  *Rows  // with the row that the UPDATE returned, until it is read
	sent  bool
	usual bool // no variables are set for its statements
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
	if u == nil || d.separate || !u.usual && hasVars(ctx) {
		return nil
	}
	u.usual = true
	return u
}

// errUpdateOne is the error for statements that Ent does not send in UpdateNode today.
var errUpdateOne = errors.New("pgxdriver: unexpected statement after the UPDATE of an UpdateOne: this version of Ent is not supported, use the option SeparateUpdates")

// returning returns the UPDATE with the clause that returns the columns. ok is false if it is none, or has
// such a clause.
func (u *UpdateOne) returning(query string) (text string, ok bool) {
	if u.sent || !strings.HasPrefix(query, "UPDATE ") || containsFold(query, " RETURNING ") {
		return "", false
	}
	columns := u.Columns()
	if len(columns) == 0 {
		return "", false
	}
	u.list = quoted(columns)
	return query + " RETURNING " + u.list, true
}

// containsFold reports whether a text has words in it, in letters of any case. The words begin with a space.
func containsFold(text, words string) bool {
	for {
		i := strings.IndexByte(text, ' ')
		if i < 0 || len(text)-i < len(words) {
			return false
		}
		if text = text[i:]; strings.EqualFold(text[:len(words)], words) {
			return true
		}
		text = text[1:]
	}
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
	found, err := rows.only()
	switch {
	case err != nil:
		return nil, true, err
	case !found:
		return driver.RowsAffected(0), true, nil
	}
	u.rows = rows
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.rows = u.rows // They end with the transaction.
	return driver.RowsAffected(1), true, nil
}

// query answers a query of an UpdateOne: with the row that the UPDATE returned, if that is what it asks for.
func (u *UpdateOne) query(ctx context.Context, tx *Tx, query string, args []any) (*Rows, error) {
	if rows := u.rows; rows != nil {
		u.rows = nil
		if u.isAnswer(query) {
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

// isAnswer reports whether a query asks for the columns that the UPDATE returned.
func (u *UpdateOne) isAnswer(query string) bool {
	columns, ok := strings.CutPrefix(query, "SELECT ")
	if !ok {
		return false
	}
	rest, ok := strings.CutPrefix(columns, u.list)
	return ok && strings.HasPrefix(rest, " FROM ")
}

// quoted returns the list of columns as Ent writes it.
func quoted(columns []string) string {
	size := 0
	for _, c := range columns {
		size += len(c) + len(`"", `)
	}
	var b strings.Builder
	b.Grow(size)
	for i, c := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('"')
		b.WriteString(strings.ReplaceAll(c, `"`, `""`))
		b.WriteByte('"')
	}
	return b.String()
}

// only reads rows to their end, so that no error is left, and begins again with the first one alone. It reports
// whether there is one: then the rows have their connection still.
func (r *Rows) only() (found bool, err error) {
	r.lock()
	owner := rowsOwner{conn: r.owner.conn, tx: r.owner.tx}
	if r.done {
		owner.conn = nil
	}
	r.owner.conn = nil
	r.unlock()
	var first *onlyRow
	for r.Next() {
		if first == nil {
			first = newOnlyRow(r)
		}
	}
	if err = r.Err(); err != nil || first == nil {
		if owner.conn != nil {
			owner.conn.Release()
		}
		return false, err
	}
	r.lock()
	defer r.unlock()
	r.rows, r.types, r.owner = first, first, owner
	r.done, r.closed = false, false
	return true, nil
}

// newOnlyRow returns a copy of the current row.
func newOnlyRow(r *Rows) *onlyRow {
	size := 0
	for _, v := range r.values {
		size += len(v)
	}
	row := &onlyRow{fields: slices.Clone(r.descriptions()), types: r.types.TypeMap(), values: make([][]byte, len(r.values))}
	data := make([]byte, 0, size)
	for i, v := range r.values {
		if v != nil {
			start := len(data)
			data = append(data, v...)
			row.values[i] = data[start:len(data):len(data)]
		}
	}
	return row
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
