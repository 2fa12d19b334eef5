package entauth

import (
	"slices"

	"entgo.io/ent/entc/gen"
)

// fixThrough corrects M2M edges through a type whose columns are not named as its fields,
// such as User to Organization through Member. Ent takes the names of the fields for those
// of the columns, and adds a unique index, which the auth tables do not have.
func fixThrough(g *gen.Graph) error {
	for _, n := range g.Nodes {
		for _, e := range n.Edges {
			if e.Through == nil {
				continue
			}
			for i, name := range e.Rel.Columns {
				if f := fieldOf(e.Through, name); f != nil {
					e.Rel.Columns[i] = f.StorageKey()
				}
			}
			table, err := entityOf(e.Through)
			if err != nil {
				return err
			}
			if table == "" {
				continue
			}
			e.Through.Indexes = slices.DeleteFunc(e.Through.Indexes, func(idx *gen.Index) bool {
				return idx.Unique && slices.Equal(idx.Columns, e.Rel.Columns)
			})
		}
	}
	return nil
}
