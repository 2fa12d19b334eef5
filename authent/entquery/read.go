package entquery

import (
	"slices"
	"strings"
	"sync/atomic"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/sqlgraph"
)

// Reuse makes a query scan all its rows into the values of its first one, which Ent copies out of them. Rows
// with columns that the type does not have are scanned into new values, which Ent keeps.
func Reuse(spec *sqlgraph.QuerySpec) {
	scanValues := spec.ScanValues
	if scanValues == nil { // A count.
		return
	}
	var kept []any
	spec.ScanValues = func(columns []string) ([]any, error) {
		if kept != nil {
			return kept, nil
		}
		values, err := scanValues(columns)
		if err != nil || slices.ContainsFunc(values, isUnknown) {
			return values, err
		}
		kept = values
		return values, nil
	}
}

func isUnknown(v any) bool {
	_, ok := v.(*sql.UnknownType)
	return ok
}

// Columns remembers the lists of columns that queries of a table select, as the text of a statement: Ent
// quotes column by column, in each query anew. The zero value is ready for use, by many goroutines.
type Columns struct {
	lists atomic.Pointer[[]columnList]
}

// columnList is a list of columns and its text.
type columnList struct {
	dialect string
	columns []string
	text    []string // one element
}

// maxLists is how many lists are remembered: all columns, without the secret ones, with foreign keys, in two
// dialects.
const maxLists = 8

// Quote replaces the columns of a query by their text. It leaves a query alone that does not read from the
// table itself, or whose columns something else may change.
func (c *Columns) Quote(drv dialect.Driver, spec *sqlgraph.QuerySpec) {
	if spec.ScanValues == nil || spec.From != nil || spec.Node.Schema != "" || len(spec.Modifiers) > 0 || len(spec.Node.Columns) < 2 {
		return
	}
	d := drv.Dialect()
	if d != dialect.Postgres && d != dialect.SQLite {
		return
	}
	var lists []columnList
	if p := c.lists.Load(); p != nil {
		lists = *p
	}
	for _, l := range lists {
		if l.dialect == d && slices.Equal(l.columns, spec.Node.Columns) {
			spec.Node.Columns = l.text
			return
		}
	}
	if len(lists) >= maxLists {
		return
	}
	columns := slices.Clone(spec.Node.Columns)
	quoted := sql.Dialect(d).Table(spec.Node.Table).Columns(columns...)
	l := columnList{dialect: d, columns: columns, text: []string{strings.Join(quoted, ", ")}}
	// Whoever is later replaces what others added meanwhile: they add it again.
	more := append(slices.Clone(lists), l)
	c.lists.Store(&more)
	spec.Node.Columns = l.text
}
