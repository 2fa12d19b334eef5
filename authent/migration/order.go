package migration

import (
	"slices"

	atlas "ariga.io/atlas/sql/schema"
	"entgo.io/ent/dialect/sql/schema"
)

// OrderColumns creates the columns of the given tables in the given order, and those that
// are not named after them. Ent itself puts foreign keys last. Tables that exist keep the
// order they have.
func OrderColumns(tables map[string][]string) schema.DiffHook {
	return func(next schema.Differ) schema.Differ {
		return schema.DiffFunc(func(current, desired *atlas.Schema) ([]atlas.Change, error) {
			for _, t := range desired.Tables {
				if order := tables[t.Name]; order != nil {
					slices.SortStableFunc(t.Columns, func(a, b *atlas.Column) int {
						return position(order, a.Name) - position(order, b.Name)
					})
				}
			}
			return next.Diff(current, desired)
		})
	}
}

// position returns the index of a column in the order, or that after the last.
func position(order []string, column string) int {
	if i := slices.Index(order, column); i >= 0 {
		return i
	}
	return len(order)
}
