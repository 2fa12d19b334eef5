package pgxdriver_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// literals are values of the types of Postgres.
var literals = []string{
	"'text'::text", "''::text", "'ä€𝄞'::text", "repeat('x', 5000)", "'abc'::varchar(10)", "'ab'::char(5)", "'x'::\"char\"", "'n'::name",
	"0::int2", "(-32768)::int2", "32767::int2", "0::int4", "(-2147483648)::int4", "2147483647::int4",
	"0::int8", "(-9223372036854775808)::int8", "9223372036854775807::int8", "1::int4", "'1'::text", "'true'::text", "'3.5'::text",
	"4294967295::oid", "'7'::xid", "'8'::cid", "'pg_class'::regclass", "'1/2'::pg_lsn",
	"1.5::float4", "0.1::float4", "'NaN'::float4", "'Infinity'::float4", "0.1::float8", "1e300::float8", "'NaN'::float8", "'-Infinity'::float8", "7::float8",
	"1::numeric", "1.50::numeric", "123456789012345678901234567890.123456789::numeric", "'NaN'::numeric", "0.000001::numeric", "1.5::numeric(10,2)", "2::money",
	"true", "false",
	`'\x00ff10'::bytea`, `''::bytea`,
	"'2024-02-29'::date", "'0001-01-01'::date", "'9999-12-31'::date", "'infinity'::date", "'-infinity'::date", "'2000-01-01 BC'::date",
	"'12:34:56.789'::time", "'12:34:56+02'::timetz",
	"'2024-02-29 12:34:56.789012'::timestamp", "'1969-12-31 23:59:59.999999'::timestamp", "'infinity'::timestamp", "'-infinity'::timestamp", "'1900-01-01'::timestamp",
	"'2024-02-29 12:34:56.789012+02'::timestamptz", "'1969-12-31 23:59:59.999999Z'::timestamptz", "'infinity'::timestamptz", "'2024-07-01 00:00Z'::timestamptz", "'4713-01-01 BC'::timestamptz",
	"'1 year 2 mons 3 days 04:05:06.7'::interval", "'-1 day'::interval",
	"'f47ac10b-58cc-4372-a567-0e02b2c3d479'::uuid", "'00000000-0000-0000-0000-000000000000'::uuid",
	`'{"a": [1, 2.50, null]}'::json`, `'{"b": 1, "a": "x"}'::jsonb`, `'null'::jsonb`, `'"s"'::jsonb`, "'<a/>'::xml",
	"'192.168.0.1'::inet", "'192.168.0.0/24'::cidr", "'::1/128'::inet", "'08:00:2b:01:02:03'::macaddr",
	"'{1,2,NULL}'::int4[]", `'{a,"b c",NULL,""}'::text[]`, "'{}'::text[]", "'{{1,2},{3,4}}'::int8[]", "'{1.5}'::float8[]", "'{1.50}'::numeric[]", "'{t,f}'::bool[]",
	"array['f47ac10b-58cc-4372-a567-0e02b2c3d479'::uuid]", "array['2024-02-29 12:34:56+02'::timestamptz]", `array['\x00'::bytea]`,
	"'[1,5)'::int4range", "'[2024-01-01,)'::daterange", "'{[1,2)}'::int4multirange", "'(1,2)'::point", "'((0,0),(1,1))'::box", "B'101'::bit(3)", "B'1'::varbit",
	"row(1, 'a')", "'sad'::mood", "'{sad,happy}'::mood[]", "'x'::shout", "5::small", "to_tsvector('a b')", "'a & b'::tsquery", "'$.a'::jsonpath", "'void'::text::refcursor",
	"NULL::text", "NULL::int4", "NULL::int8", "NULL::bool", "NULL::float8", "NULL::bytea", "NULL::timestamptz", "NULL::timestamp", "NULL::date", "NULL::uuid", "NULL::jsonb", "NULL::numeric", "NULL::mood", "NULL::text[]", "NULL",
}

// types are the application's types that some literals need.
var types = []string{
	"CREATE TYPE mood AS ENUM ('sad', 'happy')",
	"CREATE DOMAIN shout AS text",
	"CREATE DOMAIN small AS int4 CHECK (VALUE < 10)",
}

