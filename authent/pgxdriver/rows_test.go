package pgxdriver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// query runs a query.
func query(t testing.TB, drv interface {
	Query(context.Context, string, any, any) error
}, text string, args ...any) *entsql.Rows {
	t.Helper()
	rows := &entsql.Rows{}
	if args == nil {
		args = []any{}
	}
	if err := drv.Query(context.Background(), text, args, rows); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return rows
}

// TestColumnTypes compares the types of columns with those of database/sql.
func TestColumnTypes(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	drv, stock := open(t, url), stockDriver(t, url)
	exec(t, stock, types...)
	text := "WITH x AS (SELECT " + strings.Join(literals[:len(literals)-1], ", ") + ", 1.5::numeric(12,3), 'x'::varchar(7), 'x'::char(3), B'101'::varbit(9)) SELECT * FROM x"
	for _, text := range []string{text, text + " WHERE false"} {
		a, b := query(t, drv, text), query(t, stock, text)
		got, err := a.ColumnTypes()
		if err != nil {
			t.Fatal(err)
		}
		again, err := a.ColumnTypes()
		if err != nil || len(again) != len(got) || again[0] != got[0] {
			t.Errorf("the types are not kept: %v", err)
		}
		want, err := b.ColumnTypes()
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) {
			t.Fatalf("%d columns, want %d", len(got), len(want))
		}
		for i := range got {
			if g, w := describe(got[i]), describe(want[i]); g != w {
				t.Errorf("column %d:\n got %s\nwant %s", i, g, w)
			}
			if g, w := entsql.ScanTypeOf(a, i), entsql.ScanTypeOf(b, i); reflect.TypeOf(g) != reflect.TypeOf(w) {
				t.Errorf("column %d: ScanTypeOf is %T, want %T", i, g, w)
			}
		}
		names, err := a.Columns()
		wantNames, _ := b.Columns()
		if err != nil || !reflect.DeepEqual(names, wantNames) {
			t.Errorf("columns %v, want %v: %v", names, wantNames, err)
		}
		if err := errors.Join(a.Close(), b.Close()); err != nil {
			t.Error(err)
		}
	}
	idle(t, drv)
}

func describe(c *sql.ColumnType) string {
	length, hasLength := c.Length()
	precision, scale, isDecimal := c.DecimalSize()
	nullable, known := c.Nullable()
	return fmt.Sprint(c.Name(), " ", c.DatabaseTypeName(), " ", c.ScanType(), " ", length, hasLength, " ", precision, scale, isDecimal, " ", nullable, known)
}

// wide is a query with many rows and columns of the common types.
const wide = `WITH x AS (SELECT i, 'name ' || i AS name, CASE WHEN i % 3 = 0 THEN NULL ELSE repeat('é', i % 300) END AS nick, i % 2 = 0 AS even, i * 0.5::float8 AS half,
	'2024-01-01'::timestamptz + i * '1 hour 1 us'::interval AS at, md5(i::text)::uuid AS id, jsonb_build_object('i', i) AS doc, ''::text AS empty, i::numeric / 4 AS quarter
	FROM generate_series(1, 1000) AS i) SELECT * FROM x`

// TestManyRows compares rows of many columns, scanned into what Ent scans into.
func TestManyRows(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	type row struct {
		I       sql.NullInt64
		Name    sql.NullString
		Nick    sql.NullString
		Even    sql.NullBool
		Half    sql.NullFloat64
		At      sql.NullTime
		ID      uuid.UUID
		Doc     []byte
		Empty   sql.NullString
		Quarter sql.NullFloat64
	}
	read := func(drv interface {
		Query(context.Context, string, any, any) error
	}) (all []row) {
		rows := query(t, drv, wide)
		for rows.Next() {
			var r row
			if err := rows.Scan(&r.I, &r.Name, &r.Nick, &r.Even, &r.Half, &r.At, &r.ID, &r.Doc, &r.Empty, &r.Quarter); err != nil {
				t.Fatal(err)
			}
			all = append(all, r)
		}
		if err := rows.Err(); err != nil {
			t.Error(err)
		}
		return all
	}
	want := read(stockDriver(t, url))
	if len(want) != 1000 {
		t.Fatalf("%d rows", len(want))
	}
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			drv := open(t, url, mode.opt)
			tx := begin(t, drv)
			for _, q := range []interface {
				Query(context.Context, string, any, any) error
			}{drv, tx, tx} {
				if got := read(q); !reflect.DeepEqual(got, want) {
					t.Errorf("%T: the rows differ", q)
				}
			}
			if err := tx.Rollback(); err != nil {
				t.Error(err)
			}
			idle(t, drv)
		})
	}
}

