package eager

import (
	"slices"
	"strings"
	"sync/atomic"
)

// Plain remembers the statement of an edge whose query asks for nothing of its own, so that it
// need not be planned each time. The zero value is ready for use, by many goroutines; nil
// remembers nothing.
type Plain struct {
	public, secret atomic.Pointer[plain] // without and with secret columns
}

// plain is a statement with its arguments.
type plain struct {
	statement *Statement
	args      []any
}

func (p *Plain) of(secrets bool) *atomic.Pointer[plain] {
	if secrets {
		return &p.secret
	}
	return &p.public
}

// Join adds the edge to the plan of its parents, as [Node.Edge] does, if its statement is
// known. Otherwise it returns nil.
func (p *Plain) Join(parent *Node, key Key, query any, at slot, secrets bool) *Node {
	if p == nil {
		return nil
	}
	known := p.of(secrets).Load()
	if known == nil {
		return nil
	}
	e := &Node{Statement: known.statement, Args: known.args, Key: &key, Parent: parent, tree: parent.tree, query: query, slot: at, recorded: true}
	parent.add(e)
	return e
}

// Keep keeps the statement of the edge that was planned last.
func (p *Plain) Keep(parent *Node, secrets bool) {
	if p == nil {
		return
	}
	e := parent.Edges[len(parent.Edges)-1]
	p.of(secrets).Store(&plain{e.Statement, e.Args})
}

// Planned finds the keys of the edges that were added to a node whose statement is known.
func (n *Node) Planned() {
	n.keep(func(e *Node) bool {
		name := `."` + e.Key.Column + `"`
		e.KeyColumn = slices.IndexFunc(n.Columns, func(c string) bool { return strings.HasSuffix(c, name) })
		return e.KeyColumn >= 0
	})
}
