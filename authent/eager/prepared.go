package eager

import (
	"context"
	"slices"
)

// Bind makes a query the one of the node. at is where the query of the parents holds it.
func (n *Node) Bind(query any, at slot) { n.query, n.slot = query, at }

// Instance returns a copy of a tree that was taken, for one run of it: with arguments args(i) for node i, of which
// 0 is the root.
func (t *Tree) Instance(args func(i int) ([]any, error)) (*Tree, error) {
	c := &Tree{Only: t.Only, Limit: t.Limit, prepared: true}
	nodes := make([]Node, len(t.Nodes)+1)
	pointers := make([]*Node, len(nodes))
	edges := make([]*Node, 0, len(t.Nodes))
	for i := range nodes {
		pointers[i] = &nodes[i]
	}
	c.Root, c.Nodes = pointers[0], pointers[1:]
	// The nodes below a node come after it, so each finds its copy.
	copies := func(n *Node) *Node {
		if n == t.Root {
			return c.Root
		}
		for i, other := range t.Nodes {
			if other == n {
				return c.Nodes[i]
			}
		}
		return nil
	}
	for i := range nodes {
		n := t.Root
		if i > 0 {
			n = t.Nodes[i-1]
		}
		nodes[i] = Node{Statement: n.Statement, Key: n.Key, KeyColumn: n.KeyColumn, Partial: n.Partial, tree: c, query: n.query, recorded: true}
		if i > 0 {
			nodes[i].Parent = copies(n.Parent)
		}
		first := len(edges)
		for _, e := range n.Edges {
			edges = append(edges, copies(e))
		}
		nodes[i].Edges = edges[first:len(edges):len(edges)]
		var err error
		if nodes[i].Args, err = args(i); err != nil {
			return nil, err
		}
	}
	c.planned = c.Nodes
	return c, nil
}

// Whole reports whether all edges of the query are in the tree.
func (t *Tree) Whole() bool {
	for _, n := range t.Nodes {
		if n.Partial {
			return false
		}
	}
	return !t.Root.Partial
}

// Makes reports whether the entities of all edges are made without Ent's loaders, if nothing fails.
func (t *Tree) Makes() bool {
	return !slices.ContainsFunc(t.Root.Edges, func(e *Node) bool { return !e.Makes() })
}

// Loaded reports whether no edge is left to Ent's loaders.
func (t *Tree) Loaded() bool {
	return !slices.ContainsFunc(t.Root.Edges, func(e *Node) bool { return !e.loaded() })
}

// Context returns a context in which the query of the root is to be run.
func (t *Tree) Context(ctx context.Context) context.Context {
	return context.WithValue(ctx, nodeKey{}, t.Root)
}

// Arguments returns the arguments of the root's statement: those that the driver was given, or those that
// were bound to it.
func (t *Tree) Arguments(given []any) []any {
	if t.prepared {
		return t.Root.Args
	}
	return given
}
