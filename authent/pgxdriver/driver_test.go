package pgxdriver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/sqlgraph"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// TestConstraintErrors checks that Ent and pgx recognize violated constraints.
func TestConstraintErrors(t *testing.T) {
	t.Parallel()
	drv := newDriver(t)
	exec(t, drv, `CREATE TABLE "t" (id int PRIMARY KEY, name text NOT NULL CONSTRAINT good CHECK (name <> 'bad'))`, `CREATE TABLE "child" (t int REFERENCES "t" (id))`, `INSERT INTO "t" VALUES (1, 'a')`, `INSERT INTO "child" VALUES (1)`)
	for _, tt := range []struct {
		query, code string
		is          func(error) bool
		constraint  bool
	}{
		{`INSERT INTO "t" VALUES (1, 'b')`, "23505", sqlgraph.IsUniqueConstraintError, true},
		{`INSERT INTO "child" VALUES (7)`, "23503", sqlgraph.IsForeignKeyConstraintError, true},
		{`DELETE FROM "t"`, "23503", sqlgraph.IsForeignKeyConstraintError, true},
		{`INSERT INTO "t" VALUES (2, 'bad')`, "23514", sqlgraph.IsCheckConstraintError, true},
		{`INSERT INTO "t" VALUES (2, NULL)`, "23502", func(error) bool { return true }, false},
	} {
		for _, inTx := range []bool{false, true} {
			for _, returning := range []bool{false, true} {
				var q dialect.ExecQuerier = drv
				var tx dialect.Tx
				if inTx {
					tx = begin(t, drv)
					q = tx
				}
				var err error
				if returning {
					err = q.Query(t.Context(), tt.query+" RETURNING *", []any{}, &entsql.Rows{})
				} else {
					err = q.Exec(t.Context(), tt.query, []any{}, nil)
				}
				var pgErr *pgconn.PgError
				if !errors.As(err, &pgErr) || pgErr.Code != tt.code || !tt.is(err) || sqlgraph.IsConstraintError(err) != tt.constraint {
					t.Errorf("%s: %v", tt.query, err)
				}
				if inTx {
					if err := tx.Rollback(); err != nil {
						t.Error(err)
					}
				}
			}
		}
	}
	idle(t, drv)
}

// TestResult checks the result of Exec.
func TestResult(t *testing.T) {
	t.Parallel()
	drv := newDriver(t)
	exec(t, drv, `CREATE TABLE "t" (id int)`)
	tx := begin(t, drv)
	for _, q := range []dialect.ExecQuerier{drv, tx, tx} {
		for _, args := range [][]any{{}, {3}} {
			text := `INSERT INTO "t" SELECT generate_series(1, 3)`
			if len(args) > 0 {
				text = `INSERT INTO "t" SELECT generate_series(1, $1::int)`
			}
			var result sql.Result
			if err := q.Exec(t.Context(), text, args, &result); err != nil {
				t.Fatal(err)
			}
			if n, err := result.RowsAffected(); n != 3 || err != nil {
				t.Errorf("%d rows: %v", n, err)
			}
			if _, err := result.LastInsertId(); err == nil {
				t.Error("there is a last id")
			}
		}
	}
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
}

