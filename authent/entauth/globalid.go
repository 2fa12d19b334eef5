package entauth

import (
	"maps"

	"entgo.io/ent/entc/gen"
)

// dropTextIncrements undoes what the feature sql/globalid does to tables whose id is no
// number. It gives every table a range of ids to count in, and SQLite cannot create one
// for a table that does not count.
func dropTextIncrements(g *gen.Graph) {
	for _, n := range g.Nodes {
		ant := n.EntSQL()
		if ant == nil || ant.IncrementStart == nil || n.HasOneFieldID() && n.ID.Type.Type.Integer() && sharedIDEdge(n) == nil {
			continue
		}
		ant.IncrementStart = nil
		annotations := maps.Clone(n.Annotations)
		annotations.Set(ant.Name(), ant)
		n.Annotations = annotations
	}
}
