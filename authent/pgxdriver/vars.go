package pgxdriver

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Ent's sql.WithVar puts session variables into a context, for row level security for
// example. Only Ent can read them there, so Ent's own driver is run on a stand-in for a
// database, and what it would send is noted.

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

// vars returns the statements that set the session variables of ctx, and the ones that
// reset them.
func vars(ctx context.Context) (set, reset string, err error) {
	var n notes
	db := sql.OpenDB(&n)
	err = entsql.OpenDB(dialect.Postgres, db).Exec(ctx, "", noArgs, nil)
	if err = errors.Join(err, db.Close()); err != nil {
		return "", "", err
	}
	var sets, resets []string
	for _, statement := range n.statements {
		switch {
		case strings.HasPrefix(statement, "SET "):
			sets = append(sets, statement)
		case strings.HasPrefix(statement, "RESET "):
			resets = append(resets, statement)
		}
	}
	return strings.Join(sets, ";"), strings.Join(resets, ";"), nil
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

// execWithVars is Exec on a connection on which the session variables of ctx are set.
func (d *Driver) execWithVars(ctx context.Context, query string, args []any, v any) error {
	return execInto(v, func() (sql.Result, error) {
		var result sql.Result
		err := d.withVars(ctx, func(conn *pgxpool.Conn, after func(error) error) error {
			tag, err := conn.Conn().Exec(ctx, query, positional(args)...)
			if err = after(err); err != nil {
				return err
			}
			conn.Release()
			result = driver.RowsAffected(tag.RowsAffected())
			return nil
		})
		return result, err
	})
}

// queryWithVars is query on a connection on which the session variables of ctx are set.
func (d *Driver) queryWithVars(ctx context.Context, query string, args []any) (*Rows, error) {
	var rows *Rows
	err := d.withVars(ctx, func(conn *pgxpool.Conn, after func(error) error) error {
		r, err := conn.Conn().Query(ctx, query, withFormats(args)...)
		if err != nil {
			return after(err)
		}
		rows, err = newRows(r, rowsOwner{conn: conn, after: after})
		return err
	})
	if err != nil {
		return nil, err
	}
	rows.watch(ctx)
	return rows, nil
}

// withVars calls f with a connection on which the session variables of ctx are set. f must
// call after, with its error, when it is done with the connection.
func (d *Driver) withVars(ctx context.Context, f func(conn *pgxpool.Conn, after func(error) error) error) error {
	set, reset, err := vars(ctx)
	if err != nil {
		return err
	}
	return d.withConn(ctx, func(conn *pgxpool.Conn) error {
		after := func(err error) error {
			if rerr := cleanup(ctx, conn.Conn(), reset); rerr != nil {
				err = errors.Join(err, rerr)
			}
			return err
		}
		if _, err := conn.Conn().Exec(ctx, set); err != nil {
			return after(err)
		}
		return f(conn, after)
	})
}

// cleanupTimeout is how long the statements may take that leave a connection as it was
// found, when the context that it was used with may have ended.
const cleanupTimeout = 5 * time.Second

// cleanup runs statements that leave a connection as it was found. If it fails, it closes
// the connection.
func cleanup(ctx context.Context, conn *pgx.Conn, statements string) error {
	if conn.IsClosed() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	_, err := conn.Exec(ctx, statements)
	if err != nil {
		err = errors.Join(err, conn.Close(ctx))
	}
	return err
}