// TestExecQuery uses the methods that clients with the feature sql/execquery call, also
// through Ent's wrappers.
func TestExecQuery(t *testing.T) {
	t.Parallel()
	type execQuerier interface {
		ExecContext(context.Context, string, ...any) (sql.Result, error)
		QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	}
	drv := newDriver(t)
	exec(t, drv, `CREATE TABLE "t" (id int, name text)`)
	var logged []string
	debug := dialect.Debug(drv, func(v ...any) { logged = append(logged, fmt.Sprint(v...)) })
	use := func(q any) {
		t.Helper()
		eq, ok := q.(execQuerier)
		if !ok {
			t.Fatalf("%T has not the methods", q)
		}
		result, err := eq.ExecContext(t.Context(), `INSERT INTO "t" VALUES ($1, $2)`, 1, "a")
		if err != nil {
			t.Fatal(err)
		}
		if n, err := result.RowsAffected(); n != 1 || err != nil {
			t.Errorf("%d rows: %v", n, err)
		}
		rows, err := eq.QueryContext(t.Context(), `SELECT id, name FROM "t" WHERE id = $1`, 1)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		n := 0
		for rows.Next() {
			var id int
			var name string
			if err := rows.Scan(&id, &name); err != nil || id != 1 || name != "a" {
				t.Errorf("%d %s: %v", id, name, err)
			}
			n++
		}
		if err := rows.Err(); n == 0 || err != nil {
			t.Errorf("%d rows: %v", n, err)
		}
		//nolint:rowserrcheck,sqlclosecheck // There are no rows.
		if _, err := eq.QueryContext(t.Context(), `SELECT 1/0`); err == nil {
			t.Error("no error")
		}
	}
	use(drv)
	use(debug)
	for _, d := range []dialect.Driver{drv, debug} {
		tx := begin(t, d)
		eq := tx.(execQuerier)
		rows, err := eq.QueryContext(t.Context(), `SELECT $1::int`, 7) // the first statement
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if !rows.Next() || rows.Scan(&n) != nil || n != 7 {
			t.Errorf("got %d: %v", n, rows.Err())
		}
		if err := rows.Close(); err != nil { //nolint:sqlclosecheck // The transaction goes on.
			t.Error(err)
		}
		if _, err := eq.ExecContext(t.Context(), `DELETE FROM "t"`); err != nil {
			t.Error(err)
		}
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
		tx = begin(t, d)
		use(tx)
		_ = tx.Rollback()
	}
	bt, ok := debug.(interface {
		BeginTx(context.Context, *sql.TxOptions) (dialect.Tx, error)
	})
	if !ok {
		t.Fatal("the debug driver has no BeginTx")
	}
	tx, err := bt.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Exec(t.Context(), `DELETE FROM "t"`, []any{}, nil); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("read only: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
	if len(logged) == 0 {
		t.Error("nothing was logged")
	}
	idle(t, drv)
}

// TestCanceledRows cancels the contexts of rows that nobody closes.
func TestCanceledRows(t *testing.T) {
	t.Parallel()
	drv := newDriver(t, pgxdriver.WithMaxConns(1))
	for i := range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		rows := &entsql.Rows{}
		if err := drv.Query(ctx, `WITH x AS (SELECT generate_series(1, 100000) AS i) SELECT * FROM x`, []any{}, rows); err != nil {
			t.Fatal(err)
		}
		for range i {
			rows.Next()
		}
		cancel()
		eventually(t, "the connection is free", func() bool { return drv.Pool().Stat().AcquiredConns() == 0 })
		if rows.Next() || !errors.Is(rows.Err(), context.Canceled) {
			t.Errorf("rows after the end: %v", rows.Err())
		}
		var n int
		if err := rows.Scan(&n); !errors.Is(err, context.Canceled) {
			t.Errorf("scan after the end: %v", err)
		}
		//nolint:rowserrcheck,sqlclosecheck // There are no rows.
		if _, err := drv.QueryContext(ctx, "SELECT 1"); !errors.Is(err, context.Canceled) {
			t.Errorf("query with a canceled context: %v", err)
		}
		if err := drv.Exec(ctx, "SELECT 1", []any{}, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("exec with a canceled context: %v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	rows, err := drv.QueryContext(ctx, `SELECT generate_series(1, 100000)`)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	eventually(t, "the connection is free", func() bool { return drv.Pool().Stat().AcquiredConns() == 0 })
	if err := rows.Close(); err != nil { //nolint:sqlclosecheck // It was closed by its context.
		t.Error(err)
	}
	_ = rows.Err()
	// A cancellation in the middle of reading, many times.
	for i := range 50 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*100*time.Microsecond)
		rows := &entsql.Rows{}
		if err := drv.Query(ctx, `WITH x AS (SELECT i, i::text AS s FROM generate_series(1, 20000) AS i) SELECT * FROM x`, []any{}, rows); err == nil {
			var n int
			var s sql.NullString
			for rows.Next() {
				if err := rows.Scan(&n, &s); err != nil {
					break
				}
				if fmt.Sprint(n) != s.String {
					t.Fatalf("%d and %s in one row", n, s.String)
				}
			}
		}
		cancel()
	}
	eventually(t, "the connection is free", func() bool { return drv.Pool().Stat().AcquiredConns() == 0 })
	if n := count(t, drv, "SELECT 1"); n != 1 {
		t.Error("the driver does not work any more")
	}
}

// TestScanErrorKeepsRows checks that rows go on after a value that cannot be scanned, as in
// database/sql, and end when they are read.
func TestScanErrorKeepsRows(t *testing.T) {
	t.Parallel()
	drv := newDriver(t, pgxdriver.WithMaxConns(1))
	rows := query(t, drv, `WITH x AS (SELECT generate_series(1, 3) AS i) SELECT i::text FROM x`)
	n := 0
	for rows.Next() {
		var at time.Time
		if err := rows.Scan(&at); err == nil {
			t.Error("a number is a time")
		}
		n++
	}
	if n != 3 || rows.Err() != nil {
		t.Errorf("%d rows: %v", n, rows.Err())
	}
	idle(t, drv)
}

// TestKilledBackend kills the server side of connections in the states that they can have.
func TestKilledBackend(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	killer := open(t, url)
	drv := open(t, url, pgxdriver.WithMaxConns(2), withoutPings())
	exec(t, drv, `CREATE TABLE "t" (id int)`)
	kill := func() {
		t.Helper()
		exec(t, killer, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		time.Sleep(20 * time.Millisecond)
	}
	works := func(what string) {
		t.Helper()
		var err error
		for range 4 { // Each of the two connections may find out by a statement.
			if err = drv.Exec(t.Context(), "SELECT 1", []any{}, nil); err == nil {
				break
			}
		}
		if err != nil {
			t.Errorf("%s: the driver does not recover: %v", what, err)
		}
		idle(t, drv)
	}
	works("before")
	kill()
	works("idle")

	tx := begin(t, drv)
	count(t, tx, `SELECT count(*) FROM "t" WHERE id = $1`, 1)
	kill()
	if err := tx.Exec(t.Context(), `INSERT INTO "t" VALUES (1)`, []any{}, nil); err == nil {
		t.Error("a statement ran on a killed connection")
	}
	if err := tx.Commit(); err == nil {
		t.Error("a killed transaction was committed")
	}
	works("in a transaction")

	tx = begin(t, drv)
	count(t, tx, `SELECT count(*) FROM "t" WHERE id = $1`, 1)
	kill()
	if err := tx.Rollback(); err != nil && !strings.Contains(err.Error(), "terminat") && !errors.Is(err, context.Canceled) {
		t.Logf("rollback of a killed transaction: %v", err)
	}
	works("before rollback")

	kill()
	tx = begin(t, drv)
	err := tx.Exec(t.Context(), `INSERT INTO "t" VALUES ($1)`, []any{1}, nil)
	if err != nil {
		err2 := tx.Exec(t.Context(), `INSERT INTO "t" VALUES ($1)`, []any{1}, nil)
		if err2 == nil {
			t.Errorf("the first statement failed with %v, and the second ran", err)
		}
		if err := tx.Commit(); err == nil {
			t.Error("it was committed")
		}
	} else if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
	works("before the first statement")

	rows := query(t, drv, `WITH x AS (SELECT repeat('x', 1000) AS s FROM generate_series(1, 100000)) SELECT * FROM x`)
	kill()
	for rows.Next() {
	}
	if rows.Err() == nil {
		t.Error("rows of a killed connection ended well")
	}
	works("while rows are open")
	if n := count(t, drv, `SELECT count(*) FROM "t"`); n != 0 {
		t.Errorf("%d rows were committed", n)
	}
}

// TestOneConnection shares one connection.
func TestOneConnection(t *testing.T) {
	t.Parallel()
	drv := newDriver(t, pgxdriver.WithMaxConns(1))
	exec(t, drv, `CREATE TABLE "t" (id int)`)
	busy(t, drv, 20)
	// Transactions that have not begun hold no connection.
	first, second := begin(t, drv), begin(t, drv)
	exec(t, first, `INSERT INTO "t" VALUES (1)`)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := drv.Exec(ctx, "SELECT 1", []any{}, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while the connection is in use: %v", err)
	}
	if err := first.Rollback(); err != nil {
		t.Error(err)
	}
	exec(t, second, `INSERT INTO "t" VALUES (1)`)
	if err := second.Rollback(); err != nil {
		t.Error(err)
	}
}

// TestManyQueries runs 200 queries at once.
func TestManyQueries(t *testing.T) {
	t.Parallel()
	drv := newDriver(t, pgxdriver.WithMaxConns(8))
	exec(t, drv, `CREATE TABLE "t" (id int)`)
	busy(t, drv, 200)
}

// busy runs n workers at once, with queries, statements and transactions each.
func busy(t *testing.T, drv *pgxdriver.Driver, n int) {
	t.Helper()
	var workers sync.WaitGroup
	for i := range n {
		workers.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			one := func(q dialect.ExecQuerier) error {
				rows := &entsql.Rows{}
				if err := q.Query(ctx, `SELECT $1::int, 'worker ' || $1::text FROM generate_series(1, 10) WHERE EXISTS (SELECT FROM "t") OR true`, []any{i}, rows); err != nil {
					return err
				}
				defer func() { _ = rows.Close() }()
				for rows.Next() {
					var id int
					var name string
					if err := rows.Scan(&id, &name); err != nil {
						return err
					}
					if id != i || name != fmt.Sprint("worker ", i) {
						return fmt.Errorf("worker %d got %d, %s", i, id, name)
					}
				}
				return rows.Err()
			}
			inTx := func(commit bool) error {
				tx, err := drv.Tx(ctx)
				if err != nil {
					return err
				}
				defer func() { _ = tx.Rollback() }()
				if err := one(tx); err != nil {
					return err
				}
				if err := tx.Exec(ctx, `INSERT INTO "t" VALUES ($1)`, []any{i}, nil); err != nil {
					return err
				}
				if commit {
					return tx.Commit()
				}
				return tx.Rollback()
			}
			if err := errors.Join(one(drv), inTx(true), inTx(false), one(drv)); err != nil {
				t.Errorf("worker %d: %v", i, err)
			}
		})
	}
	workers.Wait()
	if got := count(t, drv, `SELECT count(*) FROM "t"`); got != n {
		t.Errorf("%d rows, want %d", got, n)
	}
	exec(t, drv, `DELETE FROM "t"`)
	idle(t, drv)
}

