package integration_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/agentuity/auth-go/authent/migration"
	"github.com/agentuity/auth-go/ent"
)

// A migration does not convert a table of another application that has the name of an auth
// table, and changes nothing else either.
func TestCreateProtectsOtherTables(t *testing.T) {
	t.Parallel()
	for _, d := range databases {
		t.Run(d.dialect, func(t *testing.T) {
			t.Parallel()
			db := d.open(t)
			execute(t, db, `CREATE TABLE "session" ("id" integer NOT NULL PRIMARY KEY, "token" integer NOT NULL)`)
			client := ent.NewClient(ent.Driver(entsql.OpenDB(d.dialect, db)))
			err := client.Schema.Create(t.Context())
			var mismatch *migration.MismatchError
			if !errors.As(err, &mismatch) || len(mismatch.Problems) != 2 || !strings.Contains(err.Error(), `column "token" of table "session" is integer NOT NULL, want text NOT NULL`) {
				t.Errorf("got %v, want a MismatchError with both columns", err)
			}
			if n := tables(t, db, d.dialect); n != 1 {
				t.Errorf("%d tables, want the one that was there", n)
			}
		})
	}
}

func tables(t *testing.T, db *sql.DB, dialect string) (n int) {
	t.Helper()
	query := "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
	if dialect == "sqlite3" {
		query = "SELECT count(*) FROM sqlite_master WHERE type = 'table'"
	}
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
