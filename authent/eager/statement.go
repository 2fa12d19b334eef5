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

// Text is a statement of Postgres that was taken apart.
type Text struct {
	// Pieces are the statement, split at its placeholders.
	Pieces []Piece

	// Unordered are the pieces of the statement without its order, if that does not matter to
	// which rows it returns.
	Unordered []Piece

	// Across says that which rows belong to one parent may depend on those of others: there is
	// a limit, a group or the like.
	Across bool

	// Volatile says that the statement may give other rows each time it runs on the same data, or
	// does more than read: it locks, samples, limits without an order, or calls a function that Ent does not use.
	Volatile bool

	limited, joined, windowed bool
	order                     string // what it is ordered by, "" for nothing
}

// Stable reports whether the statement certainly gives the same rows each time it runs on
// the same data.
func (t *Text) Stable() bool { return !t.Volatile && !t.limited && !t.windowed }

// orderedBy reports whether a column of the only table is among those that the statement is ordered by.
func (t *Text) orderedBy(column string) bool {
	if t.joined || column == "" || strings.ContainsAny(t.order, "()$'") {
		return false
	}
	for term := range strings.SplitSeq(t.order, ", ") {
		if rest, ok := strings.CutPrefix(term, column); ok && (rest == "" || rest[0] == ' ') {
			return true
		}
	}
	return false
}

// maxTexts is how many statements are remembered, and maxTextLength how long one may be: a longer one
// has a long list of arguments, and hardly comes again.
const (
	maxTexts      = 2048
	maxTextLength = 8 << 10
)

// texts are the statements that were taken apart.
var texts cache[*Text]

// Split takes a statement apart. ok is false for a statement that is not understood. Nothing
// of the result may be changed.
func Split(query string) (t *Text, ok bool) {
	if t, ok = texts.get(query); ok {
		return t, t != nil
	}
	if t = split(query); len(query) <= maxTextLength {
		texts.set(query, t, maxTexts)
	}
	return t, t != nil
}

// split takes a statement apart. It returns nil for one that is not understood.
func split(query string) *Text {
	t := &Text{}
	start, depth := 0, 0
	order, orderStart, orderPieces := -1, 0, 0
	for i := 0; i < len(query); {
		c := query[i]
		switch {
		case c == '\'':
			escapes := i > 0 && (query[i-1] == 'E' || query[i-1] == 'e')
			if i = skipString(query, i, escapes); i < 0 {
				return nil
			}
		case c == '"':
			end := strings.IndexByte(query[i+1:], '"') // "" is the end of one and the start of another.
			if end < 0 {
				return nil
			}
			i += end + 2
			if nextIs(query, i, '(') {
				t.Volatile = true // A function with a quoted name.
			}
		case c == '-' && strings.HasPrefix(query[i:], "--"), c == '/' && strings.HasPrefix(query[i:], "/*"):
			return nil
		case c == '$':
			n, end := 0, i+1
			for end < len(query) && query[end] >= '0' && query[end] <= '9' && n < 1<<16 {
				n = n*10 + int(query[end]-'0')
				end++
			}
			if n == 0 {
				return nil // A quoted string.
			}
			t.Pieces = append(t.Pieces, Piece{Text: query[start:i], Arg: n - 1})
			i, start = end, end
		case isLetter(c):
			end := i + 1
			for end < len(query) && (isLetter(query[end]) || query[end] >= '0' && query[end] <= '9' || query[end] == '$') {
				end++
			}
			word := query[i:end]
			t.note(word, nextIs(query, end, '('))
			switch {
			case depth > 0:
			case strings.EqualFold(word, "ORDER"):
				order, orderStart, orderPieces = i, start, len(t.Pieces)
			case order > 0 && t.order == "" && slices.ContainsFunc(limitWords, func(w string) bool { return strings.EqualFold(w, word) }):
				t.order = strings.TrimPrefix(strings.TrimRight(query[order:i], " "), "ORDER BY ")
			}
			i = end
		case c == '(':
			depth++
			i++
		case c == ')':
			depth--
			i++
		default:
			i++
		}
	}
	t.Pieces = append(t.Pieces, Piece{Text: query[start:], Arg: -1})
	if order > 0 && t.order == "" {
		t.order = strings.TrimPrefix(query[order:], "ORDER BY ")
	}
	t.Unordered = t.Pieces
	if order > 0 && t.Stable() {
		t.Unordered = append(slices.Clone(t.Pieces[:orderPieces]), Piece{Text: strings.TrimRight(query[orderStart:order], " "), Arg: -1})
	}
	return t
}

// note takes down what a word outside of quotes means for the statement.
func (t *Text) note(word string, called bool) {
	is := func(w string) bool { return strings.EqualFold(w, word) }
	t.Across = t.Across || slices.ContainsFunc(acrossWords, is)
	t.windowed = t.windowed || is("OVER")
	if called {
		t.Volatile = t.Volatile || !slices.ContainsFunc(stableCalls, is)
		return
	}
	t.Volatile = t.Volatile || slices.ContainsFunc(volatileWords, is)
	t.limited = t.limited || slices.ContainsFunc(limitWords, is)
	t.joined = t.joined || is("JOIN")
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
	"AND", "OR", "NOT", "IN", "EXISTS", "WHERE", "ON", "AS", "FROM", "JOIN", "SELECT", "ANY", "ALL", "BY", "HAVING", "DISTINCT", "LIKE", "ILIKE", "OVER", "ROW_NUMBER",
	"LOWER", "UPPER", "COUNT", "SUM", "MIN", "MAX", "AVG", "COALESCE", "CONCAT", "NULLIF", "LENGTH",
}

// limitWords make a statement choose among its rows. Without a total order it may choose
// others each time.
var limitWords = []string{"LIMIT", "OFFSET", "FETCH"}

// volatileWords make a statement give other rows each time, or do more than read.
var volatileWords = []string{
	"FOR", "TABLESAMPLE", "WITH", "INTO", "CURRENT_TIMESTAMP", "CURRENT_TIME", "CURRENT_DATE", "LOCALTIME", "LOCALTIMESTAMP",
}

// acrossWords make a row depend on other rows.
var acrossWords = []string{
	"LIMIT", "OFFSET", "FETCH", "DISTINCT", "GROUP", "HAVING", "OVER", "WINDOW", "UNION", "INTERSECT", "EXCEPT",
	"COUNT", "SUM", "MIN", "MAX", "AVG",
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