type (
	namedString string
	namedInt    int16
	namedBytes  []byte
	namedBool   bool
	namedTime   time.Time
	namedFloat  float32
)

// recorder notes what it is given.
type recorder struct {
	got    any
	called bool
}

func (r *recorder) Scan(v any) error {
	r.called = true
	if b, ok := v.([]byte); ok {
		v = append([]byte{}, b...)
	}
	r.got = v
	return nil
}

// failing refuses everything.
type failing struct{}

func (*failing) Scan(v any) error { return fmt.Errorf("refused a %T", v) }

// destinations make new destinations of the types that are scanned into.
var destinations = []func() any{
	func() any { return new(any) },
	func() any { return new(string) },
	func() any { return new([]byte) },
	func() any { return new(json.RawMessage) },
	func() any { return new(bool) },
	func() any { return new(int) },
	func() any { return new(int8) },
	func() any { return new(int16) },
	func() any { return new(int32) },
	func() any { return new(int64) },
	func() any { return new(uint) },
	func() any { return new(uint8) },
	func() any { return new(uint64) },
	func() any { return new(float32) },
	func() any { return new(float64) },
	func() any { return new(time.Time) },
	func() any { return new(uuid.UUID) },
	func() any { return new(sql.NullString) },
	func() any { return new(sql.NullInt16) },
	func() any { return new(sql.NullInt32) },
	func() any { return new(sql.NullInt64) },
	func() any { return new(sql.NullByte) },
	func() any { return new(sql.NullBool) },
	func() any { return new(sql.NullFloat64) },
	func() any { return new(sql.NullTime) },
	func() any { return new(sql.Null[string]) },
	func() any { return new(sql.Null[int64]) },
	func() any { return new(sql.Null[uuid.UUID]) },
	func() any { return new(sql.Null[time.Time]) },
	func() any { return new(uuid.NullUUID) },
	func() any { return new(*string) },
	func() any { return new(*int64) },
	func() any { return new(*time.Time) },
	func() any { return new(*uuid.UUID) },
	func() any { return new(*bool) },
	func() any { return new(**string) },
	func() any { return new(namedString) },
	func() any { return new(namedInt) },
	func() any { return new(namedBytes) },
	func() any { return new(namedBool) },
	func() any { return new(namedTime) },
	func() any { return new(namedFloat) },
	func() any { return new(driver.Value) },
	func() any { return new(entsql.UnknownType) },
	func() any { return new(recorder) },
	func() any { return new(failing) },
	func() any { return &entsql.NullScanner{S: new(recorder)} },
	func() any { return &entsql.NullScanner{S: new(uuid.UUID)} },
	func() any { return new(pgtype.Text) },
	func() any { return new(pgtype.Int8) },
	func() any { return new(pgtype.Timestamptz) },
	func() any { return (*int64)(nil) },
	func() any { return new(struct{ X int }) },
	func() any { return new(map[string]int) },
	func() any { return new(complex128) },
	func() any { return new(uintptr) },
	func() any { return "not a pointer" },
	func() any { return nil },
	func() any { return new(sql.RawBytes) }, // the last: in database/sql nothing can be scanned after it
}

// outcome is what became of scanning a value.
type outcome struct {
	value string
	err   string
}

// scanAll runs a query with one row and one column and scans its value into every
// destination.
func scanAll(t *testing.T, drv dialect.ExecQuerier, query string) []outcome {
	t.Helper()
	var rows entsql.Rows
	if err := drv.Query(context.Background(), query, []any{}, &rows); err != nil {
		return []outcome{{err: err.Error()}}
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		t.Fatalf("%s: no row: %v", query, rows.Err())
	}
	var out []outcome
	for _, dest := range destinations {
		d := dest()
		o := outcome{}
		if err := rows.Scan(d); err != nil {
			o.err = err.Error()
		}
		o.value = show(d)
		out = append(out, o)
	}
	return out
}

