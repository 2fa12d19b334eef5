package pgxdriver

import (
	"strconv"
	"strings"

	"github.com/agentuity/auth-go/authent/eager"
)

// A statement of an edge finds the keys of its parents in one of two ways.
//
// A sub-select: the parents' statement is part of it. The server runs that again for each
// edge, so it must be cheap, and give the same rows each time.
//
//	.. WHERE "userId" IN (SELECT k0 FROM (<parents>) AS p(k0)) ..
//
// Hand-over: the parents' statement leaves the keys in a setting of the transaction.
//
//	WITH authent_rows AS MATERIALIZED (<parents>) SELECT authent_rows.* FROM authent_rows WHERE
//	(SELECT num_nulls(set_config('authent.k0_0', array_agg(k0)::text, true)) FROM authent_rows AS p(k0)) IS NOT NULL
//	.. WHERE "userId" IN (SELECT unnest(nullif(current_setting('authent.k0_0', true), '')::text[])) ..
//
// The condition of the first is always true and evaluated once, before any row is returned,
// also if there are none. The keys are unnested in a sub-select, which runs once; = ANY(..) of
// an expression that is not constant is evaluated for each row.

// composer writes a statement.
type composer struct {
	text      strings.Builder
	args      []any
	subSelect func(*eager.Node) bool // whether the edges of a node use a sub-select
	number    map[*eager.Node]int
}

// compose returns the statement of a node. keys is what it holds for its edges.
func (c *composer) compose(n *eager.Node) (query string, args []any) {
	c.text.Reset()
	c.args = nil
	if len(n.Edges) == 0 || c.subSelect(n) {
		c.statement(n)
		return c.text.String(), c.args
	}
	c.text.WriteString("WITH authent_rows AS MATERIALIZED (")
	c.statement(n)
	c.text.WriteString(") SELECT authent_rows.* FROM authent_rows WHERE (SELECT num_nulls(")
	last := 0
	var done []int
next:
	for _, e := range n.Edges {
		last = max(last, e.KeyColumn)
		for _, column := range done {
			if column == e.KeyColumn {
				continue next
			}
		}
		if len(done) > 0 {
			c.text.WriteString(", ")
		}
		done = append(done, e.KeyColumn)
		c.text.WriteString("set_config('")
		c.setting(e)
		c.text.WriteString("', array_agg(")
		if e.KeyColumn > 0 {
			c.text.WriteString("DISTINCT ") // A foreign key: many rows have the same.
		}
		c.text.WriteString("k" + strconv.Itoa(e.KeyColumn) + ")::text, true)")
	}
	c.text.WriteString(") FROM authent_rows AS p")
	c.columns(last)
	c.text.WriteString(") IS NOT NULL")
	return c.text.String(), c.args
}

// composeNested returns the statement of a node with sub-selects all the way up.
func (c *composer) composeNested(n *eager.Node) (query string, args []any) {
	subSelect := c.subSelect
	c.subSelect = func(*eager.Node) bool { return true }
	query, args = c.compose(n)
	c.subSelect = subSelect
	return query, args
}

// statement writes the statement of a node, with the keys of its parents.
func (c *composer) statement(n *eager.Node) {
	numbers := make([]int, len(n.Args)) // of the arguments in the statement that is written
	for _, piece := range n.Pieces {
		c.text.WriteString(piece.Text)
		switch {
		case piece.Arg < 0:
		case n.Parent != nil && piece.Arg == n.KeyArg:
			c.keys(n)
		default:
			if numbers[piece.Arg] == 0 {
				c.args = append(c.args, n.Args[piece.Arg])
				numbers[piece.Arg] = len(c.args)
			}
			c.text.WriteString("$" + strconv.Itoa(numbers[piece.Arg]))
		}
	}
}

// keys writes the query for the keys of the parents of a node.
func (c *composer) keys(n *eager.Node) {
	if c.subSelect(n.Parent) {
		c.text.WriteString("SELECT k" + strconv.Itoa(n.KeyColumn) + " FROM (")
		c.statement(n.Parent)
		c.text.WriteString(") AS p")
		c.columns(n.KeyColumn)
		return
	}
	c.text.WriteString("SELECT unnest(nullif(current_setting('")
	c.setting(n)
	c.text.WriteString("', true), '')::" + n.Key.Type + "[])")
}

// setting writes the name of the setting that holds the keys of the parents of a node.
func (c *composer) setting(n *eager.Node) {
	c.text.WriteString("authent.k" + strconv.Itoa(c.number[n.Parent]) + "_" + strconv.Itoa(n.KeyColumn))
}

// columns writes names for the columns up to a position.
func (c *composer) columns(last int) {
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
