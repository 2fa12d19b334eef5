package pgxdriver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// TestRoundTrips counts the round trips of transactions.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	w := newWire(t, pgtest.New(t))
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			drv := open(t, w.url, mode.opt, withoutPings(), pgxdriver.WithMaxConns(1))
			exec(t, drv, `CREATE TABLE IF NOT EXISTS "t" (id int, name text)`)
			insert := func(tx dialect.Tx) {
				if err := tx.Exec(t.Context(), `INSERT INTO "t" VALUES ($1, $2)`, []any{1, "a"}, nil); err != nil {
					t.Error(err)
				}
			}
			selects := func(tx dialect.Tx) {
				count(t, tx, `SELECT count(*) FROM "t" WHERE id = $1`, 1)
			}
			returning := func(tx dialect.Tx) {
				count(t, tx, `INSERT INTO "t" VALUES ($1, $2) RETURNING "id"`, 1, "a")
			}
			script := func(tx dialect.Tx) {
				exec(t, tx, `DELETE FROM "t"`)
			}
			catalog := func(tx dialect.Tx) {
				count(t, tx, `SELECT count(*) FROM pg_class WHERE oid = $1`, 1)
			}
			run := func(end string, statements ...func(dialect.Tx)) int {
				return w.count(func() {
					tx := begin(t, drv)
					for _, s := range statements {
						s(tx)
					}
					err := errors.New("no such end")
					switch end {
					case "commit":
						err = tx.Commit()
					case "rollback":
						err = tx.Rollback()
					}
					if err != nil {
						t.Error(err)
					}
				})
			}
			for range 2 { // The first time, statements are prepared.
				for _, s := range []func(dialect.Tx){insert, selects, returning, script, catalog} {
					run("commit", s)
					run("commit", script, s)
				}
			}
			for _, tt := range []struct {
				name       string
				statements []func(dialect.Tx)
			}{
				{"none", nil},
				{"insert", []func(dialect.Tx){insert}},
				{"returning", []func(dialect.Tx){returning}},
				{"select", []func(dialect.Tx){selects}},
				{"script", []func(dialect.Tx){script}},
				{"catalog", []func(dialect.Tx){catalog}},
				{"select, insert", []func(dialect.Tx){selects, insert}},
				{"script, select, returning, insert, select", []func(dialect.Tx){script, selects, returning, insert, selects}},
			} {
				want := 1 + len(tt.statements)
				if len(tt.statements) == 0 {
					want = 0
				}
				for _, end := range []string{"commit", "rollback"} {
					if got := run(end, tt.statements...); got != want {
						t.Errorf("%s, %s: %d round trips, want %d", tt.name, end, got, want)
					}
				}
			}
			if got := w.count(func() { count(t, drv, `SELECT count(*) FROM "t" WHERE id = $1`, 1) }); got != 1 {
				t.Errorf("a query outside of transactions: %d round trips, want 1", got)
			}
			fresh := run("commit", func(tx dialect.Tx) { count(t, tx, `SELECT count(*) FROM "t" WHERE id = $1 + 1`, 1) })
			if fresh > 3 {
				t.Errorf("a statement for the first time: %d round trips, want at most 3", fresh)
			}
			idle(t, drv)
		})
	}
}

