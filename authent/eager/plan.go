package eager

import (
	"context"
	"maps"
	"slices"
	"strings"

	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/sqlgraph"
)

// Tree is a query and the edges that it loads.
type Tree struct {
	// Root is the query. Its SQL and Args are empty: the driver is asked for them.
	Root *Node

	// Only says that the query fails if it finds more than one row. Its LIMIT is there to
	// find that out.
	Only bool

	// Limit is how many rows the query wants at most, or 0.
	Limit int

	// Logged says that a driver above logs statements: edges with statements of their own are left to Ent's
	// loaders, whose queries are logged.
	Logged bool

	// Nodes are the nodes below the root, each after its parent, in the order in which Ent
	// loads them.
	Nodes []*Node

	planned  []*Node
	prepared bool
	taken    bool
}

// Single reports whether the edges are loaded for one row at most.
func (t *Tree) Single() bool { return t.Only || t.Limit == 1 }

// Statement is the statement of a node, without its arguments.
type Statement struct {
	SQL     string // Ent's, with a stand-in for the keys of the parents
	KeyArg  int    // the position of the stand-in among the arguments
	Columns []string
	ID      string // the column that no two rows have the same value of, or "". Known if there are edges
	IDFirst bool   // the first column is the id
	Text    *Text
}

// Repeatable reports whether the statement gives the same rows each time it runs on the same data.
func (s *Statement) Repeatable() bool {
	if s.Text.windowed && !strings.Contains(s.SQL, numberColumn) { // Of the app: the order in a window is not known.
		return false
	}
	return s.Text.Stable() || !s.Text.Volatile && s.Text.orderedBy(s.ID) && readsOneTable(s.SQL)
}

// Given returns the argument that a column equals in all rows, or -1 if that is not the only condition of the statement.
func (s *Statement) Given(column int) int {
	pieces := s.Text.Pieces
	if len(pieces) != 2 || !readsOneTable(s.SQL) {
		return -1
	}
	before, ok := strings.CutSuffix(pieces[0].Text, " WHERE "+s.Columns[column]+" = ")
	if rest := pieces[1].Text; !ok || strings.Contains(before, " WHERE ") || rest != "" && rest != " LIMIT 1" && rest != " LIMIT 2" {
		return -1
	}
	return pieces[0].Arg
}

// Distinct reports whether no two rows of the statement have the same value in the first column.
func (s *Statement) Distinct() bool {
	return s.IDFirst && readsOneTable(s.SQL) && !strings.Contains(s.SQL, " UNION ")
}

// readsOneTable reports whether a statement selects from one table alone.
func readsOneTable(text string) bool {
	_, text, ok := strings.Cut(text, ` FROM "`)
	for ok {
		if _, text, ok = strings.Cut(text, `"`); !ok {
			break
		}
		if strings.HasPrefix(text, " WHERE ") || strings.HasPrefix(text, " ORDER ") {
			return true
		}
		text, ok = strings.CutPrefix(text, `."`) // The schema was before.
	}
	return false
}

// Node is a query of a tree.
type Node struct {
	// Statement and Key belong to all trees that have the node, if they are those of a prepared query or of an edge
	// whose statement is known.
	*Statement
	Key *Key

	// Args are the arguments of the statement, the stand-in included.
	Args []any

	// KeyColumn is the position of the column Key.Column in the statement of the parent.
	KeyColumn int

	Parent *Node // nil for the root
	Edges  []*Node

	// Partial says that the query loads other edges too, which are not in the plan.
	Partial bool

	recorded bool // the statement is known
	ready    bool // the result is there, or was given out

	tree   *Tree
	query  any
	slot   slot
	result any
	rows   Rows
	made   *made
}

// Loader is implemented by drivers that know trees.
type Loader interface {
	// LoadsTrees reports whether the driver takes the plan of a query from its context.
	LoadsTrees(context.Context) bool
}

