package mixins

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
)

// Omit leaves out the edge whose name it is given as. An app that has no
// organizations leaves out the edges that lead to them:
//
//	mixins.User{EdgeNames: mixins.UserEdges{
//		Members:     mixins.Omit,
//		Invitations: mixins.Omit,
//	}}
const Omit = "-"

// belongsTo is the edge from an auth table to the table that its foreign key refers to.
// The table that holds the key defines the edge: the name of the constraint is its own.
func belongsTo(name string, to any, field, symbol string) ent.Edge {
	return edge.To(name, to).
		Field(field).
		Unique().
		Required().
		StorageKey(edge.Symbol(symbol)).
		Annotations(entsql.OnDelete(entsql.Cascade))
}

// hasMany is an edge back from the table that is referred to.
type hasMany struct {
	name, preset string // The name that the app chose, and the name without a choice.
	from         any    // The type that holds the foreign key.
	ref          string // Its edge.
}

// edges returns the edges that are not omitted.
func edges(all ...hasMany) []ent.Edge {
	kept := make([]ent.Edge, 0, len(all))
	for _, e := range all {
		name := e.name
		switch name {
		case Omit:
			continue
		case "":
			name = e.preset
		}
		kept = append(kept, edge.From(name, e.from).Ref(e.ref))
	}
	return kept
}
