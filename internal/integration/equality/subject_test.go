package equality_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib" // The driver "pgx".
	_ "modernc.org/sqlite"             // The driver "sqlite".

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/internal/integration/equality/catalog"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// subject is a generated client that is compared with itself on other drivers.
type subject struct {
	types      map[string]*catalog.Type
	names      []string
	namedEdges bool
	// newClient returns an *ent.Client.
	newClient func(drv dialect.Driver) any
	create    func(ctx context.Context, drv dialect.Driver) error
	// kind names the kind of an error of the generated package, or "".
	kind func(error) string
	// distinct are fields with a unique index of their own.
	distinct map[string]bool
	// conflict is a unique column of a type.
	conflict map[string]string
	// always are the fields that are always set, for what the clock would set is never equal.
	always map[string]bool
}

// has reports whether the update of one row has a method.
func (s *subject) has(t *catalog.Type, method string) bool {
	client := reflect.TypeOf(s.newClient(nil)).Elem()
	field, _ := client.FieldByName(t.Name)
	update, ok := field.Type.MethodByName("UpdateOneID")
	if !ok {
		update, _ = field.Type.MethodByName("Update")
	}
	_, ok = update.Type.Out(0).MethodByName(method)
	return ok
}

// backend is a driver with a database of its own.
type backend struct {
	name   string
	joins  bool
	drv    dialect.Driver
	native *pgxdriver.Driver
	db     *sql.DB // The same database through database/sql.
	loose  bool
	tables []string
	trips  atomic.Int64 // Round trips of a native driver.
}

// countTrips is an option of the native driver: how often something is written after something
// was read is how often the client waited for the server.
func (b *backend) countTrips() pgxdriver.OpenOption {
	return pgxdriver.WithPoolConfig(func(config *pgxpool.Config) error {
		dial := config.ConnConfig.DialFunc
		config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &countingConn{Conn: conn, trips: &b.trips}, nil
		}
		return nil
	})
}

// countingConn counts round trips.
type countingConn struct {
	net.Conn
	trips *atomic.Int64
	wrote atomic.Bool
}

func (c *countingConn) Write(p []byte) (int, error) {
	c.wrote.Store(true)
	return c.Conn.Write(p)
}

func (c *countingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && c.wrote.Swap(false) {
		c.trips.Add(1)
	}
	return n, err
}

// run is a call on one backend.
type run struct {
	ctx     context.Context
	loose   bool
	subject *subject
}

// scannedValue is where an error of a scan names its value: which row is the first is not said.
var scannedValue = regexp.MustCompile(`(converting driver\.Value type \w+) \("[^"]*"\)`)

// kind names the kind of an error: what callers can tell apart.
func (r *run) kind(err error) string {
	if err == nil {
		return ""
	}
	kind := r.subject.kind(err)
	text := setOfIDs.ReplaceAllString(err.Error(), "one of them")
	text = scannedValue.ReplaceAllString(text, "$1 (one of them)")
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.TrimSpace(kind + " " + pg.Code + " " + text)
	}
	if kind != "" {
		return kind + ": " + text
	}
	return "error: " + text
}

// setOfIDs is the part of Ent's errors whose order is that of a map.
var setOfIDs = regexp.MustCompile(`one of \[[^\]]*\]`)

// openDB opens a database until the end of the test.
func openDB(t testing.TB, driver, source string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// openBackends opens the databases, and creates the tables. The first one is Ent's own driver.
func openBackends(t testing.TB, s *subject) []*backend {
	t.Helper()
	var all []*backend
	for _, name := range []string{"stock", "native", "joins"} {
		url := pgtest.New(t)
		b := &backend{name: name, joins: name == "joins", db: openDB(t, "pgx", url)}
		b.drv = entsql.OpenDB(dialect.Postgres, b.db)
		if name != "stock" {
			drv, err := pgxdriver.Open(t.Context(), url, pgxdriver.WithJoins(b.joins), b.countTrips())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := drv.Close(); err != nil {
					t.Error(err)
				}
			})
			b.drv, b.native = drv, drv
		}
		all = append(all, b)
	}
	file := filepath.Join(t.TempDir(), "equality.db")
	db := openDB(t, "sqlite", "file:"+file+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(10000)&_pragma=synchronous(off)&_pragma=journal_mode(memory)&_pragma=case_sensitive_like(1)&_time_format=sqlite")
	db.SetMaxOpenConns(2)
	all = append(all, &backend{name: "sqlite", drv: entsql.OpenDB(dialect.SQLite, db), db: db, loose: true})
	for _, b := range all {
		if err := s.create(t.Context(), b.drv); err != nil {
			t.Fatalf("%s: %v", b.name, err)
		}
		if b.tables = b.list(t); len(b.tables) < len(s.names) {
			t.Fatalf("%s: tables %q", b.name, b.tables)
		}
	}
	return all
}

