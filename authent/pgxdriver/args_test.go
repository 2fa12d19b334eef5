package pgxdriver_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"net/netip"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/agentuity/auth-go/internal/pgtest"
)

// valuer is a driver.Valuer on a value, and a nil pointer to it is NULL.
type valuer struct{ v driver.Value }

func (v valuer) Value() (driver.Value, error) { return v.v, nil }

// pointerValuer is a driver.Valuer on a pointer.
type pointerValuer struct{ v string }

func (v *pointerValuer) Value() (driver.Value, error) {
	if v == nil {
		return "was nil", nil
	}
	return v.v, nil
}

// brokenValuer has no value.
type brokenValuer struct{}

func (brokenValuer) Value() (driver.Value, error) { return nil, errors.New("no value today") }

func ptr[T any](v T) *T { return &v }

// TestArguments passes arguments of many Go types to parameters of many types, and
// compares what arrives, or the error, with Ent's own driver.
func TestArguments(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("f47ac10b-58cc-4372-a567-0e02b2c3d479")
	now := time.Date(2024, 2, 29, 12, 34, 56, 789012345, time.FixedZone("", 7200))
	values := []any{
		nil, "text", "", "7", "true", "2024-02-29", `{"a":1}`, "f47ac10b-58cc-4372-a567-0e02b2c3d479", "happy",
		7, int8(7), int16(-7), int32(7), int64(1 << 40), uint8(7), uint16(7), uint32(7), uint64(7), uint64(1 << 63),
		1.5, float32(0.1), true, false, []byte("bytes"), []byte{}, []byte(nil), json.RawMessage(`{"a":1}`), json.RawMessage(nil),
		now, time.Time{}, now.UTC(), 90 * time.Second, id, uuid.NullUUID{}, uuid.NullUUID{UUID: id, Valid: true},
		sql.NullString{}, sql.NullString{String: "x", Valid: true}, sql.NullInt64{Int64: 7, Valid: true}, sql.NullBool{}, sql.NullTime{Time: now, Valid: true}, sql.Null[string]{V: "n", Valid: true},
		ptr("pointer"), (*string)(nil), ptr(int64(7)), (*time.Time)(nil), ptr(now), ptr(ptr("twice")), ptr(id), (*uuid.UUID)(nil),
		namedString("named"), namedInt(7), namedBytes("named"), namedBool(true), namedFloat(1.5), ptr(namedString("p")),
		valuer{"v"}, valuer{int64(7)}, valuer{nil}, valuer{[]byte("v")}, valuer{now}, (*valuer)(nil), ptr(valuer{"p"}), &pointerValuer{"p"}, (*pointerValuer)(nil), brokenValuer{},
		[]string{"a", "b c"}, []int{1, 2}, []int64(nil), map[string]any{"a": 1}, struct{ A int }{1}, netip.MustParseAddr("10.0.0.1"),
		entsql.NullScanner{}, sql.Named("name", "value"), make(chan int), complex(1, 2),
	}
	params := []string{"text", "varchar", "int2", "int4", "int8", "float4", "float8", "numeric", "bool", "bytea", "date", "timestamp", "timestamptz", "interval", "uuid", "json", "jsonb", "inet", "text[]", "int8[]", "mood"}

	url := pgtest.New(t)
	exec(t, stockDriver(t, url), types...)
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			drv := open(t, url, mode.opt)
			stock := stockPool(drv.Pool())
			passed := 0
			for _, param := range params {
				// With a second parameter, the text of the statement is not the only one.
				query := "WITH v AS (SELECT $1::" + param + " AS v) SELECT v::text FROM v WHERE $2"
				for _, value := range values {
					args := []any{value, true}
					want := fetch(stock, query, args)
					if got := fetch(drv, query, args); got != want {
						t.Errorf("%T %v as %s:\n got %+v\nwant %+v", value, value, param, got, want)
					}
					tx := begin(t, drv)
					got := fetch(tx, query, args)
					if rerr := tx.Rollback(); rerr != nil {
						t.Errorf("%T %v as %s: %v", value, value, param, rerr)
					}
					if got != want {
						t.Errorf("%T %v as %s in a transaction:\n got %+v\nwant %+v", value, value, param, got, want)
					}
					if want.err == "" {
						passed++
					}
				}
			}
			if passed < 300 {
				t.Errorf("only %d arguments were accepted", passed)
			}
			idle(t, drv)
		})
	}
}

// fetch runs a query with one column and returns the value of its row.
func fetch(drv dialect.ExecQuerier, query string, args []any) outcome {
	var rows entsql.Rows
	if err := drv.Query(context.Background(), query, args, &rows); err != nil {
		return outcome{err: err.Error()}
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		return outcome{err: "no row", value: show(rows.Err())}
	}
	var v any
	if err := rows.Scan(&v); err != nil {
		return outcome{err: err.Error()}
	}
	return outcome{value: show(v)}
}

// TestPgxOptions passes options of pgx as first arguments, as pgx's driver for database/sql
// allows.
func TestPgxOptions(t *testing.T) {
	t.Parallel()
	drv := newDriver(t)
	exec(t, drv, `CREATE TABLE "t" (id int)`)
	named := func() []any { return []any{pgx.NamedArgs{"n": 7}} }
	query := `SELECT @n::int AS n FROM (VALUES (1)) AS "x"`
	if got := count(t, drv, query, named()...); got != 7 {
		t.Errorf("got %d, want 7", got)
	}
	if got := count(t, drv, "SELECT $1::int", pgx.QueryExecModeSimpleProtocol, 8); got != 8 {
		t.Errorf("got %d, want 8", got)
	}
	tx := begin(t, drv)
	if got := count(t, tx, query, named()...); got != 7 {
		t.Errorf("got %d, want 7", got)
	}
	if err := tx.Commit(); err != nil {
		t.Error(err)
	}
	tx = begin(t, drv)
	if err := tx.Exec(t.Context(), `INSERT INTO "t" VALUES (@n)`, named(), nil); err != nil {
		t.Error(err)
	}
	if err := tx.Commit(); err != nil {
		t.Error(err)
	}
	if got := count(t, drv, `SELECT count(*) FROM "t" WHERE id = 7`); got != 1 {
		t.Errorf("%d rows, want 1", got)
	}
}

// TestInvalidCalls calls the driver with what Ent never passes.
func TestInvalidCalls(t *testing.T) {
	t.Parallel()
	drv := newDriver(t)
	tx := begin(t, drv)
	ctx := t.Context()
	for _, d := range []dialect.ExecQuerier{drv, tx} {
		var rows entsql.Rows
		var result sql.Result
		for _, tt := range []struct {
			err  error
			want string
		}{
			{d.Query(ctx, "SELECT 1", "args", &rows), "pgxdriver: invalid type string for args, expect []any"},
			{d.Query(ctx, "SELECT 1", []any{}, &result), "pgxdriver: invalid type *sql.Result for rows, expect *sql.Rows of entgo.io/ent/dialect/sql"},
			{d.Exec(ctx, "SELECT 1", nil, nil), "pgxdriver: invalid type <nil> for args, expect []any"},
			{d.Exec(ctx, "SELECT 1", []any{}, &rows), "pgxdriver: invalid type *sql.Rows for a result, expect *sql.Result"},
		} {
			if tt.err == nil || tt.err.Error() != tt.want {
				t.Errorf("got %v, want %s", tt.err, tt.want)
			}
		}
	}
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
}
