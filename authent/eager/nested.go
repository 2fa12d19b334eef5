package eager

import (
	"slices"
	"strings"
)

// Rows are the rows of an edge that came in the rows of its parents.
type Rows interface {
	// Columns returns the names of the columns.
	Columns() []string

	// NextParent moves on to the rows of the next parent.
	NextParent()

	// Next moves on to the next row of the parent. It returns false if there is none, or after an
	// error.
	Next() bool

	// Err returns the error that ended the rows, if any.
	Err() error

	// First returns the bytes of the row's first column. They are there until Close.
	First() []byte

	// Scan copies the columns of the row.
	Scan(dest ...any) error

	// Close ends the use of the rows.
	Close()
}

// slot is where the query of a parent holds that of an edge.
type slot interface{ clear() }

type slotOf[Q any] struct{ at **Q }

func (s slotOf[Q]) clear() { *s.at = nil }

// Nestable reports whether the rows of the node, and of those below, can come in the rows of
// its parents. single says that there is one parent at most.
func (n *Node) Nestable(single bool) bool {
	if n.Text.Volatile || n.Text.Across && !single || !n.makes() {
		return false
	}
	return !slices.ContainsFunc(n.Edges, func(e *Node) bool { return !e.Nestable(false) })
}

// HoldsRows reports whether the rows of edges can come in those of the node: whether all its columns
// are known, and have different names.
func (n *Node) HoldsRows() bool {
	return !n.Text.Volatile && n.selectsColumns(n.SQL)
}

// Order returns the order of the statement's rows, with names of columns that prefix is put before. ok is false if
// they are ordered by anything else than what they have.
func (n *Node) Order(prefix string) (order string, ok bool) {
	if n.Text.order == "" {
		return "", true
	}
	var terms []string
	for term := range strings.SplitSeq(n.Text.order, ", ") {
		i := columnOf(term, n.Columns)
		if i < 0 {
			return "", false
		}
		terms = append(terms, prefix+n.Name(i)+strings.TrimPrefix(term, n.Columns[i]))
	}
	return strings.Join(terms, ", "), true
}

// columnOf returns which of some columns a term of an order is about, and -1 if it is about anything else.
func columnOf(term string, columns []string) int {
	return slices.IndexFunc(columns, func(c string) bool {
		rest, found := strings.CutPrefix(term, c)
		return found && slices.Contains(directions, rest)
	})
}

// directions are what may come after a column in an order.
var directions = []string{
	"", " ASC", " DESC", " NULLS FIRST", " NULLS LAST",
	" ASC NULLS FIRST", " ASC NULLS LAST", " DESC NULLS FIRST", " DESC NULLS LAST",
}

// selectsColumns reports whether a statement selects the columns that are known, no others, and each
// under a name of its own.
func (n *Node) selectsColumns(text string) bool {
	for i := range n.Columns {
		name := n.Name(i)
		if name == "" || slices.ContainsFunc(n.Columns[:i], func(other string) bool { return strings.HasSuffix(other, name) }) {
			return false
		}
	}
	rest, ok := n.afterColumns(text, len(n.Columns))
	return ok && strings.HasPrefix(rest, " FROM ")
}

// Name returns the quoted name of a column in the result of the statement, or "" if that is not known.
func (n *Node) Name(column int) string {
	c := n.Columns[column]
	dot := strings.Index(c, `"."`)
	if dot <= 0 || c[0] != '"' || c[len(c)-1] != '"' || strings.Count(c, `"`) != 4 {
		return ""
	}
	return c[dot+2:]
}

// At returns the place where the query of the parents holds that of an edge. at is nil for an edge whose rows never
// come in those of the parents.
func At[Q any](at **Q) interface{ clear() } { return slotOf[Q]{at} }

// SetRows says that the rows of the node came in those of its parents, which were given out if they are the root's.
func (n *Node) SetRows(rows Rows) {
	n.rows = rows
	if n.Parent.Parent == nil {
		n.taken()
	}
}

// taken takes the query from that of the parents, whose rows were given out: Ent's loader is not to run.
func (n *Node) taken() {
	if n.slot != nil {
		n.slot.clear()
	}
}