// Start is called by a query that is about to run, with its specification complete. If the
// query may load edges in the same round trip, it returns its node, to which [Node.Edge] adds
// them. Otherwise it returns nil, and the query runs as it is. private reports whether the
// query is a copy that the plan made, and may be changed.
func Start(ctx context.Context, drv dialect.Driver, query any, spec *sqlgraph.QuerySpec, loads bool) (_ context.Context, n *Node, private bool) {
	if spec.ScanValues == nil { // It counts.
		return ctx, nil, false
	}
	if at, ok := ctx.Value(nodeKey{}).(*Node); ok {
		switch {
		case at.query != query:
		case at.Parent != nil && !at.ready:
			at.watch(spec)
			return ctx, at, true
		case at.Parent == nil && at.tree.prepared:
			ask(spec, at.SQL)
			return ctx, nil, false
		}
		if n := at.tree.find(query); n != nil && n.ready {
			n.serve(spec)
			return context.WithValue(ctx, nodeKey{}, n), nil, false
		}
		// The statement is not that of the tree, however much it looks like it.
		ctx = context.WithValue(ctx, nodeKey{}, none)
	}
	if !loads {
		return ctx, nil, false
	}
	known, logged := LoadsTrees(ctx, drv)
	if !known {
		return ctx, nil, false
	}
	op := ent.QueryFromContext(ctx)
	n = &Node{Statement: &Statement{}, Key: &Key{}, query: query}
	n.tree = &Tree{
		Root:   n,
		Only:   op != nil && op.Op == ent.OpQueryOnly && spec.Limit == 2 && spec.Offset == 0,
		Limit:  spec.Limit,
		Logged: logged,
	}
	n.watch(spec)
	return context.WithValue(ctx, nodeKey{}, n), n, false
}

// watch makes a query tell what it selects.
func (n *Node) watch(spec *sqlgraph.QuerySpec) {
	id := ""
	if spec.Node.ID != nil && spec.From == nil {
		id = spec.Node.ID.Column
	}
	addModifier(spec, func(s *sql.Selector) { n.record(s, id) })
}

// none is the node of a query that is not in a tree.
var none = &Node{tree: &Tree{taken: true}}

// find returns the node of an edge's query, or nil.
func (t *Tree) find(query any) *Node {
	for _, n := range t.planned {
		if n.query == query {
			return n
		}
	}
	return nil
}

// addModifier adds a modifier without changing the slice of the query.
func addModifier(spec *sqlgraph.QuerySpec, f func(*sql.Selector)) {
	spec.Modifiers = append(slices.Clip(spec.Modifiers), f)
}

// LoadsTrees reports whether a driver knows trees, or one that it wraps, and whether one above it logs statements.
func LoadsTrees(ctx context.Context, drv any) (loads, logged bool) {
	for {
		switch d := drv.(type) {
		case Loader:
			return d.LoadsTrees(ctx), logged
		case *dialect.DebugDriver:
			drv, logged = d.Driver, true
		case *dialect.DebugTx:
			drv, logged = d.Tx, true
		case interface{ Unwrap() any }:
			drv = d.Unwrap()
		default:
			return false, logged
		}
	}
}

// SetQuery sets the query of the node: a copy that was made for the plan.
func (n *Node) SetQuery(query any) { n.query = query }

// Edge adds an edge to a node: query is the edge's query, a copy made for the plan, and load
// calls Ent's loader for it with stand-ins for the parents. at is where the query of the parent
// holds the edge's. If it returns false the edge cannot be planned, and Ent's loader is to run as
// always.
func (n *Node) Edge(ctx context.Context, query any, key Key, at slot, load func(context.Context) error) bool {
	if key.StandIn == nil {
		n.Partial = true
		return false
	}
	e := &Node{Statement: &Statement{}, Key: &key, Parent: n, tree: n.tree, query: query, slot: at}
	// The loader is stopped by an error when the statement is ready. Another error says that
	// the query cannot run: if there are parents, the loader meets it again.
	_ = load(context.WithValue(ctx, nodeKey{}, e))
	if !e.recorded {
		n.Partial = true
		return false
	}
	n.add(e)
	return true
}

// add adds the node of an edge.
func (n *Node) add(e *Node) {
	n.Edges = append(n.Edges, e)
	n.tree.planned = append(n.tree.planned, e)
}

// errStop stops a loader whose statement is known.
type errStop struct{}

func (errStop) Error() string { return "eager: the statement of the edge is planned" }

