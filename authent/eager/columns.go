package eager

import (
	"slices"
	"strings"
	"sync"

	"entgo.io/ent/dialect/sql"
)

// qualifier returns what the names of the columns of a query's own table begin with: "user".
func qualifier(s *sql.Selector) string { return strings.TrimSuffix(s.C("x"), `"x"`) }

// indexOf returns the position of a column of a table among those that were selected, or -1.
func (n *Node) indexOf(table, column string) int {
	name := `"` + column + `"`
	return slices.IndexFunc(n.Columns, func(c string) bool {
		return len(c) == len(table)+len(name) && c[:len(table)] == table && c[len(table):] == name
	})
}

// isNamed reports whether a column of any table has a name.
func isNamed(column, name string) bool {
	rest, ok := strings.CutSuffix(column, `"`)
	if ok {
		rest, ok = strings.CutSuffix(rest, name)
	}
	return ok && strings.HasSuffix(rest, `."`)
}

// qualified returns the name of a column of a table as statements have it.
func (n *Node) qualified(table, column string) string {
	if i := n.indexOf(table, column); i >= 0 {
		return n.Columns[i]
	}
	return table + `"` + column + `"`
}

// lists are the lists of columns that were taken apart.
var lists struct {
	sync.RWMutex
	known map[string][]string
}

// splitColumns returns the columns one by one, if some are given as the text of a list. They may not be changed.
func splitColumns(selected []string) []string {
	if len(selected) == 1 {
		return splitList(selected[0])
	}
	if !slices.ContainsFunc(selected, isList) {
		return selected
	}
	var columns []string
	for _, c := range selected {
		columns = append(columns, splitList(c)...)
	}
	return columns
}

func isList(column string) bool { return strings.Contains(column, `", "`) }

// splitList returns the columns of a list, or the one that there is.
func splitList(list string) []string {
	lists.RLock()
	columns, ok := lists.known[list]
	lists.RUnlock()
	if ok {
		return columns
	}
	columns = []string{list}
	if isList(list) {
		columns = strings.Split(list, ", ") // Parts of a strange name match no column.
	}
	if len(list) <= maxTextLength {
		lists.Lock()
		if lists.known == nil || len(lists.known) >= maxTexts {
			lists.known = make(map[string][]string)
		}
		lists.known[list] = columns
		lists.Unlock()
	}
	return columns
}
