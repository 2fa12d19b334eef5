package eager_test

import (
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent/eager"
)

// join writes pieces as a statement again.
func join(pieces []eager.Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
		if p.Arg >= 0 {
			b.WriteString("$" + string(rune('1'+p.Arg)))
		}
	}
	return b.String()
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		query            string
		unordered        string // "" for the query itself
		across, volatile bool
		stable           bool
	}{
		{query: `SELECT "a"."id" FROM "a" WHERE "a"."id" = $1`, stable: true},
		{query: `SELECT "a"."id" FROM "a" ORDER BY "a"."id"`, unordered: `SELECT "a"."id" FROM "a"`, stable: true},
		{query: `SELECT "a"."id" FROM "a" WHERE "a"."x" = $2 ORDER BY COALESCE("a"."n", $1)`, unordered: `SELECT "a"."id" FROM "a" WHERE "a"."x" = $2`, stable: true},
		{query: `SELECT "a"."id" FROM "a" WHERE "a"."x" IN (SELECT "b"."x" FROM "b" ORDER BY "b"."n")`, stable: true},
		{query: `SELECT "a"."id" FROM "a" ORDER BY "a"."id" LIMIT 2`, across: true},
		{query: `SELECT "a"."id" FROM "a" OFFSET 2`, across: true},
		{query: `SELECT DISTINCT "a"."id" FROM "a"`, across: true, stable: true},
		{query: `SELECT "a"."id" FROM "a" GROUP BY "a"."id" HAVING COUNT(*) > 1`, across: true, stable: true},
		{query: `SELECT "a"."id" FROM "a" FOR UPDATE`, volatile: true},
		{query: `SELECT "a"."id" FROM "a" ORDER BY random()`, volatile: true},
		{query: `SELECT "a"."id" FROM "a" WHERE "a"."x" = 'LIMIT FOR ''random()'`, stable: true},
		{query: `SELECT "limit"."order" FROM "limit"`, stable: true},
		{query: `SELECT "f"("a"."id") FROM "a"`, volatile: true},
	} {
		got, ok := eager.Split(test.query)
		if !ok {
			t.Errorf("%s: not understood", test.query)
			continue
		}
		if test.unordered == "" {
			test.unordered = test.query
		}
		if join(got.Pieces) != test.query || join(got.Unordered) != test.unordered {
			t.Errorf("%s:\npieces    %s\nunordered %s", test.query, join(got.Pieces), join(got.Unordered))
		}
		if got.Across != test.across || got.Volatile != test.volatile || got.Stable() != test.stable {
			t.Errorf("%s: across %t, volatile %t, stable %t", test.query, got.Across, got.Volatile, got.Stable())
		}
	}
	for _, query := range []string{`SELECT 'a`, `SELECT "a`, `SELECT $tag$ $1 $tag$`, `SELECT 1 -- $1`, `SELECT 1 /* $1 */`, `SELECT $0`} {
		if _, ok := eager.Split(query); ok {
			t.Errorf("%s: understood", query)
		}
	}
}

func TestRepeatable(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]bool{
		`SELECT "a"."id" FROM "a" ORDER BY "a"."n"`:                                      true,
		`SELECT "a"."id" FROM "a" ORDER BY "a"."n" LIMIT 2`:                              false,
		`SELECT "a"."id" FROM "a" LIMIT 2`:                                               false,
		`SELECT "a"."id" FROM "a" ORDER BY "a"."id" LIMIT 2`:                             true,
		`SELECT "a"."id" FROM "a" ORDER BY "a"."n" DESC, "a"."id" DESC LIMIT 2 OFFSET 4`: true,
		`SELECT "a"."id" FROM "a" ORDER BY "a"."id_of_b" LIMIT 2`:                        false,
		`SELECT "a"."id" FROM "a" ORDER BY f("a"."n", "a"."id") LIMIT 2`:                 false,
		`SELECT "a"."id" FROM "a" ORDER BY COALESCE("a"."n", "a"."id", $1) LIMIT 2`:      false,
		`SELECT "a"."id" FROM "a" JOIN "b" ON true ORDER BY "a"."id" LIMIT 2`:            false,
		`SELECT "a"."id" FROM "a", "b" ORDER BY "a"."id" LIMIT 2`:                        false,
		`SELECT "a"."id" FROM "s"."a" WHERE "a"."n" = $1 ORDER BY "a"."id" LIMIT 2`:      true,
		`SELECT "a"."id" FROM "a" ORDER BY "a"."id" LIMIT 2 FOR UPDATE`:                  false,
		`SELECT "a"."id" FROM (SELECT 1 ORDER BY "a"."id" LIMIT 1) AS "a" LIMIT 2`:       false,
	} {
		text, ok := eager.Split(query)
		if !ok {
			t.Fatalf("%s: not understood", query)
		}
		s := eager.Statement{SQL: query, ID: `"a"."id"`, Text: text}
		if s.Repeatable() != want {
			t.Errorf("%s: repeatable %t", query, !want)
		}
	}
}

