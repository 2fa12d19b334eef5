package pgxdriver

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/agentuity/auth-go/authent/eager"
)

// Tx is a transaction. It takes a connection from the pool with its first statement, which
// carries BEGIN, and gives it back with Commit or Rollback, or when the context that it was
// started with ends. After that all methods return sql.ErrTxDone.
type Tx struct {
	driver *Driver
	ctx    context.Context
	opts   pgx.TxOptions

	updateOne *UpdateOne // what the transaction is for, if its statements need none

	mu     sync.Mutex // guards what follows, the connection, and the rows of the transaction
	conn   *pgxpool.Conn
	rows   *Rows // the latest rows
	failed error // why the transaction did not begin, or cannot go on
	done   bool
	stop   func() bool // ends the watch of ctx
}

var _ dialect.Tx = (*Tx)(nil)

// Tx starts a transaction with the defaults of the database.
func (d *Driver) Tx(ctx context.Context) (dialect.Tx, error) {
	return d.BeginTx(ctx, nil)
}

// BeginTx starts a transaction. The returned value is a [*Tx]. It returns an error if ctx has
// ended, if the isolation level is not one of Postgres' (read uncommitted, read committed,
// repeatable read, which also stands for snapshot, and serializable) or if the driver is
// closed; other errors come from the first statement. opts may be nil.
func (d *Driver) BeginTx(ctx context.Context, opts *sql.TxOptions) (dialect.Tx, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-d.closed:
		return nil, ErrClosed
	default:
	}
	tx := &Tx{driver: d, ctx: ctx}
	if opts == nil {
		if u := d.updateOneOf(ctx); u != nil && !u.InTx {
			tx.updateOne = u
		}
		return tx, nil
	}
	switch opts.Isolation {
	case sql.LevelDefault:
	case sql.LevelReadUncommitted:
		tx.opts.IsoLevel = pgx.ReadUncommitted
	case sql.LevelReadCommitted:
		tx.opts.IsoLevel = pgx.ReadCommitted
	case sql.LevelRepeatableRead, sql.LevelSnapshot:
		tx.opts.IsoLevel = pgx.RepeatableRead
	case sql.LevelSerializable:
		tx.opts.IsoLevel = pgx.Serializable
	default:
		return nil, fmt.Errorf("pgxdriver: unsupported isolation level %q: use read uncommitted, read committed, repeatable read or serializable", opts.Isolation)
	}
	if opts.ReadOnly {
		tx.opts.AccessMode = pgx.ReadOnly
	}
	return tx, nil
}

// beginSQL returns the statement that begins the transaction.
func (tx *Tx) beginSQL() string {
	if tx.opts == (pgx.TxOptions{}) {
		return "begin"
	}
	begin := "begin"
	if tx.opts.IsoLevel != "" {
		begin += " isolation level " + string(tx.opts.IsoLevel)
	}
	if tx.opts.AccessMode != "" {
		begin += " " + string(tx.opts.AccessMode)
	}
	return begin
}

// Exec is [Driver.Exec] in the transaction.
func (tx *Tx) Exec(ctx context.Context, query string, args, v any) error {
	argv, err := arguments(args)
	if err != nil {
		return err
	}
	return execInto(v, func() (sql.Result, error) {
		if u := tx.driver.updateOneOf(ctx); u != nil {
			if result, ok, err := u.exec(ctx, tx, query, argv); ok {
				return result, err
			}
		}
		return tx.exec(ctx, query, argv, hasVars(ctx))
	})
}

// Query is [Driver.Query] in the transaction. The rows must be closed before the next
// statement.
func (tx *Tx) Query(ctx context.Context, query string, args, v any) error {
	dest, err := rowsDest(v)
	if err != nil {
		return err
	}
	argv, err := arguments(args)
	if err != nil {
		return err
	}
	if ok, err := serve(ctx, dest); ok {
		return err
	}
	var rows *Rows
	if u := tx.driver.updateOneOf(ctx); u != nil {
		rows, err = u.query(ctx, tx, query, argv)
	} else if tree := tx.tree(ctx, query); tree != nil {
		rows, err = tx.queryTree(ctx, tree, argv)
	} else {
		rows, err = tx.query(ctx, query, argv, hasVars(ctx))
	}
	if err != nil {
		return err
	}
	return deliver(ctx, dest, rows, query)
}

// ExecContext is [Driver.ExecContext] in the transaction.
func (tx *Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return tx.exec(ctx, query, args, false)
}

// QueryContext is [Driver.QueryContext] in the transaction. The rows must be closed before
// the next statement.
func (tx *Tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := tx.query(ctx, query, args, false)
	if err != nil {
		return nil, err
	}
	return standardRows(ctx, rows)
}

// exec runs a statement without rows.
func (tx *Tx) exec(ctx context.Context, query string, args []any, withVars bool) (sql.Result, error) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if err := tx.ready(ctx, withVars); err != nil {
		return nil, err
	}
	var (
		tag pgconn.CommandTag
		err error
	)
	args = positional(args)
	if tx.conn == nil {
		tag, err = tx.beginExec(ctx, query, args)
	} else {
		tag, err = tx.conn.Conn().Exec(ctx, query, args...)
	}
	if err != nil {
		return nil, adapt(err)
	}
	return driver.RowsAffected(tag.RowsAffected()), nil
}

