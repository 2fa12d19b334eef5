package eager

import (
	"context"
	"slices"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
)

// Plain remembers the statements of an edge whose query asks for nothing of its own but an order, so that it
// need not be planned each time. The zero value is ready for use, by many goroutines; nil
// remembers nothing.
type Plain struct {
	public, secret cache[*plain] // by order, without and with secret columns
}

// plain is a statement with its arguments.
type plain struct {
	statement *Statement
	args      []any
}

// maxOrders is how many orders of an edge are remembered.
const maxOrders = 64

func (p *Plain) of(secrets bool) *cache[*plain] {
	if secrets {
		return &p.secret
	}
	return &p.public
}

// OrderText returns what the terms of an order write into a statement that has nothing else, or "" if there are
// none: it tells orders apart. ok is false for terms with arguments, and for those that fail.
func OrderText[O ~func(*sql.Selector)](ctx context.Context, table string, terms []O) (text string, ok bool) {
	if len(terms) == 0 {
		return "", true
	}
	b := sql.Dialect(dialect.Postgres)
	s := b.Select().From(b.Table(table)).WithContext(ctx)
	for _, term := range terms {
		term(s)
	}
	text, args := s.Query()
	return text, len(args) == 0 && s.Err() == nil
}

// Join adds the edge to the plan of its parents, as [Node.Edge] does, if its statement is
// known. Otherwise it returns nil. order is the OrderText of the query.
func (p *Plain) Join(parent *Node, key Key, order string, query any, at slot, secrets bool) *Node {
	if p == nil {
		return nil
	}
	known, ok := p.of(secrets).get(order)
	if !ok {
		return nil
	}
	e := &Node{Statement: known.statement, Args: known.args, Key: &key, Parent: parent, tree: parent.tree, query: query, slot: at, recorded: true}
	parent.add(e)
	return e
}

// Keep keeps the statement of the edge that was planned last.
func (p *Plain) Keep(parent *Node, order string, secrets bool) {
	if p == nil {
		return
	}
	e := parent.Edges[len(parent.Edges)-1]
	p.of(secrets).set(order, &plain{e.Statement, e.Args}, maxOrders)
}

// Planned finds the keys of the edges that were added to a node whose statement is known.
func (n *Node) Planned() {
	n.keep(func(e *Node) bool {
		e.KeyColumn = slices.IndexFunc(n.Columns, func(c string) bool { return isNamed(c, e.Key.Column) })
		return e.KeyColumn >= 0
	})
}
