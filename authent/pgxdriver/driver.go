package pgxdriver

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"sync"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/agentuity/auth-go/authent/eager"
)

// Driver is Ent's driver on a pgx pool. It is safe for concurrent use.
type Driver struct {
	pool     *pgxpool.Pool
	keepPool bool
	separate bool              // no UPDATE .. RETURNING for UpdateOne
	mode     pgx.QueryExecMode // how the pool's connections run statements
	capacity int               // statements that one connection keeps for first statements
	tracer   pgx.QueryTracer   // nil without one

	noJoins, noSnapshot bool
	shapes              shapes

	closeOnce sync.Once
	closed    chan struct{} // is closed when the pool is
}

var _ dialect.Driver = (*Driver)(nil)

// New returns a driver on a pool. Closing the driver closes the pool, unless the option
// [KeepPool] says otherwise.
//
// The pool's own settings decide how statements run. Behind PgBouncer in transaction mode
// set ConnConfig.DefaultQueryExecMode to pgx.QueryExecModeCacheDescribe; never use
// pgx.QueryExecModeDescribeExec there: it mixes up the statements of different clients and
// returns wrong results. [Open] refuses it.
func New(pool *pgxpool.Pool, opts ...Option) *Driver {
	config := pool.Config().ConnConfig
	d := &Driver{
		pool:     pool,
		mode:     config.DefaultQueryExecMode,
		tracer:   config.Tracer,
		capacity: config.StatementCacheCapacity,
		closed:   make(chan struct{}),
	}
	if d.mode == pgx.QueryExecModeCacheDescribe {
		d.capacity = config.DescriptionCacheCapacity
	}
	for _, opt := range opts {
		opt(d)
	}
	return d
}

// Dialect returns dialect.Postgres.
func (d *Driver) Dialect() string { return dialect.Postgres }

// Pool returns the pool that the driver runs on, for what Ent has no words for: COPY,
// LISTEN, batches, statistics.
func (d *Driver) Pool() *pgxpool.Pool { return d.pool }

// closeTimeout is how long Close waits for connections that are in use.
const closeTimeout = 10 * time.Second

// Close closes the pool, or does nothing with the option [KeepPool]. It waits up to 10
// seconds for the connections that are in use, and returns an error if some still are: then
// rows were not closed or a transaction was not ended. Such a connection is closed when it
// is given back. Later calls return nil, and later operations [ErrClosed].
func (d *Driver) Close() error {
	if d.keepPool {
		return nil
	}
	first := false
	d.closeOnce.Do(func() {
		first = true
		go func() {
			defer close(d.closed)
			d.pool.Close()
		}()
	})
	if !first {
		return nil
	}
	timer := time.NewTimer(closeTimeout)
	defer timer.Stop()
	select {
	case <-d.closed:
		return nil
	case <-timer.C:
		return fmt.Errorf("pgxdriver: close: %d connections are still in use after %s: rows were not closed, or transactions were not ended", d.pool.Stat().AcquiredConns(), closeTimeout)
	}
}

// Exec runs a statement that returns no rows. args is a []any; v is nil or a *sql.Result,
// whose LastInsertId is not supported: Postgres has RETURNING for it.
func (d *Driver) Exec(ctx context.Context, query string, args, v any) error {
	argv, err := arguments(args)
	if err != nil {
		return err
	}
	return execInto(v, func() (sql.Result, error) {
		if hasVars(ctx) {
			return d.execWithVars(ctx, query, argv)
		}
		return d.ExecContext(ctx, query, argv...)
	})
}

// Query runs a statement that returns rows. args is a []any and v a *sql.Rows of Ent's
// dialect/sql. An error of the server is returned here and not by the first Next. The rows
// must be closed; they also are when Next returns false and when ctx ends.
func (d *Driver) Query(ctx context.Context, query string, args, v any) error {
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
	if tree := eager.Take(ctx, query); tree != nil { // Planned only without variables.
		rows, err := d.queryTree(ctx, tree, argv)
		if err != nil {
			return err
		}
		dest.ColumnScanner = rows
		return nil
	}
	var rows *Rows
	if hasVars(ctx) {
		rows, err = d.queryWithVars(ctx, query, argv)
	} else {
		rows, err = d.query(ctx, query, argv)
	}
	if err != nil {
		return err
	}
	return deliver(ctx, dest, rows, query)
}