func TestGiven(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]int{
		`SELECT "a"."n", "a"."id" FROM "a" WHERE "a"."id" = $1`:                       0,
		`SELECT "a"."n", "a"."id" FROM "a" WHERE "a"."id" = $1 LIMIT 2`:               0,
		`SELECT "a"."n", "a"."id" FROM "s"."a" WHERE "a"."id" = $1 LIMIT 1`:           0,
		`SELECT "a"."n", "a"."id" FROM "a" WHERE "a"."n" = $1`:                        -1,
		`SELECT "a"."n", "a"."id" FROM "a" WHERE "a"."id" = $1 AND "a"."n" = $2`:      -1,
		`SELECT "a"."n", "a"."id" FROM "a" WHERE "a"."n" = 1 AND "a"."id" = $1`:       -1,
		`SELECT "a"."n", "a"."id" FROM "a" WHERE NOT "a"."id" = $1`:                   -1,
		`SELECT "a"."n", "a"."id" FROM "a" WHERE "a"."id" = $1 OR true`:               -1,
		`SELECT "a"."n", "a"."id" FROM "a" WHERE "a"."id" = $1::text || 'x'`:          -1,
		`SELECT "a"."n", "a"."id" FROM "a" WHERE "a"."id" = $1 LIMIT 20`:              -1,
		`SELECT "a"."n", "a"."id" FROM "a" JOIN "b" ON true WHERE "a"."id" = $1`:      -1,
		`SELECT "a"."n", "a"."id" FROM "a", "b" WHERE "a"."id" = $1`:                  -1,
		`SELECT "a"."n", "a"."id" FROM "a" WHERE "a"."id" IN ($1)`:                    -1,
		`SELECT "a"."n", "a"."id" FROM (SELECT 1 WHERE "a"."id" = $1) AS "a" LIMIT 2`: -1,
	} {
		text, ok := eager.Split(query)
		if !ok {
			t.Fatalf("%s: not understood", query)
		}
		s := eager.Statement{SQL: query, Columns: []string{`"a"."n"`, `"a"."id"`}, Text: text}
		if got := s.Given(1); got != want {
			t.Errorf("%s: argument %d, want %d", query, got, want)
		}
	}
}

func TestDistinct(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]bool{
		`SELECT "a"."id" FROM "a" WHERE "a"."n" = $1`:                                                       true,
		`SELECT "a"."id" FROM "s"."a" WHERE "a"."n" = $1 ORDER BY "a"."n" LIMIT 1`:                          true,
		`SELECT "a"."id" FROM "a" JOIN "b" ON true WHERE "a"."n" = $1`:                                      false,
		`SELECT "a"."id" FROM "a", "b" WHERE "a"."n" = $1`:                                                  false,
		`SELECT "a"."id" FROM (SELECT * FROM "a") AS "a" WHERE "a"."n" = $1`:                                false,
		`SELECT "a"."id" FROM "a" WHERE "a"."n" = $1 UNION ALL SELECT "a"."id" FROM "a" WHERE "a"."n" = $2`: false,
	} {
		for _, first := range []bool{true, false} {
			s := eager.Statement{SQL: query, IDFirst: first}
			if got := s.Distinct(); got != (want && first) {
				t.Errorf("%s: distinct %t, the id first %t", query, got, first)
			}
		}
	}
}