// TestEntScan runs the scanning functions of Ent.
func TestEntScan(t *testing.T) {
	t.Parallel()
	drv := newDriver(t)
	type item struct {
		ID   int    `sql:"id"`
		Name string `json:"name"`
		Doc  map[string]int
		At   *time.Time
	}
	text := `WITH x AS (SELECT 1 AS id, 'a' AS name, '{"k": 2}'::jsonb AS doc, NULL::timestamptz AS at UNION ALL SELECT 2, NULL, NULL, '2024-01-01') SELECT * FROM x ORDER BY id`
	var items []item
	if err := entsql.ScanSlice(query(t, drv, text), &items); err != nil {
		t.Fatal(err)
	}
	if len(items) != 2 || items[0].Name != "a" || items[0].Doc["k"] != 2 || items[0].At != nil || items[1].Name != "" || items[1].At == nil {
		t.Errorf("items %+v", items)
	}
	var pointers []*item
	if err := entsql.ScanSlice(query(t, drv, text), &pointers); err != nil || len(pointers) != 2 || pointers[1].ID != 2 {
		t.Errorf("pointers %v: %v", pointers, err)
	}
	var names []string
	if err := entsql.ScanSlice(query(t, drv, `WITH x AS (VALUES ('a'), ('b')) SELECT * FROM x`), &names); err != nil || len(names) != 2 {
		t.Errorf("names %v: %v", names, err)
	}
	if _, err := entsql.ScanInt64(query(t, drv, `WITH x AS (SELECT 1 AS n) SELECT n FROM x WHERE false`)); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("no rows: %v", err)
	}
	v, err := entsql.ScanValue(query(t, drv, `WITH x AS (SELECT 'id' AS id) SELECT id FROM x`))
	if s, ok := v.(string); err != nil || !ok || s != "id" {
		t.Errorf("value %v (%T): %v", v, v, err)
	}
	b, err := entsql.ScanBool(query(t, drv, `WITH x AS (SELECT true AS b) SELECT b FROM x`))
	if err != nil || !b {
		t.Errorf("bool %t: %v", b, err)
	}
	idle(t, drv)
}

// TestBeyondDatabaseSQL scans into what database/sql does not support and pgx does.
func TestBeyondDatabaseSQL(t *testing.T) {
	t.Parallel()
	drv := newDriver(t)
	rows := query(t, drv, `WITH x AS (SELECT '{a,b}'::text[] AS a, '[1,5)'::int4range AS r, '{"k":1}'::jsonb AS m) SELECT * FROM x`)
	defer func() { _ = rows.Close() }()
	var (
		array  []string
		ranged pgtype.Range[pgtype.Int4]
		doc    map[string]int
	)
	if !rows.Next() {
		t.Fatal(rows.Err())
	}
	if err := rows.Scan(&array, &ranged, &doc); err != nil {
		t.Fatal(err)
	}
	if len(array) != 2 || ranged.Upper.Int32 != 5 || doc["k"] != 1 {
		t.Errorf("%v %v %v", array, ranged, doc)
	}
}