// TestTxLikeStock runs scenarios on this driver and on Ent's own, and compares each step.
func TestTxLikeStock(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	stock := stockDriver(t, url)
	exec(t, stock, `CREATE TABLE "t" (id int PRIMARY KEY, name text CHECK (name <> 'bad'))`, `CREATE TABLE "child" (t int REFERENCES "t" (id) DEFERRABLE INITIALLY DEFERRED)`)
	type tx = dialect.Tx
	insert := func(id any) func(tx) error {
		return func(tx tx) error {
			return tx.Exec(context.Background(), `INSERT INTO "t" (id) VALUES ($1)`, []any{id}, nil)
		}
	}
	query := func(text string, args ...any) func(tx) error {
		return func(tx tx) error {
			if args == nil {
				args = []any{}
			}
			o := fetch(tx, text, args)
			return errors.New(o.value + o.err)
		}
	}
	run := func(text string) func(tx) error {
		return func(tx tx) error { return tx.Exec(context.Background(), text, []any{}, nil) }
	}
	commit := func(tx tx) error { return tx.Commit() }
	rollback := func(tx tx) error { return tx.Rollback() }
	rows := func(tx tx) error { return errors.New(fetch(stock, `SELECT count(*) FROM "t"`, []any{}).value) }
	canceled := func(tx tx) error {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		return tx.Exec(ctx, `INSERT INTO "t" (id) VALUES (1)`, []any{}, nil)
	}
	for _, tt := range []struct {
		name  string
		opts  *sql.TxOptions
		steps []func(tx) error
	}{
		{"empty", nil, []func(tx) error{commit, commit, rollback, insert(1)}},
		{"empty rollback", nil, []func(tx) error{rollback, rollback, commit, query(`SELECT 1 FROM "t"`)}},
		{"commit", nil, []func(tx) error{insert(1), insert(2), commit, rows, commit, rollback, insert(3), query("SELECT 1"), rows}},
		{"rollback", nil, []func(tx) error{insert(1), rollback, rows, rollback, commit}},
		{"first fails", nil, []func(tx) error{insert(nil), insert(1), query("SELECT 1"), commit, rows}},
		{"first fails, rollback", nil, []func(tx) error{insert(nil), rollback, rows}},
		{"second fails", nil, []func(tx) error{insert(1), insert(1), insert(2), commit, rows}},
		{"first is no SQL", nil, []func(tx) error{query("SELEC $1", 1), insert(1), commit, rows}},
		{"first is no SQL, exec", nil, []func(tx) error{run("SELEC"), insert(1), commit, rows}},
		{"first has no table", nil, []func(tx) error{query(`SELECT * FROM "missing" WHERE $1`, true), query("SELECT 1"), rollback}},
		{"first cannot be encoded", nil, []func(tx) error{insert(make(chan int)), insert(1), commit, rows}},
		{"first has too many arguments", nil, []func(tx) error{query("SELECT $1::int", 1, 2), insert(1), commit, rows}},
		{"second cannot be encoded", nil, []func(tx) error{insert(1), insert(make(chan int)), insert(2), commit, rows}},
		{"first is canceled before", nil, []func(tx) error{canceled, insert(2), commit, rows}},
		{"second is canceled before", nil, []func(tx) error{insert(1), canceled, insert(2), commit, rows}},
		{"check", nil, []func(tx) error{query(`INSERT INTO "t" VALUES (1, 'bad') RETURNING id`), rollback, rows}},
		{"deferred", nil, []func(tx) error{run(`INSERT INTO "child" VALUES (99)`), commit, rows}},
		{"first fails in its rows", nil, []func(tx) error{query(`SELECT 1/(1-i) FROM generate_series($1::int, 3) AS i`, 1), query("SELECT 1"), rollback}},
		{"several in the first", nil, []func(tx) error{run(`INSERT INTO "t" VALUES (1); INSERT INTO "t" VALUES (2)`), commit, rows}},
		{"several in the first, one fails", nil, []func(tx) error{run(`INSERT INTO "t" VALUES (1); INSERT INTO "t" VALUES (1)`), run("SELECT 1"), commit, rows}},
		{"savepoint", nil, []func(tx) error{run("SAVEPOINT s"), insert(nil), run("ROLLBACK TO s"), insert(1), commit, rows}},
		{"comment first", nil, []func(tx) error{run("INSERT INTO \"t\" VALUES (1) -- comment"), commit, rows}},
		{"default", &sql.TxOptions{}, []func(tx) error{query("SHOW transaction_isolation"), query("SHOW transaction_read_only"), commit}},
		{"read uncommitted", &sql.TxOptions{Isolation: sql.LevelReadUncommitted}, []func(tx) error{query("SHOW transaction_isolation"), commit}},
		{"read committed", &sql.TxOptions{Isolation: sql.LevelReadCommitted}, []func(tx) error{query("SHOW transaction_isolation"), commit}},
		{"repeatable read", &sql.TxOptions{Isolation: sql.LevelRepeatableRead}, []func(tx) error{query("SHOW transaction_isolation"), insert(1), commit, rows}},
		{"snapshot", &sql.TxOptions{Isolation: sql.LevelSnapshot}, []func(tx) error{query("SHOW transaction_isolation"), commit}},
		{"serializable, read only", &sql.TxOptions{Isolation: sql.LevelSerializable, ReadOnly: true}, []func(tx) error{query("SHOW transaction_isolation"), query("SHOW transaction_read_only"), commit}},
		{"read only", &sql.TxOptions{ReadOnly: true}, []func(tx) error{insert(1), insert(2), commit, rows}},
		{"read only, select first", &sql.TxOptions{ReadOnly: true}, []func(tx) error{query(`SELECT $1::int FROM generate_series(1, 1)`, 7), insert(2), rollback, rows}},
		{"ends itself", nil, []func(tx) error{run("COMMIT"), insert(1), commit, rows}},
	} {
		for _, mode := range modes {
			t.Run(tt.name+"/"+mode.name, func(t *testing.T) {
				drv := open(t, url, mode.opt, pgxdriver.WithMaxConns(2))
				play := func(d interface {
					BeginTx(context.Context, *sql.TxOptions) (dialect.Tx, error)
				}) (out []string) {
					exec(t, stock, `TRUNCATE "t", "child"`)
					tx, err := d.BeginTx(context.Background(), tt.opts)
					if err != nil {
						t.Fatal(err)
					}
					for _, step := range tt.steps {
						out = append(out, fmt.Sprint(step(tx)))
					}
					return out
				}
				want := play(stockPool(drv.Pool()))
				for range 2 {
					got := play(drv)
					for i := range want {
						if got[i] != want[i] && !sameError(got[i], want[i]) {
							t.Errorf("step %d:\n got %s\nwant %s", i+1, got[i], want[i])
						}
					}
				}
				idle(t, drv)
			})
		}
	}
}

