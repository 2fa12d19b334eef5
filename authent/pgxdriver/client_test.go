package pgxdriver_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ariga.io/atlas/sql/migrate"
	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/dialect/sql/sqlgraph"
	"entgo.io/ent/dialect/sql/sqljson"
	"entgo.io/ent/schema/field"

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/ent"
	entmigrate "github.com/agentuity/auth-go/ent/migrate"
	"github.com/agentuity/auth-go/ent/session"
	"github.com/agentuity/auth-go/ent/user"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// catalog returns what a database holds, as text.
func catalog(t *testing.T, drv dialect.Driver) string {
	t.Helper()
	var out []string
	for _, text := range []string{
		`SELECT table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '-') FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1`,
		`SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1`,
		`SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`,
	} {
		var lines []string
		if err := entsql.ScanSlice(query(t, drv, text), &lines); err != nil {
			t.Fatal(err)
		}
		out = append(out, lines...)
	}
	return strings.Join(out, "\n")
}

// TestMigration migrates with a generated client, and compares with Ent's own driver.
func TestMigration(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	stock := stockDriver(t, url)
	if err := ent.NewClient(ent.Driver(stock)).Schema.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := catalog(t, stock)
	if !strings.Contains(want, "session_userId_user_id_fk") {
		t.Fatalf("the catalog is %s", want)
	}
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			drv := newDriver(t, mode.opt, pgxdriver.WithMaxConns(1))
			client := ent.NewClient(ent.Driver(drv), ent.Log(func(...any) {}))
			for _, opts := range [][]schema.MigrateOption{
				nil, nil,
				{schema.WithDropColumn(true), schema.WithDropIndex(true)},
			} {
				if err := client.Schema.Create(t.Context(), opts...); err != nil {
					t.Fatal(err)
				}
				if got := catalog(t, drv); got != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
				idle(t, drv)
			}
			// Change it, and have it changed back.
			exec(t, drv, `ALTER TABLE "user" DROP COLUMN image`, `ALTER TABLE "user" ALTER COLUMN "createdAt" SET DEFAULT '2020-01-01'::timestamp`, `DROP TABLE "verification"`, `ALTER TABLE "session" ADD COLUMN extra int`)
			if err := client.Schema.Create(t.Context(), schema.WithDropColumn(true)); err != nil {
				t.Fatal(err)
			}
			if got := catalog(t, drv); got != want {
				t.Errorf("after changes, got\n%s\nwant\n%s", got, want)
			}
			if err := client.Debug().Schema.Create(t.Context()); err != nil {
				t.Errorf("with a debug client: %v", err)
			}
			var written bytes.Buffer
			if err := client.Schema.WriteTo(t.Context(), &written); err != nil || strings.Contains(written.String(), "CREATE TABLE") {
				t.Errorf("there is something to migrate: %s: %v", written.String(), err)
			}
			exec(t, drv, `DROP TABLE "verification"`)
			if err := client.Schema.WriteTo(t.Context(), &written); err != nil || !strings.Contains(written.String(), `CREATE TABLE "verification"`) {
				t.Errorf("the migration is %s: %v", written.String(), err)
			}
			idle(t, drv)
		})
	}
}

// TestMigrationFails migrates what cannot be, and leaves nothing behind.
func TestMigrationFails(t *testing.T) {
	t.Parallel()
	drv := newDriver(t)
	exec(t, drv, `CREATE TABLE "session" (id int)`, `INSERT INTO "session" VALUES (1)`)
	err := ent.NewClient(ent.Driver(drv)).Schema.Create(t.Context())
	if err == nil {
		t.Error("it was migrated")
	}
	if n := count(t, drv, `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`); n != 1 {
		t.Errorf("%d tables: %v", n, err)
	}
	idle(t, drv)
}

// TestVersionedMigration writes migration files, and compares defaults by asking the server.
func TestVersionedMigration(t *testing.T) {
	t.Parallel()
	drv := newDriver(t)
	dir, err := migrate.NewLocalDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []schema.Mode{schema.ModeInspect, schema.ModeReplay} {
		migrator, err := schema.NewMigrate(drv, schema.WithDir(dir), schema.WithMigrationMode(m), schema.WithGlobalUniqueID(false), schema.WithFormatter(migrate.DefaultFormatter))
		if err != nil {
			t.Fatal(err)
		}
		if err := migrator.NamedDiff(t.Context(), fmt.Sprint("m", m), entmigrate.Tables...); err != nil {
			t.Fatal(err)
		}
	}
	files, err := dir.Files()
	if err != nil || len(files) != 1 || !bytes.Contains(files[0].Bytes(), []byte(`CREATE TABLE "user"`)) {
		t.Errorf("files %v: %v", files, err)
	}

	table := func(value any) []*schema.Table {
		id := &schema.Column{Name: "id", Type: field.TypeInt, Increment: true}
		return []*schema.Table{{Name: "t", Columns: []*schema.Column{id, {Name: "at", Type: field.TypeTime, Default: value}, {Name: "tags", Type: field.TypeString, Default: value}}, PrimaryKey: []*schema.Column{id}}}
	}
	for range 2 {
		for _, d := range []any{schema.Expr("date_trunc('day', 'epoch'::timestamptz)"), schema.Expr("'epoch'::timestamptz"), schema.Expr("to_timestamp(extract(epoch FROM (timestamp '2020-01-01')))")} {
			for _, opt := range []schema.MigrateOption{schema.WithForeignKeys(true), schema.WithGlobalUniqueID(true)} {
				migrator, err := schema.NewMigrate(drv, opt)
				if err != nil {
					t.Fatal(err)
				}
				if err := migrator.Create(t.Context(), table(d)...); err != nil {
					t.Errorf("default %v: %v", d, err)
				}
			}
		}
	}
	idle(t, drv)
}

