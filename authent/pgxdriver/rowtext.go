package pgxdriver

import "strings"

// rowText are the texts of a row, one after another: they take one allocation.
type rowText struct {
	all    string // "" until one of them is asked for
	column int    // whose text begins at
	at     int
}

// Larger texts get memory of their own, so that keeping a small one does not keep them.
const maxRowText = 256

// textsOf returns the texts of a row of columns.
func textsOf(values [][]byte, kinds []kind) string {
	size := 0
	for i, v := range values {
		if isRowText(kinds[i], v) {
			size += len(v)
		}
	}
	var all strings.Builder
	all.Grow(size)
	for i, v := range values {
		if isRowText(kinds[i], v) {
			all.Write(v)
		}
	}
	return all.String()
}

func isRowText(k kind, value []byte) bool { return k == kindText && len(value) <= maxRowText }

// string returns a column of the current row as a string.
func (r *row) string(i int) string {
	raw := r.values[i]
	if len(raw) == 0 {
		return ""
	}
	if !isRowText(r.kinds[i], raw) {
		return string(raw)
	}
	t := &r.text
	if t.all == "" {
		t.all = textsOf(r.values, r.kinds)
	}
	if i < t.column { // The row is scanned a second time.
		t.column, t.at = 0, 0
	}
	for ; t.column < i; t.column++ {
		if v := r.values[t.column]; isRowText(r.kinds[t.column], v) {
			t.at += len(v)
		}
	}
	return t.all[t.at : t.at+len(raw)]
}
