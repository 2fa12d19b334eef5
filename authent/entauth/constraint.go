package entauth

import (
	"slices"

	"entgo.io/ent/entc/gen"

	"github.com/agentuity/auth-go/mixins"
)

// uniqueConstraints returns the names of the unique indexes that are marked with
// mixins.UniqueConstraint, sorted.
func uniqueConstraints(g *gen.Graph) []string {
	var names []string
	for _, n := range g.Nodes {
		for _, idx := range n.Indexes {
			if _, ok := idx.Annotations[mixins.UniqueConstraint().Name()]; ok && idx.Unique {
				names = append(names, idx.Name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
