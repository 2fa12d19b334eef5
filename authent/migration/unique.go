package migration

import (
	"slices"

	"ariga.io/atlas/sql/postgres"
	atlas "ariga.io/atlas/sql/schema"
	"entgo.io/ent/dialect/sql/schema"
)

// UniqueConstraints makes Postgres keep the unique indexes with the given names as
// constraints of their tables. It has no effect on other databases.
func UniqueConstraints(names ...string) schema.DiffHook {
	return func(next schema.Differ) schema.Differ {
		return schema.DiffFunc(func(current, desired *atlas.Schema) ([]atlas.Change, error) {
			for _, t := range desired.Tables {
				for _, idx := range t.Indexes {
					if slices.Contains(names, idx.Name) {
						idx.AddAttrs(postgres.UniqueConstraint(idx.Name))
					}
				}
			}
			return next.Diff(current, desired)
		})
	}
}
