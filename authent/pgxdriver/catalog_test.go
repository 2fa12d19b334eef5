package pgxdriver

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestMigrationQueries checks that every query that is written in Atlas, and in Ent's
// migration, gets the rows of database/sql, which it casts its rows to. It reads their source,
// so that a version of them that asks for something new does not go unnoticed.
func TestMigrationQueries(t *testing.T) {
	t.Parallel()
	for path, least := range map[string]int{"ariga.io/atlas/sql/postgres": 15, "ariga.io/atlas/sql/internal/sqlx": 0, "ariga.io/atlas/sql/migrate": 0} {
		pkg, err := build.Import(path, ".", build.FindOnly)
		if err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(pkg.Dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(lit.Value)
				if err != nil || !strings.HasPrefix(strings.TrimSpace(text), "SELECT ") && !strings.HasPrefix(strings.TrimSpace(text), "SELECT\n") {
					return true
				}
				found++
				if !wantsStandardRows(text) {
					t.Errorf("%s: this query does not get the rows of database/sql:\n%s", path, text)
				}
				return true
			})
		}
		if found < least {
			t.Errorf("%s: only %d queries were found", path, found)
		}
	}
}

// TestWantsStandardRows checks queries of clients, and others.
func TestWantsStandardRows(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]bool{
		`SELECT "user"."id" FROM "user"`:                                             false,
		`SELECT COUNT(*) FROM "user"`:                                                false,
		`SELECT COUNT(*) FROM (SELECT DISTINCT "id" FROM "user") AS "t"`:             false,
		`INSERT INTO "user" ("id") VALUES ($1) RETURNING "id"`:                       false,
		`UPDATE "user" SET "id" = $1`:                                                false,
		`DELETE FROM "user"`:                                                         false,
		`WITH "t" AS (SELECT 1) SELECT * FROM "t"`:                                   false,
		"WITH\n t AS (SELECT 1) SELECT * FROM t":                                     false,
		`SHOW server_version_num`:                                                    true,
		`SELECT 'a' = 'b'`:                                                           true,
		`SELECT extract(epoch FROM now()) = 1`:                                       true,
		`SELECT COUNT(*) FROM "information_schema"."tables" WHERE "table_name" = $1`: true,
		`SELECT "type" FROM "ent_types" ORDER BY "id"`:                               false,
		`SELECT pg_try_advisory_lock($1)`:                                            true,
		`SELECT id FROM users`:                                                       true,
		`UPDATED`:                                                                    true,
		"":                                                                           true,
		" \n\tINSERT INTO x":                                                         false,
		`SELECT "a"."id" FROM "a" JOIN "pg_things" AS "t1" ON "t1"."a" = "a"."id" LIMIT 1`: true,
	} {
		if got := wantsStandardRows(query); got != want {
			t.Errorf("%s: %t, want %t", query, got, want)
		}
	}
}
