package pgxdriver

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// record returns a row in the binary form of record_send.
func record(fields ...[]byte) []byte {
	oids := []uint32{pgtype.TextOID, pgtype.JSONBOID, pgtype.TimestamptzOID, 90_000}
	b := binary.BigEndian.AppendUint32(nil, uint32(len(fields)))
	for i, f := range fields {
		b = binary.BigEndian.AppendUint32(b, oids[i])
		if f == nil {
			b = binary.BigEndian.AppendUint32(b, 1<<32-1)
			continue
		}
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(f))), f...)
	}
	return b
}

// array returns rows in the binary form of array_send.
func array(records ...[]byte) []byte {
	dimensions := uint32(0)
	if len(records) > 0 {
		dimensions = 1
	}
	b := binary.BigEndian.AppendUint32(nil, dimensions)
	b = binary.BigEndian.AppendUint32(b, 0)
	b = binary.BigEndian.AppendUint32(b, pgtype.RecordOID)
	if dimensions > 0 {
		b = binary.BigEndian.AppendUint32(b, uint32(len(records)))
		b = binary.BigEndian.AppendUint32(b, 1)
	}
	for _, r := range records {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(r))), r...)
	}
	return b
}

func TestNestedRows(t *testing.T) {
	t.Parallel()
	n := newEdge([]string{"id", "data", "at", "kind"}, false, true, &edgeColumns{})
	for _, rows := range [][]byte{
		array(
			record([]byte("one"), []byte("\x01{}"), make([]byte, 8), []byte("large")),
			record([]byte("two"), nil, nil, nil),
		),
		array(),
		array(record([]byte("three"), []byte("\x01[1]"), make([]byte, 8), []byte(""))),
	} {
		keepEdges([]*edgeRows{n}, [][]byte{rows})
	}
	type row struct {
		id   string
		data []byte
		at   time.Time
		kind string
	}
	var got [][]row
	for range 3 {
		n.NextParent()
		var rows []row
		for n.Next() {
			var (
				r    row
				at   pgtype.Timestamptz
				kind *string
			)
			if err := n.Scan(&r.id, &r.data, &at, &kind); err != nil {
				t.Fatal(err)
			}
			r.at = at.Time
			if kind != nil {
				r.kind = *kind
			}
			rows = append(rows, r)
		}
		got = append(got, rows)
	}
	if n.Err() != nil {
		t.Fatal(n.Err())
	}
	if len(got[0]) != 2 || len(got[1]) != 0 || len(got[2]) != 1 {
		t.Fatalf("got %v", got)
	}
	if r := got[0][0]; r.id != "one" || string(r.data) != "{}" || r.at.Year() != 2000 || r.kind != "large" {
		t.Errorf("got %v", r)
	}
	if r := got[0][1]; r.id != "two" || r.data != nil || !r.at.IsZero() {
		t.Errorf("got %v", r)
	}
	if r := got[2][0]; r.id != "three" || string(r.data) != "[1]" {
		t.Errorf("got %v", r)
	}
	if n.NextParent(); n.Next() || n.Err() == nil {
		t.Error("there are rows of a parent that is not there")
	}
}

// FuzzNestedRows reads rows that nothing sent.
func FuzzNestedRows(f *testing.F) {
	f.Add(array(record([]byte("one"), []byte("\x01{}"), make([]byte, 8), []byte("large"))))
	f.Add(array())
	f.Add([]byte{})
	var known, knownInner edgeColumns // What earlier rows were.
	f.Fuzz(func(t *testing.T, b []byte) {
		n := newEdge([]string{"id", "data", "at"}, false, true, &known)
		n.edges = []*edgeRows{newEdge([]string{"id"}, false, true, &knownInner)}
		keepEdges([]*edgeRows{n}, [][]byte{b})
		n.NextParent()
		for n.Next() {
			var id, data, at any
			_ = n.Scan(&id, &data, &at)
			inner := n.edges[0]
			for inner.NextParent(); inner.Next(); {
				_ = inner.Scan(&id)
			}
		}
		_ = n.Err()
	})
}