// sameError reports whether two texts of errors differ in nothing that matters. The server
// parses BEGIN and a first statement without arguments as one text: if that is not SQL, there
// is no transaction to be aborted. And arguments are counted in different places.
func sameError(got, want string) bool {
	const notBegun = "pgxdriver: the transaction did not begin: ERROR: syntax error"
	if strings.HasPrefix(got, notBegun) && strings.Contains(want, "current transaction is aborted") || strings.HasPrefix(got, want+": "+notBegun) && want == pgx.ErrTxCommitRollback.Error() {
		return true
	}
	arguments := func(s string) bool {
		return strings.Contains(s, "mismatched param and argument count") || strings.Contains(s, "expected 1 arguments, got 2") || strings.Contains(s, "extra arguments")
	}
	return arguments(got) && arguments(want)
}

// TestIsolationRefused asks for an isolation level that Postgres does not have.
func TestIsolationRefused(t *testing.T) {
	t.Parallel()
	drv := newDriver(t)
	_, err := drv.BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelLinearizable})
	if want := `pgxdriver: unsupported isolation level "Linearizable": use read uncommitted, read committed, repeatable read or serializable`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := drv.Tx(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("with a canceled context: %v", err)
	}
}

// eventually waits until ok returns true.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 500 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%s: still not so after 5 s", what)
}