// TestClient uses a generated client.
func TestClient(t *testing.T) {
	t.Parallel()
	drv := newDriver(t, pgxdriver.WithMaxConns(2))
	client := ent.NewClient(ent.Driver(drv), ent.Log(func(...any) {}))
	ctx := t.Context()
	if err := client.Schema.Create(ctx); err != nil {
		t.Fatal(err)
	}
	newUser := func(c *ent.Client, name string) *ent.UserCreate {
		return c.User.Create().SetName(name).SetEmail(name + "@example.com")
	}
	ann, err := newUser(client, "ann").SetImage("image").Save(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newUser(client, "ann").Save(ctx); !ent.IsConstraintError(err) || !sqlgraph.IsUniqueConstraintError(err) {
		t.Errorf("a second ann: %v", err)
	}
	many, err := client.User.MapCreateBulk([]string{"bob", "eve", "joe"}, func(c *ent.UserCreate, i int) {
		name := []string{"bob", "eve", "joe"}[i]
		c.SetName(name).SetEmail(name + "@example.com")
	}).Save(ctx)
	if err != nil || len(many) != 3 || len(many[1].ID) != 32 {
		t.Fatalf("%v: %v", many, err)
	}
	expires := time.Date(2030, 1, 2, 3, 4, 5, 678901000, time.UTC)
	if err := client.Session.Create().SetUser(ann).SetToken("token").SetExpiresAt(expires).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	got, err := client.User.Query().Where(user.HasSessionsWith(session.Token("token"))).WithSessions().Only(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != ann.ID || *got.Image != "image" || len(got.Edges.Sessions) != 1 || !got.Edges.Sessions[0].ExpiresAt.Equal(expires) {
		t.Errorf("user %v", got)
	}
	stock, err := ent.NewClient(ent.Driver(stockPool(drv.Pool()))).User.Get(ctx, ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := client.User.Get(ctx, ann.ID); err != nil || same.String() != stock.String() || same.CreatedAt != stock.CreatedAt {
		t.Errorf("%v, want %v: %v", same, stock, err)
	}
	updated, err := ann.Update().SetName("Ann").ClearImage().Save(ctx)
	if err != nil || updated.Name != "Ann" || updated.Image != nil {
		t.Errorf("%v: %v", updated, err)
	}
	if n, err := client.User.Update().Where(user.NameIn("bob", "eve")).SetEmailVerified(true).Save(ctx); n != 2 || err != nil {
		t.Errorf("%d updated: %v", n, err)
	}
	if n, err := client.User.Query().Where(user.EmailVerified(true)).Count(ctx); n != 2 || err != nil {
		t.Errorf("%d verified: %v", n, err)
	}
	if ok, err := client.User.Query().Where(user.Name("nobody")).Exist(ctx); ok || err != nil {
		t.Errorf("nobody exists: %v", err)
	}
	if _, err := client.User.Query().Only(ctx); !ent.IsNotSingular(err) {
		t.Errorf("only: %v", err)
	}
	if _, err := client.User.Get(ctx, "missing"); !ent.IsNotFound(err) {
		t.Errorf("missing: %v", err)
	}
	var grouped []struct {
		EmailVerified bool `sql:"emailVerified"`
		Count         int
	}
	if err := client.User.Query().GroupBy(user.FieldEmailVerified).Aggregate(ent.Count()).Scan(ctx, &grouped); err != nil || len(grouped) != 2 {
		t.Errorf("groups %v: %v", grouped, err)
	}
	names, err := client.User.Query().Order(user.ByName()).Select(user.FieldName).Strings(ctx)
	if err != nil || strings.Join(names, " ") != "Ann bob eve joe" && strings.Join(names, " ") != "bob eve joe Ann" {
		t.Errorf("names %v: %v", names, err)
	}
	// Columns that Ent does not know the type of.
	with, err := client.User.Query().Where(func(s *entsql.Selector) {
		s.AppendSelectAs("length("+s.C(user.FieldName)+")", "size").AppendSelectAs("now()", "at").AppendSelectExprAs(entsql.Raw("NULL::text"), "nothing").Where(entsql.EQ(s.C(user.FieldName), "joe"))
	}).Only(ctx)
	if err != nil {
		t.Fatal(err)
	}
	size, err := with.Value("size")
	at, aerr := with.Value("at")
	nothing, nerr := with.Value("nothing")
	if _, isTime := at.(time.Time); size != int64(3) || !isTime || nothing != nil || errors.Join(err, aerr, nerr) != nil {
		t.Errorf("size %v (%T), at %v, nothing %v: %v", size, size, at, nothing, errors.Join(err, aerr, nerr))
	}

	tx, err := client.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
	if err != nil {
		t.Fatal(err)
	}
	if err := newUser(tx.Client(), "tim").Exec(ctx); err != nil {
		t.Error(err)
	}
	if n, err := client.User.Query().Count(ctx); n != 4 || err != nil {
		t.Errorf("%d users outside of the transaction: %v", n, err)
	}
	if n, err := tx.User.Query().Count(ctx); n != 5 || err != nil {
		t.Errorf("%d users in the transaction: %v", n, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
	if err := tx.Commit(); !errors.Is(err, sql.ErrTxDone) {
		t.Errorf("commit after rollback: %v", err)
	}
	if n, err := client.User.Delete().Where(user.NameNEQ("Ann")).Exec(ctx); n != 3 || err != nil {
		t.Errorf("%d deleted: %v", n, err)
	}
	if err := client.Debug().User.DeleteOneID(ann.ID).Exec(ctx); err != nil {
		t.Error(err)
	}
	if n, err := client.Session.Query().Count(ctx); n != 0 || err != nil {
		t.Errorf("%d sessions: %v", n, err)
	}
	idle(t, drv)
}

// TestBuilders runs what Ent's features build: upserts, locks, JSON predicates, modifiers.
func TestBuilders(t *testing.T) {
	t.Parallel()
	drv := newDriver(t)
	ctx := t.Context()
	exec(t, drv, `CREATE TABLE "t" (id serial PRIMARY KEY, name text UNIQUE, doc jsonb, tags text[])`)
	b := entsql.Dialect(dialect.Postgres)
	insert := func(name string, doc string) {
		t.Helper()
		q, args := b.Insert("t").Columns("name", "doc", "tags").Values(name, []byte(doc), []string{"x"}).
			OnConflict(entsql.ConflictColumns("name"), entsql.ResolveWithNewValues()).Returning("id").Query()
		if n := count(t, drv, q, args...); n < 1 {
			t.Errorf("id %d", n)
		}
	}
	insert("a", `{"k": 1}`)
	insert("a", `{"k": 2, "deep": {"list": [1, 2]}}`)
	insert("b", `{"k": 3}`)

	names := func(q dialect.ExecQuerier, s *entsql.Selector) (names []string) {
		t.Helper()
		text, args := s.Query()
		if err := entsql.ScanSlice(query(t, q, text, args...), &names); err != nil {
			t.Fatal(err)
		}
		return names
	}
	from := func() *entsql.Selector { return b.Select("name").From(entsql.Table("t")).OrderBy("name") }
	for _, p := range []*entsql.Predicate{
		sqljson.ValueEQ("doc", 2, sqljson.Path("k")),
		sqljson.ValueContains("doc", 1, sqljson.DotPath("deep.list")),
		sqljson.HasKey("doc", sqljson.Path("deep")),
		entsql.Like("name", "a%"),
		entsql.In("name", "a", "c"),
		entsql.ExprP(`tags @> $1 AND name = 'a'`, []string{"x"}),
	} {
		if got := names(drv, from().Where(p)); len(got) != 1 || got[0] != "a" {
			t.Errorf("got %v", got)
		}
	}

	tx := begin(t, drv)
	if got := names(tx, from().ForUpdate()); len(got) != 2 {
		t.Errorf("locked %v", got)
	}
	other := begin(t, drv)
	if got := names(other, from().ForUpdate(entsql.WithLockAction(entsql.SkipLocked))); len(got) != 0 {
		t.Errorf("nothing was skipped: %v", got)
	}
	text, args := from().ForUpdate(entsql.WithLockAction(entsql.NoWait)).Query()
	if err := other.Query(ctx, text, args, &entsql.Rows{}); err == nil || !strings.Contains(err.Error(), "could not obtain lock") {
		t.Errorf("nowait: %v", err)
	}
	if err := errors.Join(tx.Commit(), other.Rollback()); err != nil {
		t.Error(err)
	}

	// sqlgraph scans the ids of many nodes into *driver.Value.
	specs := make([]*sqlgraph.CreateSpec, 3)
	for i := range specs {
		specs[i] = sqlgraph.NewCreateSpec("t", sqlgraph.NewFieldSpec("name", field.TypeString))
		specs[i].ID.Value = fmt.Sprint("node ", i)
		specs[i].SetField("doc", field.TypeJSON, []byte(`{}`))
	}
	if err := sqlgraph.BatchCreate(ctx, drv, &sqlgraph.BatchCreateSpec{Nodes: specs}); err != nil {
		t.Fatal(err)
	}
	for i, s := range specs {
		if s.ID.Value != fmt.Sprint("node ", i) {
			t.Errorf("id %v (%T)", s.ID.Value, s.ID.Value)
		}
	}
	err := sqlgraph.CreateNode(ctx, drv, specs[0])
	if !sqlgraph.IsConstraintError(err) {
		t.Errorf("again: %v", err)
	}
	idle(t, drv)
}

// TestVars sets session variables by Ent's context.
func TestVars(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			drv := open(t, url, mode.opt, pgxdriver.WithMaxConns(1))
			stock := stockPool(drv.Pool())
			exec(t, drv, `DROP TABLE IF EXISTS "t"`, `CREATE TABLE "t" (name text)`)
			ctx := entsql.WithVar(entsql.WithIntVar(entsql.WithVar(t.Context(), "app.tenant", "one"), "app.level", 7), "app.tenant", "two")
			const text = `SELECT coalesce(current_setting('app.tenant', true), '') || coalesce(current_setting('app.level', true), '') || $1::text AS v FROM (VALUES (1)) AS "x"`
			read := func(ctx context.Context, q dialect.ExecQuerier) string {
				t.Helper()
				rows := &entsql.Rows{}
				if err := q.Query(ctx, text, []any{"!"}, rows); err != nil {
					t.Fatal(err)
				}
				defer func() { _ = rows.Close() }()
				s, err := entsql.ScanString(rows)
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			for range 2 {
				if got, want := read(ctx, drv), read(ctx, stock); got != want || got != "two7!" {
					t.Errorf("got %q, want %q", got, want)
				}
				if got := read(t.Context(), drv); got != "!" {
					t.Errorf("the variables stayed: %q", got)
				}
				var result sql.Result
				if err := drv.Exec(ctx, `INSERT INTO "t" VALUES (current_setting('app.tenant') || $1)`, []any{"?"}, &result); err != nil {
					t.Error(err)
				}
				if n, err := result.RowsAffected(); n != 1 || err != nil {
					t.Errorf("%d rows: %v", n, err)
				}
				tx := begin(t, drv)
				if got := read(ctx, tx); got != "two7!" {
					t.Errorf("in a transaction: %q", got)
				}
				if err := tx.Exec(ctx, `INSERT INTO "t" VALUES (current_setting('app.tenant'))`, []any{}, nil); err != nil {
					t.Error(err)
				}
				if err := tx.Commit(); err != nil {
					t.Error(err)
				}
				if got := read(t.Context(), drv); got != "!" {
					t.Errorf("the variables stayed after a transaction: %q", got)
				}
			}
			if n := count(t, drv, `SELECT count(*) FROM "t" WHERE name LIKE 'two%'`); n != 4 {
				t.Errorf("%d rows", n)
			}
			bad := entsql.WithVar(t.Context(), "no such variable", "x")
			tx := begin(t, drv)
			for _, q := range []dialect.ExecQuerier{drv, tx} {
				if err := q.Query(bad, text, []any{"!"}, &entsql.Rows{}); err == nil || !strings.Contains(err.Error(), "syntax error") {
					t.Errorf("query: %v", err)
				}
				if err := q.Exec(bad, "SELECT 1", []any{}, nil); err == nil {
					t.Error("exec: no error")
				}
			}
			_ = tx.Rollback()
			if err := drv.Query(ctx, "SELECT 1/0", []any{}, &entsql.Rows{}); err == nil {
				t.Error("no error")
			}
			canceled, cancel := context.WithCancel(ctx)
			cancel()
			if err := drv.Query(canceled, text, []any{"!"}, &entsql.Rows{}); !errors.Is(err, context.Canceled) {
				t.Errorf("canceled: %v", err)
			}
			// Rows that end by their context reset the variables too, or lose the connection.
			ending, end := context.WithCancel(ctx)
			if err := drv.Query(ending, `SELECT generate_series(1, 100000) FROM "t"`, []any{}, &entsql.Rows{}); err != nil {
				t.Error(err)
			}
			end()
			eventually(t, "the connection is free", func() bool { return drv.Pool().Stat().AcquiredConns() == 0 })
			if got := read(t.Context(), drv); got != "!" {
				t.Errorf("the variables stayed after a cancellation: %q", got)
			}
			idle(t, drv)
		})
	}
}