// ExecContext is Exec in the form of database/sql. Clients generated with the feature
// sql/execquery call it. As in Ent's own driver, variables of sql.WithVar are not set.
func (d *Driver) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	args = positional(args)
	var tag pgconn.CommandTag
	// Without arguments it may be several statements, of which some ran.
	err := d.withConn(ctx, len(args) > 0, func(conn *pgxpool.Conn) error {
		var err error
		if tag, err = conn.Conn().Exec(ctx, query, args...); err != nil {
			return err
		}
		conn.Release()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return driver.RowsAffected(tag.RowsAffected()), nil
}

// QueryContext is Query in the form of database/sql. Clients generated with the feature
// sql/execquery call it. As in Ent's own driver, variables of sql.WithVar are not set.
func (d *Driver) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := d.query(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return standardRows(ctx, rows)
}

// query runs a statement on a connection that its rows give back.
func (d *Driver) query(ctx context.Context, query string, args []any) (*Rows, error) {
	args = withFormats(args)
	var rows *Rows
	err := d.withConn(ctx, true, func(conn *pgxpool.Conn) error {
		r, err := conn.Conn().Query(ctx, query, args...)
		if err != nil {
			return err
		}
		rows, err = newRows(r, rowsOwner{conn: conn})
		return err
	})
	if err != nil {
		return nil, err
	}
	rows.watch(ctx)
	return rows, nil
}

// maxAttempts is how often a statement is tried when it certainly did not run.
const maxAttempts = 3

// withConn calls f with a connection from the pool. f gives the connection back, or to its
// rows, unless it fails. f is called again, on another connection, if its statement
// certainly did not run: the connection turned out to be closed before anything was sent,
// or, if it is a single one, the server refused it because the tables changed after it was
// prepared.
func (d *Driver) withConn(ctx context.Context, single bool, f func(*pgxpool.Conn) error) error {
	for attempt := 1; ; attempt++ {
		conn, err := d.pool.Acquire(ctx)
		if err != nil {
			return adapt(err)
		}
		err = f(conn)
		if err == nil {
			return nil
		}
		again := single && stalePlan(err) || conn.Conn().IsClosed() && pgconn.SafeToRetry(err)
		conn.Release()
		if !again || attempt == maxAttempts || ctx.Err() != nil {
			return adapt(err)
		}
	}
}

// arguments returns the arguments of a statement in the form that Ent passes them.
func arguments(args any) ([]any, error) {
	argv, ok := args.([]any)
	if !ok {
		return nil, fmt.Errorf("pgxdriver: invalid type %T for args, expect []any", args)
	}
	return argv, nil
}

// rowsDest returns the destination of a query's rows.
func rowsDest(v any) (*entsql.Rows, error) {
	dest, ok := v.(*entsql.Rows)
	if !ok {
		return nil, fmt.Errorf("pgxdriver: invalid type %T for rows, expect *sql.Rows of entgo.io/ent/dialect/sql", v)
	}
	return dest, nil
}

// execInto stores the result of exec in v, which is nil or a *sql.Result.
func execInto(v any, exec func() (sql.Result, error)) error {
	dest, ok := v.(*sql.Result)
	if !ok && v != nil {
		return fmt.Errorf("pgxdriver: invalid type %T for a result, expect *sql.Result", v)
	}
	result, err := exec()
	if err != nil {
		return err
	}
	if dest != nil {
		*dest = result
	}
	return nil
}

// deliver hands rows to Ent.
func deliver(ctx context.Context, dest *entsql.Rows, rows *Rows, query string) error {
	if !wantsStandardRows(query) {
		dest.ColumnScanner = rows
		return nil
	}
	std, err := standardRows(ctx, rows) //nolint:rowserrcheck // They are Ent's to read.
	if err != nil {
		return err
	}
	dest.ColumnScanner = std
	return nil
}

// positional replaces named arguments by their values: Postgres has positions only.
func positional(args []any) []any {
	for i, arg := range args {
		if _, ok := arg.(sql.NamedArg); !ok {
			continue
		}
		args = append([]any(nil), args...)
		for j := i; j < len(args); j++ {
			if named, ok := args[j].(sql.NamedArg); ok {
				args[j] = named.Value
			}
		}
		break
	}
	return args
}

// withFormats puts the formats of result columns before the arguments.
func withFormats(args []any) []any {
	args = positional(args)
	out := make([]any, 0, len(args)+1)
	out = append(out, resultFormats)
	return append(out, args...)
}
