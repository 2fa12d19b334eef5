package pgxdriver

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/agentuity/auth-go/authent/eager"
)

// maxShapes is how many shapes are remembered, and maxShapeText how long the statements of one may
// be together: a longer one has a long list of arguments, and hardly comes again.
const (
	maxShapes    = 2048
	maxShapeText = 16 << 10
)

// shapes remember what is known of trees that have the same statements.
type shapes struct {
	mu    sync.RWMutex
	known map[string][]*shape // by the statement of the root
	count int
}

// shape is what trees with the same statements have in common. Node 0 is the root.
type shape struct {
	nodes  []shapeNode
	single bool
	only   bool
	passes bool // it is not remembered
	spread int  // the edge to many that may be joined to the one row of the root, or 0
	mixed  bool // rows of edges are nested in those of spread

	mu        sync.Mutex
	cost      []float64 // of the statements of the nodes, negative if it is not known
	rows      []int64   // that they found last, negative if it is not known
	shared    []int64   // how many more rows than the node its parents had then
	runs      int
	refused   bool // the server refused a statement with rows of edges
	joining   pause
	nesting   pause
	spreading pause
	composed  map[string]*composed
}

// shapeNode is a node of a shape: its statement without arguments.
type shapeNode struct {
	eager.Statement
	key       eager.Key
	keyColumn int
	keyName   string // of the parent's column
	given     int    // the argument of the root that is the key of all its rows, or -1
	parent    int
	edges     []int
	one       bool // it and all below are edges to one
	joins     bool // it can be joined to its parents
	joinsAll  bool // so can all below
	width     int  // how many columns its rows have, with those below
	nests     bool // its rows, and those below, can come in those of its parents
	makes     bool // its entities, and those below, can be made as the rows arrive
	order     string
	ordered   bool // the order is known
	partial   bool
	names     []string
	columns   *edgeColumns // of its rows where they come in those of its parents
}