// TestRowsMisuse calls the methods of rows out of order, and compares with database/sql.
func TestRowsMisuse(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	drv, stock := open(t, url), stockDriver(t, url)
	const text = `WITH x AS (SELECT generate_series(1, 2) AS n) SELECT n FROM x`
	a, b := query(t, drv, text), query(t, stock, text)
	var n int
	var s string
	same := func(what string, f func(*entsql.Rows) any) {
		t.Helper()
		if got, want := fmt.Sprint(f(a)), fmt.Sprint(f(b)); got != want {
			t.Errorf("%s: got %s, want %s", what, got, want)
		}
	}
	same("scan before next", func(r *entsql.Rows) any { return r.Scan(&n) })
	same("next", func(r *entsql.Rows) any { return r.Next() })
	same("scan too few", func(r *entsql.Rows) any { return r.Scan() })
	same("scan too many", func(r *entsql.Rows) any { return r.Scan(&n, &s) })
	same("scan badly", func(r *entsql.Rows) any { return r.Scan(new(time.Time)) })
	same("scan again", func(r *entsql.Rows) any { return fmt.Sprint(r.Scan(&n), n) })
	same("scan otherwise", func(r *entsql.Rows) any { return fmt.Sprint(r.Scan(&s), s) })
	same("err", func(r *entsql.Rows) any { return r.Err() })
	same("next", func(r *entsql.Rows) any { return r.Next() })
	same("next set", func(r *entsql.Rows) any { return r.NextResultSet() })
	same("next after", func(r *entsql.Rows) any { return r.Next() })
	same("scan after", func(r *entsql.Rows) any { return r.Scan(&n) })
	same("columns after", func(r *entsql.Rows) any { _, err := r.Columns(); return err })
	same("types after", func(r *entsql.Rows) any { _, err := r.ColumnTypes(); return err })
	same("err after", func(r *entsql.Rows) any { return r.Err() })
	same("close", func(r *entsql.Rows) any { return r.Close() })
	same("close again", func(r *entsql.Rows) any { return r.Close() })
	idle(t, drv)

	for _, text := range []string{"", "-- nothing", ";", `INSERT INTO "t" VALUES (1)`, `INSERT INTO "t" VALUES (1) RETURNING 7`} {
		for _, mode := range modes {
			drv := open(t, url, mode.opt)
			exec(t, drv, `CREATE TABLE IF NOT EXISTS "t" (id int)`)
			tx := begin(t, drv)
			for _, q := range []interface {
				Query(context.Context, string, any, any) error
			}{drv, tx} {
				rows := query(t, q, text)
				columns, err := rows.Columns()
				returning := strings.Contains(text, "RETURNING")
				if len(columns) != 0 != returning || err != nil {
					t.Errorf("%s: %q has columns %v: %v", mode.name, text, columns, err)
				}
				if rows.Next() != returning || rows.Next() || rows.Err() != nil || rows.Close() != nil {
					t.Errorf("%s: %q has rows: %v", mode.name, text, rows.Err())
				}
			}
			if err := tx.Commit(); err != nil {
				t.Errorf("%s: %q: %v", mode.name, text, err)
			}
			idle(t, drv)
		}
	}
}

// TestErrorsAtQuery checks that errors of the server come from Query, and those in the
// middle of rows from Err.
func TestErrorsAtQuery(t *testing.T) {
	t.Parallel()
	drv := newDriver(t)
	rows := &entsql.Rows{}
	for _, text := range []string{"SELECT 1/0 FROM \"pg_class\"", "WITH x AS (SELECT 1/0 AS n) SELECT * FROM x", "SELEC", `SELECT * FROM "missing"`} {
		err := drv.Query(t.Context(), text, []any{}, rows)
		var pgErr *pgconn.PgError
		if !errors.As(err, &pgErr) {
			t.Errorf("%s: %v", text, err)
		}
		if rows.ColumnScanner != nil {
			t.Errorf("%s: there are rows", text)
		}
	}
	rows = query(t, drv, "WITH x AS (SELECT 1/(3-i) AS n FROM generate_series(1, 5) AS i) SELECT * FROM x")
	n := 0
	for rows.Next() {
		n++
	}
	var pgErr *pgconn.PgError
	if n != 2 || !errors.As(rows.Err(), &pgErr) || pgErr.Code != "22012" {
		t.Errorf("%d rows, then %v", n, rows.Err())
	}
	idle(t, drv)
}

