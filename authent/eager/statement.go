package eager

import (
	"slices"
	"strings"
)

// Piece is a part of a statement: text, and the argument whose placeholder comes after it.
type Piece struct {
	Text string
	Arg  int // position of the argument, from 0; -1 after the last piece
}

// Split splits a statement of Postgres at its placeholders. stable reports whether the
// statement, run again on the same data, certainly gives the same rows: it limits, locks and
// samples nothing and calls no function but those that Ent uses. ok is false for a statement
// that is not understood.
func Split(query string) (pieces []Piece, stable, ok bool) {
	stable = true
	start := 0
	for i := 0; i < len(query); {
		c := query[i]
		switch {
		case c == '\'':
			escapes := i > 0 && (query[i-1] == 'E' || query[i-1] == 'e')
			if i = skipString(query, i, escapes); i < 0 {
				return nil, false, false
			}
		case c == '"':
			end := strings.IndexByte(query[i+1:], '"') // "" is the end of one and the start of another.
			if end < 0 {
				return nil, false, false
			}
			i += end + 2
			if nextIs(query, i, '(') {
				stable = false // A function with a quoted name.
			}
		case c == '-' && strings.HasPrefix(query[i:], "--"), c == '/' && strings.HasPrefix(query[i:], "/*"):
			return nil, false, false
		case c == '$':
			n, end := 0, i+1
			for end < len(query) && query[end] >= '0' && query[end] <= '9' && n < 1<<16 {
				n = n*10 + int(query[end]-'0')
				end++
			}
			if n == 0 {
				return nil, false, false // A quoted string.
			}
			pieces = append(pieces, Piece{Text: query[start:i], Arg: n - 1})
			i, start = end, end
		case isLetter(c):
			end := i + 1
			for end < len(query) && (isLetter(query[end]) || query[end] >= '0' && query[end] <= '9' || query[end] == '$') {
				end++
			}
			if stable && !stableWord(query[i:end], nextIs(query, end, '(')) {
				stable = false
			}
			i = end
		default:
			i++
		}
	}
	return append(pieces, Piece{Text: query[start:], Arg: -1}), stable, true
}

// skipString returns the position after the string that starts at i, or -1.
func skipString(query string, i int, escapes bool) int {
	for i++; i < len(query); i++ {
		switch {
		case escapes && query[i] == '\\':
			i++
		case query[i] == '\'':
			return i + 1 // '' is the end of one and the start of another.
		}
	}
	return -1
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

// nextIs reports whether the next character, spaces aside, is c.
func nextIs(query string, i int, c byte) bool {
	for i < len(query) && query[i] <= ' ' {
		i++
	}
	return i < len(query) && query[i] == c
}

// stableCalls are the words before a parenthesis in what Ent writes that depend on the data
// alone.
var stableCalls = []string{
	"AND", "OR", "NOT", "IN", "EXISTS", "WHERE", "ON", "AS", "FROM", "JOIN", "SELECT", "ANY", "ALL", "BY", "HAVING", "DISTINCT", "LIKE", "ILIKE",
	"LOWER", "UPPER", "COUNT", "SUM", "MIN", "MAX", "AVG", "COALESCE", "CONCAT", "NULLIF", "LENGTH",
}

// unstableWords make a statement give other rows each time, or do more than read.
var unstableWords = []string{
	"LIMIT", "OFFSET", "FETCH", "FOR", "TABLESAMPLE", "WITH", "INTO", "CURRENT_TIMESTAMP", "CURRENT_TIME", "CURRENT_DATE", "LOCALTIME", "LOCALTIMESTAMP",
}

// stableWord reports whether a word outside of quotes leaves a statement stable.
func stableWord(word string, called bool) bool {
	fold := func(w string) bool { return strings.EqualFold(w, word) }
	if called {
		return slices.ContainsFunc(stableCalls, fold)
	}
	return !slices.ContainsFunc(unstableWords, fold)
}

// inRange reports whether all placeholders have an argument.
func inRange(pieces []Piece, args int) bool {
	for _, p := range pieces {
		if p.Arg >= args {
			return false
		}
	}
	return true
}
