package migration

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/postgres"
	atlas "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
	"entgo.io/ent/dialect/sql/schema"
)

// MismatchError says that a database has tables with the names of auth tables that are
// something else. Nothing was changed.
type MismatchError struct {
	// Problems has one sentence for each thing that is wrong.
	Problems []string
}

// Error returns the problems and what to do about them.
func (e *MismatchError) Error() string {
	return "there are tables that the auth tables cannot be, so nothing was changed:\n  " + strings.Join(e.Problems, "\n  ") +
		"\nRename or remove the tables that are the app's own, or use another database or schema"
}

// Protect refuses a migration that would change the type or the key of what is there already
// in the auth tables, with a *MismatchError. Rather than an auth table of old, that is a
// table of another application with the same name, and Ent would convert it.
//
// The auth tables are given with the names of their columns. Other columns are the app's own
// to change.
func Protect(tables map[string][]string) schema.DiffHook {
	return func(next schema.Differ) schema.Differ {
		return schema.DiffFunc(func(current, desired *atlas.Schema) ([]atlas.Change, error) {
			planned, err := next.Diff(current, desired)
			var problems []string
			for _, change := range planned {
				if modify, ok := change.(*atlas.ModifyTable); ok {
					problems = append(problems, mismatches(modify, tables[modify.T.Name])...)
				}
			}
			var inner *MismatchError
			switch {
			case errors.As(err, &inner):
				problems = append(problems, inner.Problems...)
			case err != nil:
				return nil, err
			}
			if len(problems) > 0 {
				return nil, &MismatchError{Problems: problems}
			}
			return planned, nil
		})
	}
}

// mismatches returns what is wrong with a table of which the given columns are known.
func mismatches(modify *atlas.ModifyTable, columns []string) (problems []string) {
	table := modify.T.Name
	for _, change := range modify.Changes {
		switch c := change.(type) {
		case *atlas.ModifyColumn:
			if slices.Contains(columns, c.To.Name) && (c.Change.Is(atlas.ChangeType) || c.Change.Is(atlas.ChangeNull)) {
				problems = append(problems, fmt.Sprintf("column %q of table %q is %s, want %s", c.From.Name, table, describe(c.From), describe(c.To)))
			}
		case *atlas.AddPrimaryKey, *atlas.DropPrimaryKey, *atlas.ModifyPrimaryKey:
			if len(columns) > 0 {
				problems = append(problems, fmt.Sprintf("table %q has another primary key than \"id\"", table))
			}
		}
	}
	return problems
}

// describe writes the type of a column as in its definition.
func describe(c *atlas.Column) string {
	typ, err := postgres.FormatType(c.Type.Type)
	if err != nil {
		typ, err = sqlite.FormatType(c.Type.Type)
	}
	if err != nil {
		typ = c.Type.Raw
	}
	if c.Type.Null {
		return typ
	}
	return typ + " NOT NULL"
}
