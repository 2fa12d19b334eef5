package entsuite_test

// edits are what is changed in Ent's files, besides the calls that open a driver: what is of another
// database in them, and the few expectations that do not hold. docs/development.md lists those.
var edits = map[string][]edit{
	"integration_test.go": {
		{"for version, port := range map", "sslmode=disable\", port)", `for _, version := range []string{"native"} {`},
		{"enttest.Open(t, dialect.Postgres, addr, opts)", "", "enttest.NewClient(t, enttest.WithOptions(ent.Driver(native.Open(t))), opts)"},
		{"err := err.(*pq.Error)", "", "var err *pgconn.PgError\n\t\t\trequire.ErrorAs(t, failed, &err)"},
		{"_, err = tx2.Pet.Query().Where(pet.ID(xabi.ID)).ForUpdate(sql.WithLockAction(sql.NoWait)).Only(ctx)", "", "_, failed := tx2.Pet.Query().Where(pet.ID(xabi.ID)).ForUpdate(sql.WithLockAction(sql.NoWait)).Only(ctx)"},
		{"case strings.Contains(name, \"MySQL\"):", "try restarting transaction\", err.Message)", ""},
	},
	"config/config_test.go": {
		{`drv, err := sql.Open("sqlite3", "file:ent?mode=memory&cache=shared&_fk=1")`, "", "drv, err := native.Open(t), error(nil)"},
		{"query, args := sql.Select()", "", "query, args := sql.Dialect(dialect.Postgres).Select()"},
		{`From(sql.Table("sqlite_master"))`, "", `From(sql.Table("tables").Schema("information_schema"))`},
		{`sql.And(sql.EQ("type", "table"), sql.EQ("name", table))`, "", `sql.EQ("table_name", table)`},
	},
	"customid/customid_test.go": {
		{"for version, port := range map", "} {", `for _, version := range []string{"native"} {`},
		{"dsn := fmt.Sprintf", "client := ent.NewClient(ent.Driver(entsql.OpenDB(dialect.Postgres, db)))", "drv := native.Open(t)\n\t\t\tnative.Exec(t, drv, `CREATE EXTENSION \"uuid-ossp\"`)\n\t\t\tclient := ent.NewClient(ent.Driver(drv))"},
		{"err = client.Schema.Create(context.Background(), schema.WithDiffHook(expectOnePetsIndex))", "", "err := client.Schema.Create(context.Background(), schema.WithDiffHook(expectOnePetsIndex))"},
	},
	// A primary key that is a foreign key: the extension generates no ClearUser, and asks for the edge.
	"edgefield/edgefield_test.go": {
		{`client.Metadata.Create().SetID(a8m.ID).SetAge(10).Save(ctx)`, "", `client.Metadata.Create().SetUser(a8m).SetAge(10).Save(ctx)`},
		{"err = m1.Update().ClearUser().Exec(ctx)", "clearing primary key is not allowed\")", ""},
		{`client.Info.Create().SetID(a8m.ID).SetContent`, "", `client.Info.Create().SetUser(a8m).SetContent`},
	},
	"edgeschema/edgeschema_test.go": {
		// Postgres asks for the columns, with every driver.
		{"SetUser(a8m).SetGroup(hub).OnConflict().Ignore()", "", `SetUser(a8m).SetGroup(hub).OnConflictColumns("user_id", "group_id").Ignore()`},
		// Rows are expected in the order that SQLite has them in: see unordered too.
		{"edges := a8m.QueryJoinedGroups()", "", `edges := a8m.QueryJoinedGroups().Order(ent.Asc("group_id"))`},
		{"QueryGroup().FirstIDX(ctx)", "", `QueryGroup().Order(ent.Asc("id")).FirstIDX(ctx)`},
		{"{ q.WithGroup() }).AllX(ctx)", "", `{ q.WithGroup().Order(ent.Asc("group_id")) }).Order(ent.Asc("id")).AllX(ctx)`},
		{"likes := a8m.QueryLikes()", "", `likes := a8m.QueryLikes().Order(ent.Asc("tweet_id"))`},
		{"client.TweetLike.Query().GroupBy(tweetlike.FieldUserID)", "", "client.TweetLike.Query().Order(ent.Asc(tweetlike.FieldUserID)).GroupBy(tweetlike.FieldUserID)"},
		{"client.Relationship.Query().GroupBy(relationship.FieldUserID)", "", "client.Relationship.Query().Order(ent.Asc(relationship.FieldUserID)).GroupBy(relationship.FieldUserID)"},
		{"SetTweetID(like.TweetID).OnConflict().Ignore()", "", `SetTweetID(like.TweetID).OnConflictColumns("user_id", "tweet_id").Ignore()`},
	},
	"hooks/hooks_test.go": {
		// The hook of the schema sets what the test clears: Postgres refuses two values for a column, with every driver.
		{"crd = crd.Update().ClearName().SaveX(ctx)", "", `crd = crd.Update().SetName("a8m").SaveX(ctx)`},
	},
	"json/json_test.go": {
		{"for version, port := range map", "} {", `for _, version := range []string{"native"} {`},
		{"dsn := fmt.Sprintf", `client, err := ent.Open(dialect.Postgres, dsn+" dbname=json")`, "client, err := ent.NewClient(ent.Driver(native.Open(t))), error(nil)"},
	},
	"migrate/migrate_test.go": {
		{"for version, port := range map", "} {", `for _, version := range []string{"native"} {`},
		{"dsn := fmt.Sprintf", `drv, err := sql.Open(dialect.Postgres, dsn+" dbname=migrate")`, "ctx := context.Background()\n\t\t\tdrv, err := native.Open(t), error(nil)"},
		{`vdrv, err := sql.Open(dialect.Postgres, dsn+" dbname=versioned_migrate")`, "", "vdrv, err := native.Open(t), error(nil)"},
		{`require.NoError(t, root.Exec(ctx, "DROP DATABASE IF EXISTS versioned_migrate"`, "devURL := fmt.Sprintf(", "devURL := native.InSchema(t, native.URL(t), \"public\")\n"},
		{`"postgres://postgres:pass@localhost:%d/versioned_migrate_dev?sslmode=disable&search_path=public", port)`, "", ""},
		// What a hook of the migration gets is no *sql.Tx.
		{"conn.(*sql.Tx)", "", "conn.(sql.ExecQuerier)"},
		{`dev, err := sql.Open(dialect.Postgres, dsn+" dbname=versioned_migrate_dev")`, "", "dev, err := native.On(t, devURL), error(nil)"},
	},
	"multischema/multischema_test.go": {
		{"func TestMySQL(", "db.Close()\n\t})", "func TestPostgres(t *testing.T) {\n\turl := native.URL(t)\n\tdb := native.On(t, url)\n\tctx := context.Background()"},
		{`schema.Dump(ctx, dialect.MySQL, "8.0.19", migrate.Tables)`, "", `schema.Dump(ctx, dialect.Postgres, "15", migrate.Tables)`},
		{`db1, err := sql.Open("mysql", "root:pass@tcp(localhost:3308)/db1?parseTime=true")`, "", `db1, err := native.On(t, native.InSchema(t, url, "db1")), error(nil)`},
	},
	"privacy/ent/schema/user.go": {
		{"`name` IS NOT NULL", "", `\"name\" IS NOT NULL`}, // The quotes of SQLite.
	},
	"template/ent/template/node.tmpl": {
		{`sql.Select("type")`, "", `sql.Dialect("postgres").Select("type")`},
	},
	"template/template_test.go": {
		{`user.NameGlob("a8*")`, "", `user.NameHasPrefix("a8")`}, // An operator of SQLite.
		{"ent.Open(\n", "1\",", "ent.NewClient(ent.Driver(native.Open(t)), "},
		{"ent.HTTPClient(http.DefaultClient),\n\t)", "", "ent.HTTPClient(http.DefaultClient)), error(nil)"},
	},
}

// imports that a file needs for its edits.
var imports = map[string][]string{
	"integration_test.go":     {"github.com/jackc/pgx/v5/pgconn"},
	"privacy/privacy_test.go": {module + "/privacy/ent"},
	"config/config_test.go":   {"entgo.io/ent/dialect"},
}

// otherDatabases are the functions of the tests that run on no Postgres. What they call
// runs in a TestPostgres too.
var otherDatabases = []string{"TestMySQL", "TestMaria", "TestSQLite", "TestSQLite_ForeignKeyTx"}

// removed are the functions that are removed from a file in their place.
var removed = map[string][]string{
	"multischema/multischema_test.go": {"TestVersionedMigration"}, // It runs the command line of Atlas.
}

// drivers of other databases. Their imports are removed.
var drivers = []string{"github.com/go-sql-driver/mysql", "github.com/lib/pq", "github.com/mattn/go-sqlite3"}
