package pgxdriver

// A statement runs again for each edge that it is the parent of if its cost, in the units of the
// server's planner, is at most maxCost, or maxRowCost for each row that it found: then what it takes is
// little beside what its edges take. The server is asked again after explainedRuns.
const (
	maxCost       = 100
	maxRowCost    = 0.2
	explainedRuns = 1000
)

// The keys of parents are one array if they were up to maxArrayKeys when the statement ran last, or if up to maxSharing
// parents shared that many rows of an edge to one: the server looks for each in an index. For more it may know better.
const (
	maxArrayKeys = 256
	maxSharing   = 4096
)

// The row of an edge to one is joined to those of its parents if they were up to maxJoining when the
// statement ran last. Rows of edges are nested in those of the root if that is one row, or if all are edges to
// one that cannot be joined and the root has up to maxHolders rows. If they were more than that, or more
// than maxJoinedBytes or maxNestedValues, the next pauseAlong runs of the tree do without joined or without nested rows, and each
// time twice as many up to maxPause: the binary form of a nested value takes the server 1 kB, and with more than a heap keeps between two statements it
// takes longer than all the rest.
//
// The rows of an edge to many are joined to the one row of the root, if all other edges of the root are joined to it.
// What came again was too much if it was more than maxRepeatedValues or maxRepeatedBytes, of that row or of an edge
// to one that parents share: a pipeline takes the server about as much longer as 100 values.
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

// choice is how the nodes of a tree find their parents: a byte for each.
type choice []byte

const (
	comesJoined = 1 << iota // they come in the rows of the parents, as columns
	comesNested             // they come in the rows of the parents, as an array
	runsAgain               // the statement of the node is part of those of its edges
	isExplained             // the statement of the node is to be explained
	isFew                   // the keys of its rows are one array
	hasFewKeys              // the keys of its parents are one array

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
		n := &s.nodes[i]
		few := s.hadUpTo(maxArrayKeys, i)
		if few {
			c[i] |= isFew
		}
		if i == 0 {
			continue
		}
		c[i] |= s.comesAlong(i, c[n.parent], may)
		if few && n.key.One && s.hadUpTo(maxSharing, n.parent) {
			c[i] |= hasFewKeys
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
	case may.joins && n.joinsAll && (single || s.hadUpTo(maxJoining, n.parent) && !s.isShared(node)):
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

// isShared reports whether the parents shared the rows of an edge to one when it had a statement of its own last, so
// that too many values would come again.
func (s *shape) isShared(node int) bool {
	return s.shared[node]*int64(s.nodes[node].width) > maxRepeatedValues
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

// cameAgain notes how many values of an edge to one were joined to more than one parent, and came again with each
// but the first.
func (s *shape) cameAgain(values int) {
	if values <= maxRepeatedValues {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.joining.start()
	s.nesting.start() // They would come again in records too.
}
