package entauth

import (
	"fmt"
	"maps"

	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/entc/gen"

	"github.com/agentuity/auth-go/mixins"
)

// shareIDs finds the tables whose primary key is also the foreign key of an edge, and
// makes Ent treat it as one column. Ent takes the key for a second one.
func shareIDs(g *gen.Graph) error {
	var problems problems
	for _, n := range g.Nodes {
		e := sharedIDEdge(n)
		if e == nil {
			if err := checkSharedID(&problems, n); err != nil {
				return err
			}
			continue
		}
		if t, u := n.ID.Type.String(), e.Type.ID.Type.String(); t != u {
			problems.add(n, "the primary key %q is the foreign key of edge %q, but its type is %s and the id of %s is %s: give both the same type", n.ID.StorageKey(), e.Name, t, e.Type.Name, u)
			continue
		}
		if e.Ref != nil && !e.Ref.Optional {
			problems.add(e.Type, "edge %q is required, but the %s that it leads to has its id from here and cannot be created first: remove Required()", e.Ref.Name, n.Name)
			continue
		}
		// With the assoc edge at this end, an edge to many at the other one has one row at most, and no Unique: that
		// would move the key.
		if e.Ref != nil && !e.Ref.Unique && e.IsInverse() {
			problems.add(e.Type, "edge %q leads to %s, which has the id of this one and is therefore one row at most: add Unique()", e.Ref.Name, n.Name)
			continue
		}
		for _, fk := range n.ForeignKeys {
			if fk.Edge == e || fk.Edge == e.Ref {
				fk.Field, fk.UserDefined = n.ID, true
			}
		}
		// The key of a row does not change, and it is never made by the database.
		e.Optional, e.Immutable = false, true
		if e.Ref != nil {
			e.Ref.Immutable = true
		}
		off := false
		ant := entsql.Annotation{Incremental: &off}
		if prev := n.ID.EntSQL(); prev != nil {
			ant = prev.Merge(ant).(entsql.Annotation)
		}
		annotations := maps.Clone(n.ID.Annotations)
		annotations.Set(ant.Name(), ant)
		n.ID.Annotations = annotations
	}
	return problems.err()
}

// checkSharedID reports a type with mixins.SharedID whose edge does not have the primary key
// for its column. That is said by the type at the other end.
func checkSharedID(problems *problems, t *gen.Type) error {
	var ant mixins.SharedIDAnnotation
	raw, ok := t.Annotations[ant.Name()]
	if !ok {
		return nil
	}
	if err := ant.Decode(raw); err != nil {
		return fmt.Errorf("entauth: %s: %w", t.Name, err)
	}
	for _, e := range t.Edges {
		if e.Name == ant.Edge && e.Ref != nil {
			problems.add(e.Type, "edge %q leads to %s, whose primary key is to be its foreign key %q: write edge.To(%q, %s.Type).Unique().StorageKey(edge.Column(%q))",
				e.Ref.Name, t.Name, t.ID.StorageKey(), e.Ref.Name, t.Name, t.ID.StorageKey())
			return nil
		}
	}
	problems.add(t, "has mixins.SharedID, whose edge %q is not there", ant.Edge)
	return nil
}

// sharedIDEdge returns the edge whose foreign key is the primary key of the type, or nil.
func sharedIDEdge(t *gen.Type) *gen.Edge {
	if !t.HasOneFieldID() {
		return nil
	}
	for _, e := range t.Edges {
		if e.OwnFK() && !e.Bidi && e.Rel.Column() == t.ID.StorageKey() {
			return e
		}
	}
	return nil
}

// sharesID reports whether e is the edge whose foreign key is the primary key of t.
func sharesID(t *gen.Type, e *gen.Edge) bool {
	shared := sharedIDEdge(t)
	return shared != nil && shared == e
}