// TestClose closes drivers and uses them after.
func TestClose(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	drv := open(t, url)
	tx := begin(t, drv)
	if err := drv.Close(); err != nil {
		t.Fatal(err)
	}
	if err := drv.Close(); err != nil {
		t.Errorf("close again: %v", err)
	}
	//nolint:rowserrcheck,sqlclosecheck // There are no rows.
	_, queryErr := drv.QueryContext(t.Context(), "SELECT 1")
	_, execErr := drv.ExecContext(t.Context(), "SELECT 1")
	_, txErr := drv.Tx(t.Context())
	for _, err := range []error{
		queryErr, execErr, txErr,
		drv.Query(t.Context(), "SELECT 1", []any{}, &entsql.Rows{}),
		drv.Exec(t.Context(), "SELECT 1", []any{}, nil),
		tx.Query(t.Context(), "SELECT 1", []any{}, &entsql.Rows{}),
	} {
		if !errors.Is(err, pgxdriver.ErrClosed) {
			t.Errorf("after close: %v", err)
		}
	}
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}

	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	shared := pgxdriver.New(pool, pgxdriver.KeepPool())
	if err := shared.Close(); err != nil {
		t.Error(err)
	}
	if err := pool.Ping(t.Context()); err != nil {
		t.Errorf("the pool was closed: %v", err)
	}
	owner := pgxdriver.New(pool)
	if owner.Pool() != pool || owner.Dialect() != dialect.Postgres {
		t.Error("it is another pool or dialect")
	}
	if err := owner.Close(); err != nil {
		t.Error(err)
	}
	if err := pool.Ping(t.Context()); err == nil {
		t.Error("the pool is open")
	}
	if _, err := shared.ExecContext(t.Context(), "SELECT 1"); !errors.Is(err, pgxdriver.ErrClosed) {
		t.Errorf("on a closed pool: %v", err)
	}
}

