package migration

import (
	atlas "ariga.io/atlas/sql/schema"
	"entgo.io/ent/dialect/sql/schema"
)

// KeepDefaults recognizes the default of a column that SQLite reports without the
// parentheses that it was created with: CURRENT_TIMESTAMP for (CURRENT_TIMESTAMP). Ent takes
// it for another default, and would build the table anew in every migration.
func KeepDefaults(next schema.Differ) schema.Differ {
	return schema.DiffFunc(func(current, desired *atlas.Schema) ([]atlas.Change, error) {
		for _, t := range desired.Tables {
			was, ok := current.Table(t.Name)
			if !ok {
				continue
			}
			for _, c := range t.Columns {
				if before, ok := was.Column(c.Name); ok {
					keepDefault(before, c)
				}
			}
		}
		return next.Diff(current, desired)
	})
}

func keepDefault(before, c *atlas.Column) {
	x1, ok1 := before.Default.(*atlas.RawExpr)
	x2, ok2 := c.Default.(*atlas.RawExpr)
	if ok1 && ok2 && x2.X == "("+x1.X+")" {
		c.Default = x1
	}
}
