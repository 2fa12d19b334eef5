package pgxdriver

import (
	"slices"
	"strconv"
	"strings"
)

// A statement of an edge finds the keys of its parents in one of four ways.
//
// Joined: the one row of the edge comes in those of its parents. Nothing else is sent for the edge. A join may change
// the order of rows, so that is said again.
//
//	SELECT authent_rows.*, authent_rows_1.*
//	FROM (<parents>) AS authent_rows LEFT JOIN LATERAL (.. WHERE "id" IN (authent_rows."userId")) AS authent_rows_1 ON true
//	ORDER BY authent_rows."id"
//
// If all is for one row of the root, the rows of one edge to many may be joined to it too: the row comes again with
// each of them.
//
// Nested: the rows of the edge come in a column of the parents' rows, as an array.
//
//	SELECT authent_rows.*, ARRAY(SELECT authent_row FROM (.. WHERE "userId" IN (authent_rows."id") ..) AS authent_row)
//	FROM (<parents>) AS authent_rows
//
// A sub-select: the parents' statement is part of it. The server runs that again for each
// edge, so it must be cheap, and give the same rows each time.
//
//	.. WHERE "userId" IN (SELECT k0 FROM (<parents>) AS p(k0)) ..
//
// Where the root is asked for by the key itself, that is all there is to find.
//
//	.. WHERE "userId" IN ($1) ..
//
// Hand-over: the parents' statement leaves the keys in a setting of the transaction.
//
//	WITH authent_rows AS MATERIALIZED (<parents>) SELECT authent_rows.* FROM authent_rows WHERE
//	(SELECT num_nulls(set_config('authent.k0_0', (SELECT array_agg(k0)::text FROM authent_rows AS p(k0)), true))) IS NOT NULL
//	.. WHERE "userId" IN (SELECT unnest(nullif(current_setting('authent.k0_0', true), '')::text[])) ..
//
// If there are few keys they are put into an array, which the server looks up in an index one by one.
//
//	.. WHERE "userId" = ANY (ARRAY(SELECT ..)) ..
//
// The condition of a hand-over is always true and evaluated once, before any row is returned,
// also if there are none. The keys are unnested in a sub-select, which runs once; = ANY(..) of
// an expression that is not constant is evaluated for each row.

// composed are the statements of a tree.
type composed struct {
	root    composedStep
	edges   []composedStep
	explain []composedStep
}

// composedStep is a statement, with where its arguments are.
type composedStep struct {
	node int
	sql  string
	args []argument
}

// argument is an argument of a node's own statement.
type argument struct{ node, arg int }

// newComposed writes the statements of a tree.
func newComposed(nodes []shapeNode, c choice) *composed {
	w := &composer{nodes: nodes, choice: c}
	all := &composed{root: w.compose(0)}
	for i := range nodes {
		if i > 0 && c[i]&comesAlong == 0 {
			all.edges = append(all.edges, w.compose(i))
		}
	}
	for i := range nodes {
		if c[i]&isExplained != 0 {
			all.explain = append(all.explain, w.explain(i))
		}
	}
	return all
}

// composer writes a statement.
type composer struct {
	nodes  []shapeNode
	choice choice
	again  bool // all statements run again, whatever was chosen
	text   strings.Builder
	args   []argument
}

// along returns the edges of a node whose rows come in its own.
func (c *composer) along(node int) []int { return c.edges(node, true) }

// own returns the edges of a node that have a statement of their own.
func (c *composer) own(node int) []int { return c.edges(node, false) }

func (c *composer) edges(node int, along bool) (edges []int) {
	for _, e := range c.nodes[node].edges {
		if along == (c.choice[e]&comesAlong != 0) {
			edges = append(edges, e)
		}
	}
	return edges
}

// runsAgain reports whether the statement of a node is part of those of its edges.
func (c *composer) runsAgain(node int) bool { return c.again || c.choice[node]&runsAgain != 0 }

// compose returns the statement of a node.
func (c *composer) compose(node int) composedStep {
	c.text.Reset()
	c.args = nil
	own := c.own(node)
	if len(own) == 0 || c.runsAgain(node) {
		c.rows(node)
		return c.done(node)
	}
	c.text.WriteString("WITH authent_rows AS MATERIALIZED (")
	c.statement(node, false)
	c.text.WriteString(") SELECT ")
	c.columns(node)
	c.text.WriteString(" FROM authent_rows")
	if node > 0 {
		c.text.WriteString(" AS " + rowsOf(node))
	}
	joined := c.joins(node)
	c.text.WriteString(" WHERE (SELECT num_nulls(")
	var done []int
	for _, i := range own {
		e := &c.nodes[i]
		if slices.Contains(done, e.keyColumn) {
			continue
		}
		if len(done) > 0 {
			c.text.WriteString(", ")
		}
		done = append(done, e.keyColumn)
		c.text.WriteString("set_config('")
		c.setting(e)
		key := "k" + strconv.Itoa(e.keyColumn)
		c.text.WriteString("', (SELECT array_agg(" + key + ")::text FROM ")
		if e.keyColumn > 0 {
			// A foreign key: many rows have the same. array_agg(DISTINCT ..) would sort them.
			c.text.WriteString("(SELECT DISTINCT " + key + " FROM ")
		}
		c.text.WriteString("authent_rows AS p")
		c.names(e.keyColumn)
		if e.keyColumn > 0 {
			c.text.WriteString(") AS d")
		}
		c.text.WriteString("), true)")
	}
	c.text.WriteString(")) IS NOT NULL")
	if joined {
		c.order(node)
	}
	return c.done(node)
}