// list returns the tables of the database.
func (b *backend) list(t testing.TB) []string {
	t.Helper()
	query := `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`
	if b.loose {
		query = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1`
	}
	names, err := firstColumn(t.Context(), b.db, query)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// firstColumn returns the first column of a query.
func firstColumn(ctx context.Context, db *sql.DB, query string) (all []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// reset deletes all rows.
func (b *backend) reset(ctx context.Context) error {
	if !b.loose {
		_, err := b.db.ExecContext(ctx, `TRUNCATE "`+strings.Join(b.tables, `", "`)+`" RESTART IDENTITY CASCADE`)
		return err
	}
	statements := []string{"PRAGMA foreign_keys = off"}
	for _, name := range b.tables {
		statements = append(statements, "DELETE FROM `"+name+"`")
	}
	statements = append(statements, "DELETE FROM sqlite_sequence", "PRAGMA foreign_keys = on")
	_, err := b.db.ExecContext(ctx, strings.Join(statements, ";"))
	return err
}

// rows returns all rows of all tables of Postgres, as the server writes them.
func (b *backend) rows(ctx context.Context) (string, error) {
	var all []string
	for _, name := range b.tables {
		all = append(all, fmt.Sprintf(`SELECT '%s ' || t::text FROM "%s" t`, name, name))
	}
	lines, err := firstColumn(ctx, b.db, strings.Join(all, " UNION ALL "))
	slices.Sort(lines)
	return strings.Join(lines, "\n"), err
}

// entities returns all rows of all types with the edges that are tables of their own: the
// same on all dialects.
func (b *backend) entities(r *run, client reflect.Value) (string, error) {
	loose := *r
	loose.loose = true
	var all strings.Builder
	for _, name := range r.subject.names {
		q := &query{typ: r.subject.types[name]}
		for _, e := range q.typ.Edges {
			if e.M2M || e.OwnFK && e.Field == "" {
				q.with = append(q.with, &with{edge: &e, bare: true, query: &query{typ: r.subject.types[e.Target]}})
			}
		}
		s, err := (&read{query: q, end: "All"}).do(&loose, client)
		if err != nil {
			return "", err
		}
		all.WriteString(name + " " + s + "\n")
	}
	return all.String(), nil
}

// alignSequences makes the next ids of the dialects equal: Postgres spends one on a row
// that is refused, SQLite does not.
func (b *backend) alignSequences(ctx context.Context, s *subject) error {
	for _, name := range s.names {
		t := s.types[name]
		if t.ID == nil {
			continue
		}
		if k := reflect.TypeOf(t.ID.Value).Kind(); k != reflect.Int && k != reflect.Int64 {
			continue
		}
		statement := fmt.Sprintf(`SELECT setval(s, (SELECT coalesce(max("%[2]s"), 0) + 1 FROM "%[1]s"), false) FROM pg_get_serial_sequence('"%[1]s"', '%[2]s') s WHERE s IS NOT NULL`, t.Table, t.ID.Column)
		if b.loose {
			statement = fmt.Sprintf("UPDATE sqlite_sequence SET seq = (SELECT coalesce(max(`%[2]s`), 0) FROM `%[1]s`) WHERE name = '%[1]s'", t.Table, t.ID.Column)
		}
		if _, err := b.db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
