package pgxdriver

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
)

// Ent's sql.WithVar puts session variables into a context, for row level security for
// example. Only Ent can read them there, so Ent's own driver is run on a stand-in for a
// database, and what it would send is noted.
//
// Ent's own driver sets them for the session and resets them after the statement, but not
// after a transaction. Here they are set for the transaction, and a statement outside of one
// gets one: nobody else ever sees them, behind a pooler either.

// errHasVars is what probe returns for a statement that sets a variable.
var errHasVars = errors.New("pgxdriver: the context has session variables")

// probe answers the empty statement only.
type probe struct{}

func (probe) ExecContext(_ context.Context, query string, _ ...any) (sql.Result, error) {
	if query != "" {
		return nil, errHasVars
	}
	return nil, nil
}

func (probe) QueryContext(context.Context, string, ...any) (*sql.Rows, error) {
	return nil, errHasVars
}

var noArgs any = []any{}

// hasVars reports whether ctx holds session variables.
func hasVars(ctx context.Context) (has bool) {
	// With variables, Ent wants a *sql.DB or a *sql.Tx, and has a nil pointer instead.
	defer func() {
		if recover() != nil {
			has = true
		}
	}()
	return entsql.Conn{ExecQuerier: probe{}}.Exec(ctx, "", noArgs, nil) != nil
}

// localVars returns the statements that set the session variables of ctx for the rest of a
// transaction.
func localVars(ctx context.Context) (string, error) {
	var n notes
	db := sql.OpenDB(&n)
	err := entsql.OpenDB(dialect.Postgres, db).Exec(ctx, "", noArgs, nil)
	if err = errors.Join(err, db.Close()); err != nil {
		return "", err
	}
	var set []string
	for _, statement := range n.statements {
		if variable, ok := strings.CutPrefix(statement, "SET "); ok {
			set = append(set, "SET LOCAL "+variable)
		}
	}
	return strings.Join(set, ";"), nil
}

// notes is a stand-in for a database. It notes the statements that it is to execute.
type notes struct{ statements []string }

func (n *notes) Connect(context.Context) (driver.Conn, error) { return notesConn{n}, nil }
func (n *notes) Driver() driver.Driver                        { return sourceDriver{} }

type notesConn struct{ notes *notes }

func (notesConn) Prepare(string) (driver.Stmt, error) { return nil, errOneQuery }
func (notesConn) Begin() (driver.Tx, error)           { return nil, errOneQuery }
func (notesConn) Close() error                        { return nil }

func (c notesConn) ExecContext(_ context.Context, query string, _ []driver.NamedValue) (driver.Result, error) {
	c.notes.statements = append(c.notes.statements, query)
	return driver.ResultNoRows, nil
}

// execWithVars is Exec in a transaction in which the session variables of ctx are set. When
// it ends, so do they, whatever happens to the connection.
func (d *Driver) execWithVars(ctx context.Context, query string, args []any) (result sql.Result, err error) {
	tx := &Tx{driver: d, ctx: ctx}
	if result, err = tx.exec(ctx, query, args, true); err != nil {
		return nil, firstError(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return nil, err
	}
	return result, nil
}

// queryWithVars is query in a transaction in which the session variables of ctx are set. The
// transaction is committed when the rows are closed.
func (d *Driver) queryWithVars(ctx context.Context, query string, args []any) (*Rows, error) {
	tx := &Tx{driver: d, ctx: ctx}
	rows, err := tx.query(ctx, query, args, true)
	if err != nil {
		return nil, firstError(err, tx.Rollback())
	}
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if !rows.done {
		after := rows.owner.after
		rows.owner.after = func(err error) error {
			if after != nil {
				err = after(err)
			}
			switch {
			case tx.done: // Its context ended.
				return err
			case err != nil:
				tx.done = true
				return firstError(err, tx.rollback(err))
			}
			return tx.commit()
		}
		return rows, nil
	}
	if err := tx.commit(); err != nil {
		return nil, err
	}
	return rows, nil
}
