package eager

import "context"

// nodeKey is where a context holds the node of the query that runs.
type nodeKey struct{}

// Take returns the tree of which a statement is the root, or nil. A tree is taken once.
func Take(ctx context.Context, query string) *Tree {
	n, ok := ctx.Value(nodeKey{}).(*Node)
	if !ok || n.Parent != nil || n.tree.taken || len(n.Edges) == 0 {
		return nil
	}
	t := n.tree
	if t.prepared {
		t.taken = true
		return t
	}
	if !n.selectsKeys(query) {
		return nil
	}
	n.SQL = query
	if n.Text, ok = Split(query); !ok {
		return nil
	}
	t.taken = true
	t.Nodes = appendNodes(nil, n)
	return t
}

// Bind replaces the arguments of the edges in the plan of a context, if the context's query is its root and was not
// sent: for a driver that replaces arguments before it hands the query on.
func Bind(ctx context.Context, replace func(args []any) ([]any, error)) error {
	n, ok := ctx.Value(nodeKey{}).(*Node)
	if !ok || n.Parent != nil || n.tree.taken || n.tree.prepared {
		return nil
	}
	for _, e := range appendNodes(nil, n) {
		args, err := replace(e.Args)
		if err != nil {
			return err
		}
		e.Args = args
	}
	return nil
}

// appendNodes appends the nodes below a node.
func appendNodes(nodes []*Node, n *Node) []*Node {
	for _, e := range n.Edges {
		nodes = appendNodes(append(nodes, e), e)
	}
	return nodes
}

// SetResult keeps the result of a node for the query that it belongs to.
func (n *Node) SetResult(result any) { n.result, n.ready = result, true }

// Result returns the result of the node whose query runs in the context. ok is false if
// there is none: then the statement is to be sent. A result is given out once.
func Result(ctx context.Context) (result any, ok bool) {
	n, isNode := ctx.Value(nodeKey{}).(*Node)
	if !isNode || n.Parent == nil || !n.ready || n.result == nil {
		return nil, false
	}
	for e := range n.Attached() {
		e.taken()
	}
	result, n.result = n.result, nil
	return result, true
}
