package pgxdriver

import "bytes"

// spread is what is known of the rows of an edge to many that are joined to those of their parents: a parent comes
// again with each of them, and once if there is none.
type spread struct {
	parent []byte // the first column of the last parent, which no other has
	counts []int  // of the rows of each parent
	rows   int    // of all parents

	repeatedValues, repeatedBytes int // of parents that came again
}

// spreadOf returns the edge whose rows are joined to parents that come again with each of them, or nil.
func spreadOf(edges []*edgeRows) *edgeRows {
	for _, e := range edges {
		if e.spread != nil {
			return e
		}
	}
	return nil
}

// addSpread adds a row to those of the last parent, if there is one.
func (e *edgeRows) addSpread(values [][]byte) {
	if values[0] == nil { // The id, without which there is no row.
		return
	}
	e.data.add(values)
	e.spread.counts[len(e.spread.counts)-1]++
	e.spread.rows++
}

// comesAgain reports whether the parent in a row is the last one. Then it keeps the row of the edge: all else
// was there before. edges are those whose rows come in the last columns.
func (s *spread) comesAgain(edges []*edgeRows, values [][]byte) bool {
	if len(s.counts) == 0 || !bytes.Equal(values[0], s.parent) {
		s.parent = append(s.parent[:0], values[0]...)
		return false
	}
	own := len(values) - width(edges)
	s.repeat(values[:own])
	values = values[own:]
	for _, e := range edges {
		n := e.width()
		if e.spread == s {
			e.addSpread(values[:n])
		} else {
			s.repeat(values[:n])
		}
		values = values[n:]
	}
	return true
}

// repeat notes values that were there before.
func (s *spread) repeat(values [][]byte) {
	s.repeatedValues += len(values)
	for _, v := range values {
		s.repeatedBytes += len(v)
	}
}

// take returns the number of the next parent's rows. ok is false if there is no such parent.
func (s *spread) take() (rows int, ok bool) {
	if len(s.counts) == 0 {
		return 0, false
	}
	rows, s.counts = s.counts[0], s.counts[1:]
	return rows, true
}