// of returns the shape of a tree.
func (s *shapes) of(tree *eager.Tree) *shape {
	root := tree.Root.SQL
	s.mu.RLock()
	for _, known := range s.known[root] {
		if known.fits(tree) {
			s.mu.RUnlock()
			return known
		}
	}
	s.mu.RUnlock()
	made := newShape(tree)
	if made.passes {
		return made
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, known := range s.known[root] {
		if known.fits(tree) {
			return known
		}
	}
	if s.known == nil || s.count >= maxShapes {
		s.known, s.count = make(map[string][]*shape), 0
	}
	s.known[root] = append(s.known[root], made)
	s.count++
	return made
}

// fits reports whether a tree has the shape.
func (s *shape) fits(tree *eager.Tree) bool {
	if len(tree.Nodes)+1 != len(s.nodes) || tree.Only != s.only || tree.Single() != s.single {
		return false
	}
	for i, n := range tree.Nodes {
		known := &s.nodes[i+1]
		if n.SQL != known.SQL || n.KeyArg != known.KeyArg || n.KeyColumn != known.keyColumn || (n.Key.Make == nil) != (known.key.Make == nil) || n.Key.One != known.key.One || n.Partial != known.partial {
			return false
		}
		parent := 0
		if n.Parent != tree.Root {
			for j := range i {
				if tree.Nodes[j] == n.Parent {
					parent = j + 1
				}
			}
		}
		if parent != known.parent {
			return false
		}
	}
	return true
}

// newShape returns the shape of a tree.
func newShape(tree *eager.Tree) *shape {
	s := &shape{
		nodes:    make([]shapeNode, len(tree.Nodes)+1),
		single:   tree.Single(),
		only:     tree.Only,
		cost:     make([]float64, len(tree.Nodes)+1),
		rows:     make([]int64, len(tree.Nodes)+1),
		shared:   make([]int64, len(tree.Nodes)+1),
		composed: make(map[string]*composed),
	}
	number := make(map[*eager.Node]int, len(s.nodes))
	add := func(i int, n *eager.Node) {
		number[n] = i
		s.nodes[i] = shapeNode{Statement: *n.Statement, key: *n.Key, keyColumn: n.KeyColumn, partial: n.Partial, columns: &edgeColumns{}}
		node := &s.nodes[i]
		node.given = -1
		node.key.StandIn = nil
		for c := range n.Columns {
			node.names = append(node.names, strings.Trim(n.Name(c), `"`))
		}
		s.rows[i] = -1
		node.order, node.ordered = n.Order(rowsOf(i) + ".")
		if n.Parent == nil {
			return
		}
		node.parent = number[n.Parent]
		node.keyName = n.Parent.Name(n.KeyColumn)
		if n.Parent == tree.Root {
			node.given = tree.Root.Given(n.KeyColumn)
		}
		parent := &s.nodes[node.parent]
		parent.edges = append(parent.edges, i)
		node.nests = holdsRows(n.Parent) && n.Nestable(s.single && n.Parent == tree.Root)
		node.makes = n.Makes()
		node.one = oneOnly(n)
		node.joins = node.nests && n.Key.One && parent.ordered
	}
	add(0, tree.Root)
	if tree.Limit > 0 {
		s.rows[0] = int64(tree.Limit)
	}
	size := len(tree.Root.SQL)
	for i, n := range tree.Nodes {
		add(i+1, n)
		size += len(n.SQL)
	}
	for i := len(s.nodes) - 1; i > 0; i-- {
		n := &s.nodes[i]
		n.joinsAll = n.joins && !slices.ContainsFunc(n.edges, func(e int) bool { return !s.nodes[e].joinsAll })
		n.width = len(n.names)
		for _, e := range n.edges {
			n.width += s.nodes[e].width
		}
	}
	s.spread = s.findSpread(tree)
	s.mixed = slices.ContainsFunc(s.nodes[s.spread].edges, func(e int) bool { return !s.nodes[e].joinsAll })
	s.passes = size > maxShapeText
	s.forgetCosts()
	return s
}

// findSpread returns the edge to many whose rows may be joined to the one row of the root: the only one, and the
// rows of all others are joined too.
func (s *shape) findSpread(tree *eager.Tree) (spread int) {
	root := &s.nodes[0]
	if !s.single || !root.ordered || !tree.Root.Distinct() {
		return 0
	}
	for _, i := range root.edges {
		n := &s.nodes[i]
		switch {
		case n.joinsAll:
		case spread > 0 || n.key.One || !n.nests || !n.ordered || !n.IDFirst || n.keyColumn != 0:
			return 0
		default:
			spread = i
		}
	}
	return spread
}

// holdsRows reports whether rows of edges can come in those of a node. Of rows of many to many that are the same Ent makes
// one entity: then it is not known which row an entity is.
func holdsRows(n *eager.Node) bool {
	return n.HoldsRows() && (n.Parent == nil || n.Key.Make != nil)
}

func (s *shape) forgetCosts() {
	for i := range s.cost {
		s.cost[i] = -1
	}
}

// oneOnly reports whether a node and all below are edges to one.
func oneOnly(n *eager.Node) bool {
	if !n.Key.One {
		return false
	}
	for _, e := range n.Edges {
		if !oneOnly(e) {
			return false
		}
	}
	return true
}

// compose returns the statements of a choice.
func (s *shape) compose(c choice) *composed {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.composed[string(c)]
	if !ok {
		known = newComposed(s.nodes, c)
		s.composed[string(c)] = known
	}
	return known
}

// costs notes the cost of a statement.
func (s *shape) costs(node int, cost float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cost[node] = cost
}

// refuse notes that the server does not take rows of edges in those of their parents.
func (s *shape) refuse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = true
}

// expected returns how many rows the statement of a node found when it ran last, or less than 0.
func (s *shape) expected(node int) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rows[node]
}

// found notes how many rows the statements found, less than 0 for nodes that had none.
func (s *shape) found(rows []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, n := range rows {
		if n < 0 {
			continue
		}
		s.rows[i] = n
		if i > 0 {
			s.shared[i] = rows[s.nodes[i].parent] - n
		}
	}
}

// costOf returns the cost of a statement that was explained.
func costOf(explained []byte) float64 {
	var plans []struct {
		Plan struct {
			TotalCost float64 `json:"Total Cost"`
		}
	}
	if err := json.Unmarshal(explained, &plans); err != nil || len(plans) == 0 {
		return math.Inf(1)
	}
	return plans[0].Plan.TotalCost
}