// query runs a statement with rows.
func (tx *Tx) query(ctx context.Context, query string, args []any, withVars bool) (*Rows, error) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if err := tx.ready(ctx, withVars); err != nil {
		return nil, err
	}
	var (
		rows *Rows
		err  error
	)
	if tx.conn == nil {
		rows, err = tx.beginQuery(ctx, query, positional(args))
	} else {
		var r pgx.Rows
		if r, err = tx.conn.Conn().Query(ctx, query, withFormats(args)...); err == nil {
			rows, err = newRows(r, rowsOwner{tx: tx})
		}
	}
	if err != nil {
		return nil, adapt(err)
	}
	rows.watch(ctx)
	tx.rows = rows
	return rows, nil
}

// tree returns the tree that a query is the root of, or nil.
func (tx *Tx) tree(ctx context.Context, query string) *eager.Tree {
	if hasVars(ctx) {
		return nil
	}
	return eager.Take(ctx, query)
}

// queryTree runs a tree in the transaction.
func (tx *Tx) queryTree(ctx context.Context, tree *eager.Tree, args []any) (*Rows, error) {
	rows, err := tx.sendTree(ctx, tree, args)
	var unprepared *unpreparedError
	if errors.As(err, &unprepared) {
		return tx.query(ctx, tree.Root.SQL, tree.Root.Args, false)
	}
	return rows, adapt(err)
}

// sendTree sends the statements of a tree.
func (tx *Tx) sendTree(ctx context.Context, tree *eager.Tree, args []any) (rows *Rows, err error) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if err := tx.ready(ctx, false); err != nil {
		return nil, err
	}
	run := tx.driver.newTreeRun(ctx, tree, args, tx, true)
	send := func(conn *pgx.Conn) error {
		rows, err = run.send(ctx, conn, rowsOwner{tx: tx})
		return err
	}
	if tx.conn != nil {
		err = send(tx.conn.Conn())
	} else {
		err = tx.begin(ctx, true, send)
	}
	if err != nil {
		return nil, err
	}
	rows.watch(ctx)
	tx.rows = rows
	return rows, nil
}

// ready makes the transaction ready for a statement.
func (tx *Tx) ready(ctx context.Context, withVars bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if tx.done {
		return sql.ErrTxDone
	}
	if err := tx.ctx.Err(); err != nil {
		return err
	}
	if tx.failed != nil {
		return tx.failed
	}
	if !withVars {
		return nil
	}
	set, err := localVars(ctx)
	if err != nil {
		return err
	}
	if tx.conn == nil {
		_, err = tx.beginExec(ctx, set, nil)
	} else {
		_, err = tx.conn.Conn().Exec(ctx, set)
	}
	return adapt(err)
}

// begun takes over the connection on which the transaction began.
func (tx *Tx) begun(conn *pgxpool.Conn) {
	tx.conn = conn
	if tx.ctx.Done() != nil {
		tx.stop = context.AfterFunc(tx.ctx, tx.expire)
	}
}

// expire rolls the transaction back because its context ended.
func (tx *Tx) expire() {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if tx.done {
		return
	}
	tx.done = true
	// Nobody waits for the error, and a connection that is in doubt is not used again.
	_ = tx.rollback(tx.ctx.Err())
}

// Commit commits the transaction. If a statement failed before, the server rolls back
// instead, and the error is pgx.ErrTxCommitRollback.
func (tx *Tx) Commit() error {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	return tx.commit()
}

// commit is Commit of a transaction that is locked.
func (tx *Tx) commit() error {
	if tx.done {
		return sql.ErrTxDone
	}
	if tx.updateOne != nil {
		tx.done = true // What it sent is committed.
		tx.closeRows(sql.ErrTxDone)
		return nil
	}
	if err := tx.ctx.Err(); err != nil {
		tx.done = true
		_ = tx.rollback(err) // A connection that is in doubt is not used again.
		return err
	}
	tx.done = true
	if tx.conn == nil {
		if tx.failed != nil {
			return fmt.Errorf("%w: %w", pgx.ErrTxCommitRollback, tx.failed)
		}
		return nil
	}
	defer tx.release()
	tx.closeRows(sql.ErrTxDone)
	tag, err := tx.conn.Conn().Exec(tx.ctx, "commit")
	if err != nil {
		return adapt(err)
	}
	if tag.String() == "ROLLBACK" {
		return pgx.ErrTxCommitRollback
	}
	return nil
}

// Rollback takes back what the transaction did. It returns nil if the connection was lost,
// which also takes it back.
func (tx *Tx) Rollback() error {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if tx.done {
		return sql.ErrTxDone
	}
	tx.done = true
	return tx.rollback(sql.ErrTxDone)
}

// rollback rolls back and gives the connection back. The latest rows end with err, if they
// are open.
func (tx *Tx) rollback(err error) error {
	tx.closeRows(err)
	if tx.conn == nil {
		return nil
	}
	defer tx.release()
	return cleanup(tx.ctx, tx.conn.Conn())
}

// closeRows closes the latest rows.
func (tx *Tx) closeRows(err error) {
	if tx.rows != nil {
		tx.rows.end(err)
		tx.rows = nil
	}
}

// release gives the connection back.
func (tx *Tx) release() {
	if tx.stop != nil {
		tx.stop()
	}
	tx.conn.Release()
	tx.conn = nil
}

// cleanupTimeout is how long a rollback may take. The context of its transaction may have
// ended.
const cleanupTimeout = 5 * time.Second

// cleanup rolls back. If it fails, it closes the connection.
func cleanup(ctx context.Context, conn *pgx.Conn) error {
	if conn.IsClosed() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	_, err := conn.Exec(ctx, "rollback")
	if err != nil {
		err = errors.Join(err, conn.Close(ctx))
	}
	return err
}
