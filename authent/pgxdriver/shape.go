package pgxdriver

import (
	"encoding/json"
	"math"
	"strings"
	"sync"

	"github.com/agentuity/auth-go/authent/eager"
)

// A statement runs again for each edge that it is the parent of if its cost, in the units of the
// server's planner, is at most maxCost, or maxRowCost for each row that it found: then what it takes is
// little beside what its edges take. The server is asked again after explainedRuns.
const (
	maxCost       = 100
	maxRowCost    = 0.2
	explainedRuns = 1000
)

// Rows of edges come in those of the root if that is one row, or if all are edges to one and
// the root has up to maxHolders rows. If they were more than that, or more than maxNestedBytes,
// the next pauseNesting runs of the tree do without.
const (
	maxHolders     = 32
	maxNestedBytes = 64 << 10
	pauseNesting   = 64
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
	holds  bool // rows of edges can come in those of the root

	mu       sync.Mutex
	cost     []float64 // of the statements of the nodes, negative if it is not known
	rows     []int64   // that they found last
	runs     int
	few      bool // the root has up to maxHolders rows
	refused  bool // the server refused a statement with nested rows
	pause    int
	composed map[string]*composed
}

// shapeNode is a node of a shape: its statement without arguments.
type shapeNode struct {
	eager.Statement
	key       eager.Key
	keyColumn int
	keyName   string // of the parent's column
	parent    int
	edges     []int
	one       bool // it and all below are edges to one
	nests     bool // its rows, and those below, can come in those of its parents
	partial   bool
	names     []string
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
		if n.SQL != known.SQL || n.KeyArg != known.KeyArg || n.KeyColumn != known.keyColumn || n.Key.Nests != known.key.Nests || n.Key.One != known.key.One || n.Partial != known.partial {
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
		holds:    tree.Root.HoldsRows(),
		cost:     make([]float64, len(tree.Nodes)+1),
		rows:     make([]int64, len(tree.Nodes)+1),
		few:      tree.Limit > 0 && tree.Limit <= maxHolders,
		composed: make(map[string]*composed),
	}
	number := make(map[*eager.Node]int, len(s.nodes))
	add := func(i int, n *eager.Node) {
		number[n] = i
		s.nodes[i] = shapeNode{Statement: n.Statement, key: n.Key, keyColumn: n.KeyColumn, partial: n.Partial}
		node := &s.nodes[i]
		node.Args, node.key.StandIn = nil, nil
		for c := range n.Columns {
			node.names = append(node.names, strings.Trim(n.Name(c), `"`))
		}
		if n.Parent == nil {
			return
		}
		node.parent = number[n.Parent]
		node.keyName = n.Parent.Name(n.KeyColumn)
		parent := &s.nodes[node.parent]
		parent.edges = append(parent.edges, i)
		node.nests = s.holds && n.Nestable(s.single && n.Parent == tree.Root)
		node.one = oneOnly(n)
	}
	add(0, tree.Root)
	size := len(tree.Root.SQL)
	for i, n := range tree.Nodes {
		add(i+1, n)
		size += len(n.SQL)
	}
	s.passes = size > maxShapeText
	s.forgetCosts()
	return s
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

// choice is how the nodes of a tree find their parents: a byte for each.
type choice []byte

const (
	comesNested = 1 << iota // they come in the rows of the parents
	runsAgain               // the statement of the node is part of those of its edges
	isExplained             // the statement of the node is to be explained
)

// choose chooses how a tree is loaded. typed says that the driver knows the types of columns, and again
// that statements may run again for their edges.
func (s *shape) choose(c choice, typed, again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pause > 0 {
		s.pause--
		typed = false
	}
	for i := range s.nodes {
		n := &s.nodes[i]
		switch {
		case i == 0 || s.nodes[i].parent > 0 && c[n.parent]&comesNested == 0:
		case n.parent > 0:
			c[i] |= comesNested
		case typed && n.nests && !s.refused && (s.single || n.one && s.few):
			c[i] |= comesNested
		}
	}
	if !again || s.passes {
		return
	}
	if s.runs++; s.runs > explainedRuns {
		s.runs = 0
		s.forgetCosts()
	}
	// A statement may run again if that is known to be cheap, and gives the same rows again.
	for i := range s.nodes {
		n := &s.nodes[i]
		if c[i]&comesNested != 0 || !s.hasOwn(c, n) || i > 0 && c[n.parent]&(runsAgain|isExplained) == 0 {
			continue
		}
		if !n.Repeatable() && (i > 0 || !s.only) {
			continue
		}
		switch {
		case s.cost[i] < 0:
			c[i] |= isExplained
		case s.cost[i] > maxCost && s.cost[i] > maxRowCost*float64(s.rows[i]):
		case i == 0 || c[n.parent]&runsAgain != 0:
			c[i] |= runsAgain
		}
	}
}

// hasOwn reports whether a node has edges that have a statement of their own.
func (s *shape) hasOwn(c choice, n *shapeNode) bool {
	for _, e := range n.edges {
		if c[e]&comesNested == 0 {
			return true
		}
	}
	return false
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

// refuse notes that the server does not take nested rows.
func (s *shape) refuse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = true
}

// found notes how many rows the statements found.
func (s *shape) found(rows []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	copy(s.rows, rows)
}

// holdsRows notes how many rows the root has, and the bytes of those that came in them.
func (s *shape) holdsRows(rows int64, nested int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.few = rows <= maxHolders
	if nested > maxNestedBytes || nested > 0 && !s.few {
		s.pause = pauseNesting
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