// record is the last modifier of a query: it takes down what the query selects and, for an
// edge, the statement, which is then not sent. id is the name of the id, or "".
func (n *Node) record(s *sql.Selector, id string) {
	n.Columns = splitColumns(s.SelectedColumns())
	n.IDFirst = id != "" && len(n.Columns) > 0 && isNamed(n.Columns[0], id)
	if len(n.Edges) > 0 {
		table := qualifier(s)
		if id != "" {
			n.ID = qualified(table, id)
		}
		n.keep(func(e *Node) bool {
			e.KeyColumn = slices.Index(n.Columns, qualified(table, e.Key.Column))
			return e.KeyColumn >= 0
		})
	}
	if n.Parent == nil || s.Err() != nil {
		return
	}
	n.SQL, n.Args = s.Query()
	n.recorded = n.takeApart() && n.findKey()
	s.AddError(errStop{})
}

// keep keeps the edges for which f returns true in the plan.
func (n *Node) keep(f func(*Node) bool) {
	planned := len(n.Edges)
	n.Edges = slices.DeleteFunc(n.Edges, func(e *Node) bool { return !f(e) })
	n.Partial = n.Partial || len(n.Edges) < planned
}

// takeApart splits the statement, and drops the edges whose keys are not where they should
// be.
func (n *Node) takeApart() bool {
	var ok bool
	n.Text, ok = Split(n.SQL)
	if !ok || !inRange(n.Text.Pieces, len(n.Args)) {
		return false
	}
	if !n.selectsKeys(n.SQL) {
		n.keep(func(*Node) bool { return false })
	}
	return true
}

// selectsKeys reports whether a statement begins with the columns that were selected, so
// that the positions of the keys are right.
func (n *Node) selectsKeys(text string) bool {
	last := -1
	for _, e := range n.Edges {
		last = max(last, e.KeyColumn)
	}
	text, ok := n.afterColumns(text, last+1)
	return ok && (strings.HasPrefix(text, ", ") || strings.HasPrefix(text, " "))
}

// afterColumns returns what comes in a statement after the first columns that were selected. ok is false if it does
// not begin with them.
func (n *Node) afterColumns(text string, columns int) (rest string, ok bool) {
	if text, ok = strings.CutPrefix(text, "SELECT "); !ok {
		return "", false
	}
	text = strings.TrimPrefix(text, "DISTINCT ")
	for i, c := range n.Columns[:columns] {
		if i > 0 {
			if text, ok = strings.CutPrefix(text, ", "); !ok {
				return "", false
			}
		}
		if text, ok = strings.CutPrefix(text, c); !ok {
			return "", false
		}
	}
	return text, true
}

// findKey finds the stand-in among the arguments: it is there once, alone in an IN.
func (n *Node) findKey() bool {
	n.KeyArg = -1
	for i, arg := range n.Args {
		if arg != n.Key.StandIn {
			continue
		}
		if n.KeyArg >= 0 {
			return false
		}
		n.KeyArg = i
	}
	if n.KeyArg < 0 {
		return false
	}
	found := 0
	for i, p := range n.Text.Pieces {
		if p.Arg != n.KeyArg {
			continue
		}
		found++
		if !strings.HasSuffix(p.Text, " IN (") || i+1 >= len(n.Text.Pieces) || !strings.HasPrefix(n.Text.Pieces[i+1].Text, ")") {
			return false
		}
	}
	return found == 1
}

// serve makes the query ask for nothing but the result of its node. The driver, and whoever
// logs statements, is given the statement that was sent.
func (n *Node) serve(spec *sqlgraph.QuerySpec) { ask(spec, n.SQL) }

// ask makes a query ask for nothing but the result of a statement.
func ask(spec *sqlgraph.QuerySpec, statement string) {
	text, ok := strings.CutPrefix(statement, "SELECT ")
	if !ok {
		text = "NULL"
	}
	spec.From = sql.Dialect(dialect.Postgres).Select()
	spec.Node.Columns = nil
	spec.Predicate, spec.Order = nil, nil
	spec.Limit, spec.Offset, spec.Unique = 0, 0, false
	spec.Modifiers = []func(*sql.Selector){func(s *sql.Selector) { s.SelectExpr(sql.Raw(text)) }}
}

// Names returns the names of edges in order, so that a plan is the same each time.
func Names[Q any](named map[string]Q) []string {
	return slices.Sorted(maps.Keys(named))
}
