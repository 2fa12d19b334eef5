package pgxdriver

import (
	"encoding/json"
	"math"
	"slices"
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

// The keys of parents are one array if they were up to maxArrayKeys when the statement ran last: the server looks
// for each in an index. For more it may know better.
const maxArrayKeys = 256

// The row of an edge to one is joined to those of its parents if they were up to maxJoining when the
// statement ran last. Rows of edges are nested in those of the root if that is one row, or if all are edges to
// one that cannot be joined and the root has up to maxHolders rows. If they were more than that, or more
// than maxJoinedBytes or maxNestedValues, the next pauseAlong runs of the tree do without joined or without nested rows, and each
// time twice as many up to maxPause: the binary form of a nested value takes the server 1 kB, and with more than a heap keeps between two statements it
// takes longer than all the rest.
//
// The rows of an edge to many are joined to the one row of the root, if all other edges of the root are joined to it.
// What came again of that row then was too much if it was more than maxRepeatedValues or maxRepeatedBytes: a
// pipeline takes the server about as much longer as 100 values.
const (
	maxJoining        = 1000
	maxJoinedBytes    = 512 << 10
	maxHolders        = 32
	maxNestedValues   = 32
	maxNestedBytes    = 64 << 10
	maxRepeatedValues = 128
	maxRepeatedBytes  = 16 << 10
	pauseAlong        = 64
	maxPause          = 4096
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
	runs      int
	refused   bool // the server refused a statement with rows of edges
	joining   pause
	nesting   pause
	spreading pause
	composed  map[string]*composed
}

// pause is how many runs of a tree do without something.
type pause struct{ left, last int }

// over reports whether the pause is over for a run.
func (p *pause) over() bool {
	if p.left > 0 {
		p.left--
		return false
	}
	return true
}

// start begins a pause that is twice as long as the last one.
func (p *pause) start() {
	p.last = min(max(2*p.last, pauseAlong), maxPause)
	p.left = p.last
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

// choice is how the nodes of a tree find their parents: a byte for each.
type choice []byte

const (
	comesJoined = 1 << iota // they come in the rows of the parents, as columns
	comesNested             // they come in the rows of the parents, as an array
	runsAgain               // the statement of the node is part of those of its edges
	isExplained             // the statement of the node is to be explained
	isFew                   // its keys are one array

	comesAlong = comesJoined | comesNested
)

// along is how rows may come in those of their parents.
type along struct{ joins, nests, spreads bool }

// choose chooses how a tree is loaded. rowsAlong says that rows of edges may come in those of their parents, and
// again that statements may run again for their edges.
func (s *shape) choose(c choice, rowsAlong, again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var may along
	if rowsAlong && !s.refused {
		may = along{joins: s.joining.over(), nests: s.nesting.over()}
		may.spreads = may.joins && s.spread > 0 && (may.nests || !s.mixed) && s.spreading.over()
	}
	for i := range s.nodes {
		if n := &s.nodes[i]; i > 0 {
			c[i] |= s.comesAlong(i, c[n.parent], may)
		}
		if s.hadUpTo(maxArrayKeys, i) {
			c[i] |= isFew
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
		if c[i]&comesAlong != 0 || !s.hasOwn(c, n) || i > 0 && c[n.parent]&(runsAgain|isExplained) == 0 {
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

// comesAlong returns whether the rows of a node come in those of its parents, and how. parents is how those are
// loaded.
func (s *shape) comesAlong(node int, parents byte, may along) byte {
	n := &s.nodes[node]
	single := s.single && n.parent == 0
	switch {
	case parents&comesAlong != 0: // So does all below.
		if n.joins && (parents&comesJoined != 0 || s.nodes[n.parent].order == "") { // Nested rows are not sorted twice.
			return comesJoined
		}
		return comesNested
	case may.joins && n.joinsAll && (single || s.hadUpTo(maxJoining, n.parent)):
		return comesJoined
	case may.spreads && node == s.spread:
		return comesJoined
	case !may.nests || !n.nests || n.parent > 0:
	case single && n.joins && may.joins:
		return comesJoined
	case single, n.one && s.hadUpTo(maxHolders, n.parent):
		return comesNested
	}
	return 0
}

// hadUpTo reports whether the statement of a node found up to a number of rows when it ran last.
func (s *shape) hadUpTo(rows int64, node int) bool { return s.rows[node] >= 0 && s.rows[node] <= rows }

// hasOwn reports whether a node has edges that have a statement of their own.
func (s *shape) hasOwn(c choice, n *shapeNode) bool {
	for _, e := range n.edges {
		if c[e]&comesAlong == 0 {
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

// found notes how many rows the statements found.
func (s *shape) found(rows []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	copy(s.rows, rows)
}

// cameAlong notes what came in the rows of a number of parents, and whether it was too much.
func (s *shape) cameAlong(parents int64, size edgeSize) {
	joined := size.joinedBytes > maxJoinedBytes || size.joinedBytes > 0 && parents > maxJoining
	nested := size.nestedBytes > maxNestedBytes || size.nestedValues > maxNestedValues || size.nestedBytes > 0 && parents > maxHolders
	repeated := size.repeatedBytes > maxRepeatedBytes || size.repeatedValues > maxRepeatedValues
	if !joined && !nested && !repeated {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if joined {
		s.joining.start()
	}
	if nested || repeated && size.spreadValues > maxNestedValues { // Nested, it would be too much too.
		s.nesting.start()
	}
	if repeated {
		s.spreading.start()
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