// TestContextEndsTx ends the context of a transaction in its different states.
func TestContextEndsTx(t *testing.T) {
	t.Parallel()
	drv := newDriver(t, pgxdriver.WithMaxConns(2))
	exec(t, drv, `CREATE TABLE "t" (id int)`)
	free := func() bool { return drv.Pool().Stat().AcquiredConns() == 0 }
	insert := func(t *testing.T, tx dialect.Tx) {
		if err := tx.Exec(context.Background(), `INSERT INTO "t" VALUES ($1)`, []any{1}, nil); err != nil {
			t.Fatal(err)
		}
	}
	ended := func(t *testing.T, tx dialect.Tx) {
		t.Helper()
		eventually(t, "the connection is free", free)
		if err := tx.Exec(context.Background(), "SELECT 1", []any{}, nil); !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("exec after: %v", err)
		}
		if err := tx.Commit(); !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("commit after: %v", err)
		}
		if err := tx.Rollback(); !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("rollback after: %v", err)
		}
		if n := count(t, drv, `SELECT count(*) FROM "t"`); n != 0 {
			t.Errorf("%d rows were committed", n)
		}
	}
	start := func(t *testing.T) (dialect.Tx, context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(context.Background())
		t.Cleanup(cancel)
		tx, err := drv.Tx(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return tx, ctx, cancel
	}
	t.Run("before the first statement", func(t *testing.T) {
		tx, _, cancel := start(t)
		cancel()
		if err := tx.Exec(context.Background(), "SELECT 1", []any{}, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("exec: %v", err)
		}
		if err := tx.Commit(); !errors.Is(err, context.Canceled) {
			t.Errorf("commit: %v", err)
		}
		ended(t, tx)
	})
	t.Run("between statements", func(t *testing.T) {
		tx, _, cancel := start(t)
		insert(t, tx)
		before := drv.Pool().Stat().NewConnsCount()
		cancel()
		ended(t, tx)
		if after := drv.Pool().Stat().NewConnsCount(); after != before {
			t.Errorf("the connection was not kept")
		}
	})
	t.Run("while rows are open", func(t *testing.T) {
		tx, _, cancel := start(t)
		insert(t, tx)
		rows := query(t, tx, `WITH x AS (SELECT generate_series(1, 100000) AS i) SELECT * FROM x`)
		for range 10 {
			if !rows.Next() {
				t.Fatal(rows.Err())
			}
		}
		cancel()
		ended(t, tx)
		if rows.Next() {
			t.Error("there is a row after the end")
		}
		if err := rows.Err(); !errors.Is(err, context.Canceled) {
			t.Errorf("rows: %v", err)
		}
		if err := rows.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	t.Run("while the first rows are open", func(t *testing.T) {
		tx, ctx, cancel := start(t)
		rows := &entsql.Rows{}
		if err := tx.Query(ctx, `WITH x AS (SELECT generate_series(1, $1::int) AS i) SELECT * FROM x`, []any{100000}, rows); err != nil {
			t.Fatal(err)
		}
		cancel()
		ended(t, tx)
	})
	t.Run("during a statement", func(t *testing.T) {
		tx, ctx, cancel := start(t)
		insert(t, tx)
		time.AfterFunc(50*time.Millisecond, cancel)
		if err := tx.Exec(ctx, "SELECT pg_sleep(10)", []any{}, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("exec: %v", err)
		}
		ended(t, tx)
	})
	t.Run("during the first statement", func(t *testing.T) {
		for _, args := range [][]any{{}, {10}} {
			text := "SELECT pg_sleep(10)"
			if len(args) > 0 {
				text = "SELECT pg_sleep($1)"
			}
			for range 2 {
				tx, ctx, cancel := start(t)
				time.AfterFunc(50*time.Millisecond, cancel)
				if err := tx.Exec(ctx, text, args, nil); !errors.Is(err, context.Canceled) {
					t.Errorf("exec: %v", err)
				}
				if err := tx.Commit(); err == nil {
					t.Error("it was committed")
				}
				ended(t, tx)
			}
		}
	})
	t.Run("of a statement only", func(t *testing.T) {
		tx, _, _ := start(t)
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(50*time.Millisecond, cancel)
		if err := tx.Exec(ctx, "SELECT pg_sleep(10)", []any{}, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("exec: %v", err)
		}
		err := tx.Exec(context.Background(), "SELECT 1", []any{}, nil)
		if err == nil || !strings.Contains(err.Error(), "the transaction did not begin") || !errors.Is(err, context.Canceled) {
			t.Errorf("exec after: %v", err)
		}
		if err := tx.Commit(); err == nil {
			t.Error("it was committed")
		}
		ended(t, tx)
	})
	t.Run("deadline", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		tx, err := drv.Tx(ctx)
		if err != nil {
			t.Fatal(err)
		}
		insert(t, tx)
		<-ctx.Done()
		ended(t, tx)
	})
	t.Run("after commit", func(t *testing.T) {
		tx, _, cancel := start(t)
		insert(t, tx)
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		cancel()
		if n := count(t, drv, `SELECT count(*) FROM "t"`); n != 1 {
			t.Errorf("%d rows, want 1", n)
		}
		exec(t, drv, `DELETE FROM "t"`)
	})
}

// TestCommitClosesRows commits while rows are open, as database/sql allows.
func TestCommitClosesRows(t *testing.T) {
	t.Parallel()
	drv := newDriver(t)
	for _, commit := range []bool{true, false} {
		tx := begin(t, drv)
		rows := query(t, tx, `WITH x AS (SELECT generate_series(1, $1::int) AS i) SELECT * FROM x`, 1000)
		if !rows.Next() {
			t.Fatal(rows.Err())
		}
		// A second statement while rows are open is an error, and no harm.
		if err := tx.Exec(t.Context(), "SELECT 1", []any{}, nil); err == nil || !strings.Contains(err.Error(), "conn busy") {
			t.Errorf("a statement while rows are open: %v", err)
		}
		var err error
		if commit {
			err = tx.Commit()
		} else {
			err = tx.Rollback()
		}
		if err != nil {
			t.Error(err)
		}
		if rows.Next() || !errors.Is(rows.Err(), sql.ErrTxDone) {
			t.Errorf("rows after the end: %v", rows.Err())
		}
		idle(t, drv)
	}
}

// TestFirstStatements checks that the statements that are prepared with BEGIN are bounded,
// follow changes of tables, and do not outlive errors.
func TestFirstStatements(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	small := pgxdriver.WithPoolConfig(func(c *pgxpool.Config) error {
		c.ConnConfig.StatementCacheCapacity = 3
		c.ConnConfig.DescriptionCacheCapacity = 3
		return nil
	})
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			drv := open(t, url, mode.opt, small, pgxdriver.WithMaxConns(1))
			exec(t, drv, `DROP TABLE IF EXISTS "t"`, `CREATE TABLE "t" (id int, name text)`, `INSERT INTO "t" VALUES (1, 'a')`)
			for i := range 10 {
				for range 2 {
					tx := begin(t, drv)
					if got := count(t, tx, fmt.Sprintf(`SELECT id + %d FROM "t" WHERE id = $1`, i), 1); got != 1+i {
						t.Errorf("got %d, want %d", got, 1+i)
					}
					if err := tx.Commit(); err != nil {
						t.Error(err)
					}
				}
			}
			if n := count(t, drv, `SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'pgxdriver%'`); n > 4 {
				t.Errorf("%d statements are prepared", n)
			}
			all := func(q dialect.ExecQuerier) (columns []string) {
				rows := query(t, q, `SELECT * FROM "t" WHERE id = $1`, 1)
				columns, err := rows.Columns()
				if err = errors.Join(err, rows.Close(), rows.Err()); err != nil {
					t.Error(err)
				}
				return columns
			}
			inTx := func() []string {
				tx := begin(t, drv)
				defer func() {
					if err := tx.Commit(); err != nil {
						t.Error(err)
					}
				}()
				return all(tx)
			}
			inTx()
			all(drv)
			exec(t, drv, `ALTER TABLE "t" ADD COLUMN more int`)
			if got := inTx(); len(got) != 3 {
				t.Errorf("after a change of the table, in a transaction: columns %v", got)
			}
			if got := all(drv); len(got) != 3 {
				t.Errorf("after a change of the table: columns %v", got)
			}
			for range 3 {
				tx := begin(t, drv)
				err := tx.Query(t.Context(), `SELECT 1/(id-$1) FROM "t"`, []any{1}, &entsql.Rows{})
				var pgErr *pgconn.PgError
				if !errors.As(err, &pgErr) || pgErr.Code != "22012" {
					t.Errorf("division by zero: %v", err)
				}
				if err := tx.Rollback(); err != nil {
					t.Error(err)
				}
			}
			idle(t, drv)
		})
	}
}