// TestRaw reads rows as they came.
func TestRaw(t *testing.T) {
	t.Parallel()
	drv := newDriver(t)
	rows := query(t, drv, "WITH x AS (SELECT 1::int4 AS n, 'a' AS s, NULL::text AS missing) SELECT * FROM x")
	raw, ok := rows.ColumnScanner.(*pgxdriver.Rows)
	if !ok {
		t.Fatalf("rows are %T", rows.ColumnScanner)
	}
	read := func([]pgconn.FieldDescription, [][]byte) error { return nil }
	if err := raw.Raw(read); err == nil {
		t.Error("Raw works before Next")
	}
	if !rows.Next() {
		t.Fatal(rows.Err())
	}
	err := raw.Raw(func(fields []pgconn.FieldDescription, values [][]byte) error {
		if fields[0].Format != pgx.BinaryFormatCode || fields[1].Name != "s" || string(values[0]) != "\x00\x00\x00\x01" || string(values[1]) != "a" || values[2] != nil {
			return fmt.Errorf("fields %v, values %q", fields, values)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := errors.Join(rows.Close(), rows.Err()); err != nil {
		t.Error(err)
	}
	if err := raw.Raw(read); err == nil {
		t.Error("Raw works after Close")
	}
}

// TestKeptValues checks that values that were scanned stay when the next row comes.
func TestKeptValues(t *testing.T) {
	t.Parallel()
	drv := newDriver(t)
	rows := query(t, drv, `WITH x AS (SELECT 'row ' || i AS a, 'col ' || i AS b, ('doc ' || i)::bytea AS c FROM generate_series(1, 50) AS i) SELECT * FROM x`)
	var as, bs []string
	var anys []any
	for rows.Next() {
		var a string
		var b sql.NullString
		var c any
		if err := rows.Scan(&a, &b, &c); err != nil {
			t.Fatal(err)
		}
		as, bs, anys = append(as, a), append(bs, b.String), append(anys, c)
	}
	if len(as) != 50 {
		t.Fatalf("%d rows: %v", len(as), rows.Err())
	}
	for i := range as {
		if as[i] != fmt.Sprint("row ", i+1) || bs[i] != fmt.Sprint("col ", i+1) || string(anys[i].([]byte)) != fmt.Sprint("doc ", i+1) {
			t.Errorf("row %d became %q, %q, %q", i+1, as[i], bs[i], anys[i])
		}
	}
}

// TestScanLocation gives the types of time a location, as apps do on the connections of their
// pool.
func TestScanLocation(t *testing.T) {
	t.Parallel()
	location := time.FixedZone("app", 3*3600)
	drv := newDriver(t, pgxdriver.WithPoolConfig(func(c *pgxpool.Config) error {
		c.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
			conn.TypeMap().RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: location}})
			conn.TypeMap().RegisterType(&pgtype.Type{Name: "timestamp", OID: pgtype.TimestampOID, Codec: &pgtype.TimestampCodec{ScanLocation: location}})
			return nil
		}
		return nil
	}))
	for _, literal := range []string{"'2024-02-29 12:34:56+02'::timestamptz", "'2024-02-29 12:34:56'::timestamp", "'infinity'::timestamptz"} {
		text := "WITH x AS (SELECT " + literal + " AS at) SELECT at FROM x"
		want := fetch(stockPool(drv.Pool()), text, []any{})
		tx := begin(t, drv)
		for _, got := range []outcome{fetch(tx, text, []any{}), fetch(drv, text, []any{})} {
			if got != want {
				t.Errorf("%s: got %v, want %v", literal, got, want)
			}
		}
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

// TestLargeValues passes megabytes there and back, as the first statement of a transaction too.
func TestLargeValues(t *testing.T) {
	t.Parallel()
	drv := newDriver(t)
	large := strings.Repeat("0123456789abcdef", 1<<17)
	for range 2 {
		tx := begin(t, drv)
		for _, q := range []interface {
			Query(context.Context, string, any, any) error
		}{tx, tx, drv} {
			s, err := entsql.ScanString(query(t, q, `WITH x AS (SELECT $1::text || '!' AS s) SELECT s FROM x`, large))
			if err != nil || s != large+"!" {
				t.Errorf("%d bytes came back: %v", len(s), err)
			}
		}
		if err := tx.Commit(); err != nil {
			t.Error(err)
		}
	}
	idle(t, drv)
}
