package integration_test

import (
	"bytes"
	"database/sql"
	_ "embed"
	"strings"
	"testing"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	exampleent "github.com/agentuity/auth-go/examples/app-schema/ent"

	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/ent/migrate"
)

// referenceDDL is what the TypeScript package @agentuity/auth 2.0.21 creates.
//
//go:embed testdata/agentuity-2.0.21.sql
var referenceDDL string

// catalog reads what Postgres knows about the tables of a schema, one line per object.
const catalog = `
SELECT format('column %s.%s #%s %s null=%s default=%s', c.relname, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
UNION ALL
SELECT format('constraint %s.%s %s', c.relname, o.conname, pg_get_constraintdef(o.oid))
FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
WHERE o.connamespace = 'public'::regnamespace
UNION ALL
SELECT format('index %s.%s %s', tablename, indexname, indexdef) FROM pg_indexes WHERE schemaname = 'public'
ORDER BY 1`

func TestCatalogEqualsTheReference(t *testing.T) {
	t.Parallel()
	reference, ours := openPostgres(t), openPostgres(t)
	execute(t, reference, referenceDDL)
	create(t, ours)
	want, got := readCatalog(t, reference), readCatalog(t, ours)
	if len(want) < 9*4 {
		t.Fatalf("the reference has %d objects: the query does not see them", len(want))
	}
	assertSame(t, got, want)

	// A second run changes nothing.
	create(t, ours)
	assertSame(t, readCatalog(t, ours), want)
}

func TestReferenceNeedsNoMigration(t *testing.T) {
	t.Parallel()
	db := openPostgres(t)
	execute(t, db, referenceDDL)
	client := ent.NewClient(ent.Driver(entsql.OpenDB(dialect.Postgres, db)))
	var plan bytes.Buffer
	err := client.Schema.WriteTo(t.Context(), &plan, migrate.WithDropColumn(true), migrate.WithDropIndex(true))
	if err != nil {
		t.Fatal(err)
	}
	if s := strings.TrimSpace(strings.NewReplacer("BEGIN;", "", "COMMIT;", "").Replace(plan.String())); s != "" {
		t.Errorf("the migration of a database of the reference is not empty:\n%s", s)
	}
	want := readCatalog(t, db)
	create(t, db)
	assertSame(t, readCatalog(t, db), want)
}

// The auth tables are the same inside an app's schema, apart from what the app adds.
func TestCatalogOfTheExample(t *testing.T) {
	t.Parallel()
	reference, app := openPostgres(t), openPostgres(t)
	execute(t, reference, referenceDDL)
	client := exampleent.NewClient(exampleent.Driver(entsql.OpenDB(dialect.Postgres, app)))
	if err := client.Schema.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range readCatalog(t, app) {
		object := strings.Fields(line)[1]
		switch table, _, _ := strings.Cut(object, "."); {
		case table == "project", table == "task", table == "user_profile", object == "user.locale":
		default:
			got = append(got, line)
		}
	}
	assertSame(t, got, readCatalog(t, reference))

	// The app takes over a database that the TypeScript side made.
	client = exampleent.NewClient(exampleent.Driver(entsql.OpenDB(dialect.Postgres, reference)))
	if err := client.Schema.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	assertSame(t, readCatalog(t, reference), readCatalog(t, app))
}

func TestSQLiteEnforcesForeignKeys(t *testing.T) {
	t.Parallel()
	client := ent.NewClient(ent.Driver(entsql.OpenDB(dialect.SQLite, openSQLite(t))))
	for range 2 { // The second run changes nothing.
		if err := client.Schema.Create(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	err := client.Member.Create().SetOrganizationID("none").SetUserID("none").SetRole("owner").Exec(t.Context())
	if !ent.IsConstraintError(err) {
		t.Errorf("a member of nothing: got %v, want a constraint error", err)
	}
}

// SQLite has the tables, columns, indexes and foreign keys of Postgres.
func TestSQLiteHasTheSameShape(t *testing.T) {
	t.Parallel()
	postgres, sqlite := openPostgres(t), openSQLite(t)
	create(t, postgres)
	client := ent.NewClient(ent.Driver(entsql.OpenDB(dialect.SQLite, sqlite)))
	if err := client.Schema.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := lines(t, postgres, `
SELECT format('%s.%s null=%s', table_name, column_name, is_nullable = 'YES') FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT format('%s index %s', tablename, indexname) FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey'
UNION ALL
SELECT format('%s.%s references %s', k.relname, a.attname, r.relname)
FROM pg_constraint o JOIN pg_class k ON k.oid = o.conrelid JOIN pg_class r ON r.oid = o.confrelid JOIN pg_attribute a ON a.attrelid = k.oid AND a.attnum = o.conkey[1]
WHERE o.contype = 'f' AND o.confdeltype = 'c'
ORDER BY 1`)
	got := lines(t, sqlite, `
SELECT m.name || '.' || c.name || ' null=' || iif(c."notnull", 'f', 't') FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'
UNION ALL
SELECT m.name || ' index ' || i.name FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table' AND i.origin = 'c'
UNION ALL
SELECT m.name || '.' || f."from" || ' references ' || f."table" FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND f.on_delete = 'CASCADE'
ORDER BY 1`)
	assertSame(t, got, want)
}

func create(t *testing.T, db *sql.DB) {
	t.Helper()
	client := ent.NewClient(ent.Driver(entsql.OpenDB(dialect.Postgres, db)))
	if err := client.Schema.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func readCatalog(t *testing.T, db *sql.DB) []string {
	t.Helper()
	return lines(t, db, catalog)
}

func lines(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func execute(t *testing.T, db *sql.DB, statements string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statements); err != nil {
		t.Fatal(err)
	}
}

// assertSame compares two sets of lines.
func assertSame(t *testing.T, got, want []string) {
	t.Helper()
	gotSet, wantSet := make(map[string]bool), make(map[string]bool)
	for _, line := range got {
		gotSet[line] = true
	}
	for _, line := range want {
		wantSet[line] = true
		if !gotSet[line] {
			t.Errorf("missing: %s", line)
		}
	}
	for _, line := range got {
		if !wantSet[line] {
			t.Errorf("extra: %s", line)
		}
	}
}
