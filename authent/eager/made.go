package eager

import (
	"slices"

	"entgo.io/ent/dialect/sql"
)

// Maker makes entities of the rows of an edge's own statement. query is that of the edge, and room for how many
// entities there is to be room at first. It returns a slice of entities.
type Maker func(query any, rows *sql.Rows, room int) (any, error)

// made are the entities of an edge's own statement, or why there are none.
type made struct {
	entities any
	err      error
}

// Makes reports whether the entities of the node, and of those below, can be made as the rows of their
// statements arrive: without Ent's loaders, which read them again when the parents are there.
func (n *Node) Makes() bool {
	return n.makes() && !slices.ContainsFunc(n.Edges, func(e *Node) bool { return !e.Makes() })
}

// makes reports whether entities of the type can be made of what the statement selects, and whether all edges of
// the query are in the plan.
func (n *Node) makes() bool {
	return n.Key.Make != nil && !n.Partial && n.selectsColumns(n.SQL)
}

// MakeEntities makes the entities of a node for which Makes returned true. An error is kept for its parents.
func (n *Node) MakeEntities(rows *sql.Rows, room int) {
	n.made = &made{}
	n.made.entities, n.made.err = n.Key.Make(n.query, rows, room)
}

// Made is called when all results were read. The edges from which nothing is missing are attached to their
// parents; all others are left to Ent's loaders.
func (t *Tree) Made() {
	for _, e := range t.Root.Edges {
		if e.settle() {
			e.taken()
		}
	}
}

// settle drops what was made of a node if anything below is missing, and reports whether it is complete.
func (n *Node) settle() bool {
	complete := n.loaded()
	for _, e := range n.Edges {
		if !e.settle() {
			complete = false
		}
	}
	if !complete {
		n.made = nil
	}
	return complete
}

// loaded reports whether the entities of the node are attached to their parents without Ent's loader.
func (n *Node) loaded() bool { return n.rows != nil || n.made != nil }
