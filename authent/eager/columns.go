package eager

import (
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"
)

// qualifier returns what the names of the columns of a query's own table begin with: "user".
func qualifier(s *sql.Selector) string { return strings.TrimSuffix(s.C("x"), `"x"`) }

// qualified returns the name of a column as statements have it. table is the qualifier.
func qualified(table, column string) string { return table + `"` + column + `"` }

// isNamed reports whether a column of any table has a name.
func isNamed(column, name string) bool {
	rest, ok := strings.CutSuffix(column, `"`)
	if ok {
		rest, ok = strings.CutSuffix(rest, name)
	}
	return ok && strings.HasSuffix(rest, `."`)
}

// lists are the lists of columns that were taken apart.
var lists cache[[]string]

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
	columns, ok := lists.get(list)
	if ok {
		return columns
	}
	columns = []string{list}
	if isList(list) {
		columns = strings.Split(list, ", ") // Parts of a strange name match no column.
	}
	if len(list) <= maxTextLength {
		lists.set(list, columns, maxTexts)
	}
	return columns
}