// show returns a text that differs if values differ, in type, location and nilness too.
func show(v any) string {
	rv := reflect.ValueOf(v)
	switch {
	case !rv.IsValid():
		return "nil"
	case rv.Kind() == reflect.Pointer && rv.IsNil():
		return fmt.Sprintf("(%T)(nil)", v)
	}
	switch v := v.(type) {
	case time.Time:
		return fmt.Sprintf("%s in %q", v.Format(time.RFC3339Nano), v.Location())
	case *namedTime:
		return show(time.Time(*v))
	}
	switch rv.Kind() {
	case reflect.Pointer, reflect.Interface:
		return fmt.Sprintf("%T to %s", v, showInner(rv.Elem()))
	case reflect.Slice:
		return fmt.Sprintf("%T nil=%t %v", v, rv.IsNil(), v)
	case reflect.Struct:
		s := fmt.Sprintf("%T", v)
		for i := range rv.NumField() {
			if f := rv.Type().Field(i); f.IsExported() {
				s += " " + f.Name + "=" + showInner(rv.Field(i))
			}
		}
		return s
	}
	return fmt.Sprintf("%T %v", v, v)
}

func showInner(v reflect.Value) string {
	if v.Kind() == reflect.Interface && v.IsNil() {
		return "nil"
	}
	if r, ok := v.Interface().(recorder); ok {
		return fmt.Sprintf("called=%t %s", r.called, show(r.got))
	}
	return show(v.Interface())
}

// TestValues compares every value in every destination with what database/sql gives, in the
// modes in which statements can run, as the first statement of a transaction, as a later
// one, and outside.
func TestValues(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	stock := stockDriver(t, url)
	exec(t, stock, append(types, `CREATE TABLE "one" AS SELECT 1`)...)
	query := func(literal string) string { return "SELECT " + literal + ` FROM "one"` }
	want := make(map[string][]outcome)
	for _, literal := range literals {
		want[literal] = scanAll(t, stock, query(literal))
		if len(want[literal]) != len(destinations) {
			t.Fatalf("%s: %+v", literal, want[literal])
		}
	}
	compare := func(t *testing.T, drv func() dialect.ExecQuerier) {
		for _, literal := range literals {
			q := drv()
			got := scanAll(t, q, query(literal))
			if len(got) != len(want[literal]) {
				t.Fatalf("%s:\n got %+v\nwant %+v", literal, got, want[literal])
			}
			for i, dest := range destinations {
				if d, w := dest(), want[literal][i]; got[i] != w && !beyond(got[i], w) {
					t.Errorf("%s into %T:\n got %+v\nwant %+v", literal, d, got[i], w)
				}
			}
			if tx, ok := q.(dialect.Tx); ok {
				if err := tx.Rollback(); err != nil {
					t.Error(err)
				}
			}
		}
	}
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			drv := open(t, url, mode.opt)
			t.Run("driver", func(t *testing.T) {
				compare(t, func() dialect.ExecQuerier { return drv })
			})
			t.Run("first of tx", func(t *testing.T) {
				compare(t, func() dialect.ExecQuerier { return begin(t, drv) })
			})
			t.Run("first of tx again", func(t *testing.T) {
				compare(t, func() dialect.ExecQuerier { return begin(t, drv) })
			})
			t.Run("second of tx", func(t *testing.T) {
				compare(t, func() dialect.ExecQuerier {
					tx := begin(t, drv)
					exec(t, tx, "SET LOCAL timezone = DEFAULT")
					return tx
				})
			})
			t.Run("standard rows", func(t *testing.T) {
				compare(t, func() dialect.ExecQuerier { return standard{drv} })
			})
			idle(t, drv)
		})
	}
}

// beyond reports whether the driver scanned what database/sql does not support and pgx does.
func beyond(got, want outcome) bool {
	return got.err == "" && strings.Contains(want.err, "unsupported Scan")
}

// begin starts a transaction.
func begin(t testing.TB, drv dialect.Driver) dialect.Tx {
	t.Helper()
	tx, err := drv.Tx(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

// standard runs each query through the method of the feature sql/execquery.
type standard struct{ drv *pgxdriver.Driver }

func (s standard) Exec(context.Context, string, any, any) error { return nil }

func (s standard) Query(ctx context.Context, query string, args, v any) error {
	//nolint:rowserrcheck // They are the caller's.
	rows, err := s.drv.QueryContext(ctx, query, args.([]any)...)
	if err != nil {
		return err
	}
	v.(*entsql.Rows).ColumnScanner = rows
	return nil
}