// explain returns the statement that explains that of a node, with sub-selects all the way up.
func (c *composer) explain(node int) composedStep {
	c.text.Reset()
	c.args = nil
	c.again = true
	c.text.WriteString("EXPLAIN (FORMAT JSON) ")
	c.statement(node, false)
	c.again = false
	return c.done(node)
}

func (c *composer) done(node int) composedStep {
	return composedStep{node: node, sql: c.text.String(), args: c.args}
}

// rows writes a query for the rows of a node, with those of edges in them.
func (c *composer) rows(node int) {
	if len(c.along(node)) == 0 {
		c.statement(node, false)
		return
	}
	c.text.WriteString("SELECT ")
	c.columns(node)
	c.text.WriteString(" FROM (")
	c.statement(node, false)
	c.text.WriteString(") AS " + rowsOf(node))
	if c.joins(node) {
		c.order(node)
	}
}

// isSpread reports whether a node is the edge to many whose rows are joined to the row of the root.
func (c *composer) isSpread(node int) bool {
	return c.choice[node]&comesJoined != 0 && !c.nodes[node].key.One
}

// columns writes the columns of a node, and those with the rows of edges.
func (c *composer) columns(node int) {
	c.text.WriteString(rowsOf(node) + ".*")
	for _, e := range c.along(node) {
		c.text.WriteString(", ")
		if c.choice[e]&comesJoined != 0 {
			c.columns(e)
			continue
		}
		c.text.WriteString("ARRAY(SELECT authent_row FROM (")
		c.rows(e)
		c.text.WriteString(") AS authent_row)")
	}
}

// joins writes the joins of a node, and reports whether there are some.
func (c *composer) joins(node int) (some bool) {
	for _, e := range c.along(node) {
		if c.choice[e]&comesJoined == 0 {
			continue
		}
		some = true
		c.text.WriteString(" LEFT JOIN LATERAL (")
		c.statement(e, c.isSpread(e))
		c.text.WriteString(") AS " + rowsOf(e) + " ON true")
		c.joins(e)
	}
	return some
}

// order writes the order of the rows of a node.
func (c *composer) order(node int) {
	var terms []string
	add := func(order string) {
		if order != "" {
			terms = append(terms, order)
		}
	}
	add(c.nodes[node].order)
	for _, e := range c.along(node) {
		if n := &c.nodes[e]; c.isSpread(e) {
			if n.given < 0 { // There may be two, one after the other.
				add(rowsOf(node) + "." + n.keyName)
			}
			add(n.order)
		}
	}
	if len(terms) > 0 {
		c.text.WriteString(" ORDER BY " + strings.Join(terms, ", "))
	}
}

// rowsOf returns the name that the rows of a node have for the edges whose rows come in them.
func rowsOf(node int) string {
	if node == 0 {
		return "authent_rows"
	}
	return "authent_rows_" + strconv.Itoa(node)
}

// statement writes the statement of a node, with the keys of its parents. Its order may be left
// out if that is all the same.
func (c *composer) statement(node int, unordered bool) {
	n := &c.nodes[node]
	pieces := n.Text.Pieces
	if unordered {
		pieces = n.Text.Unordered
	}
	numbers := make(map[int]int) // of the arguments in the statement that is written
	for _, piece := range pieces {
		if node > 0 && piece.Arg == n.KeyArg {
			c.keys(node, piece.Text)
			continue
		}
		c.text.WriteString(piece.Text)
		if piece.Arg < 0 {
			continue
		}
		if numbers[piece.Arg] == 0 {
			c.args = append(c.args, argument{node, piece.Arg})
			numbers[piece.Arg] = len(c.args)
		}
		c.text.WriteString("$" + strconv.Itoa(numbers[piece.Arg]))
	}
}

// keys writes the condition of a node with the keys of its parents. before is what its statement has before
// them, and ends with IN (.
func (c *composer) keys(node int, before string) {
	n := &c.nodes[node]
	if n.given >= 0 && c.choice[node]&comesAlong == 0 && c.runsAgain(0) {
		c.args = append(c.args, argument{0, n.given})
		c.text.WriteString(before + "$" + strconv.Itoa(len(c.args)))
		return
	}
	array := c.choice[node]&comesAlong == 0 && (c.choice[n.parent]&isFew != 0 || c.choice[node]&hasFewKeys != 0)
	if array {
		before = strings.TrimSuffix(before, "IN (") + "= ANY (ARRAY("
	}
	c.text.WriteString(before)
	switch {
	case c.choice[node]&comesAlong != 0:
		c.text.WriteString(rowsOf(n.parent) + "." + n.keyName)
	case c.runsAgain(n.parent):
		c.text.WriteString("SELECT k" + strconv.Itoa(n.keyColumn) + " FROM (")
		c.statement(n.parent, true)
		c.text.WriteString(") AS p")
		c.names(n.keyColumn)
	default:
		c.text.WriteString("SELECT unnest(nullif(current_setting('")
		c.setting(n)
		c.text.WriteString("', true), '')::" + n.key.Type + "[])")
	}
	if array {
		c.text.WriteString(")")
	}
}

// setting writes the name of the setting that holds the keys of the parents of a node.
func (c *composer) setting(n *shapeNode) {
	c.text.WriteString("authent.k" + strconv.Itoa(n.parent) + "_" + strconv.Itoa(n.keyColumn))
}

// names writes names for the columns up to a position.
func (c *composer) names(last int) {
	for i := range last + 1 {
		if i == 0 {
			c.text.WriteString("(k")
		} else {
			c.text.WriteString(", k")
		}
		c.text.WriteString(strconv.Itoa(i))
	}
	c.text.WriteByte(')')
}