// TestErrorPosition checks that the position of an error is in the caller's statement.
func TestErrorPosition(t *testing.T) {
	t.Parallel()
	drv := newDriver(t)
	const text = `CREATE TABLE "t" (id nothing)`
	for _, args := range [][]any{{}, {1}} {
		text := text
		if len(args) > 0 {
			text = "SELECT $1::nothing"
		}
		tx := begin(t, drv)
		err := tx.Exec(t.Context(), text, args, nil)
		var pgErr *pgconn.PgError
		if !errors.As(err, &pgErr) || int(pgErr.Position) != strings.Index(text, "nothing")+1 {
			t.Errorf("%s: %v at %d", text, err, pgErr.Position)
		}
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

// tracer notes what it is told.
type tracer struct {
	started []string
	ended   int
	errs    int
}

func (n *tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	n.started = append(n.started, data.SQL)
	return ctx
}

func (n *tracer) TraceQueryEnd(_ context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	n.ended++
	if data.Err != nil {
		n.errs++
	}
}

// TestTracer checks that a tracer of the pool sees the first statement of a transaction.
func TestTracer(t *testing.T) {
	t.Parallel()
	seen := &tracer{}
	drv := newDriver(t, pgxdriver.WithMaxConns(1), pgxdriver.WithPoolConfig(func(c *pgxpool.Config) error {
		c.ConnConfig.Tracer = seen
		return nil
	}))
	*seen = tracer{}
	tx := begin(t, drv)
	count(t, tx, "SELECT $1::int", 7)
	if err := tx.Commit(); err != nil {
		t.Error(err)
	}
	tx = begin(t, drv)
	exec(t, tx, "SELECT 1")
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
	tx = begin(t, drv)
	if err := tx.Exec(t.Context(), "SELECT $1::nothing", []any{7}, nil); err == nil {
		t.Error("no error")
	}
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
	want := []string{"begin;SELECT $1::int", "commit", "begin;SELECT 1", "rollback", "begin;SELECT $1::nothing", "rollback"}
	if got := strings.Join(seen.started, "|"); got != strings.Join(want, "|") || seen.ended != len(want) || seen.errs != 1 {
		t.Errorf("started %q, ended %d, errors %d", seen.started, seen.ended, seen.errs)
	}
}