// TestCloseWaits closes a driver while a transaction is open.
func TestCloseWaits(t *testing.T) {
	t.Parallel()
	drv := open(t, pgtest.New(t))
	tx := begin(t, drv)
	exec(t, tx, "SELECT 1")
	closed := make(chan error, 1)
	go func() { closed <- drv.Close() }()
	select {
	case err := <-closed:
		t.Errorf("closed while a connection is in use: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	if err := tx.Commit(); err != nil {
		t.Error(err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// TestNoGoroutines checks that nothing runs on after a driver is closed. It is not parallel:
// it counts the goroutines of the process.
func TestNoGoroutines(t *testing.T) {
	url := pgtest.New(t)
	before := runtime.NumGoroutine()
	func() {
		drv, err := pgxdriver.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(entsql.WithVar(t.Context(), "app.tenant", "one"))
		defer cancel()
		for range 10 {
			tx, err := drv.Tx(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range []dialect.ExecQuerier{drv, tx} {
				rows := &entsql.Rows{}
				if err := q.Query(ctx, "SELECT 1", []any{}, rows); err != nil {
					t.Fatal(err)
				}
				if _, err := rows.ColumnTypes(); err != nil {
					t.Error(err)
				}
				if err := errors.Join(rows.Err(), rows.Close()); err != nil {
					t.Error(err)
				}
				exec(t, q, "SELECT 1")
			}
			if err := tx.Commit(); err != nil {
				t.Error(err)
			}
		}
		if err := drv.Close(); err != nil {
			t.Error(err)
		}
	}()
	eventually(t, "the goroutines are gone", func() bool { return runtime.NumGoroutine() <= before })
}
