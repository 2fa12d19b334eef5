package pgxdriver

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/agentuity/auth-go/authent/eager"
)

// nestedRows are the rows of an edge that came as arrays in a column of the parents' rows. The
// arrays are kept as they came, in the binary form of array_send and record_send of the server.
type nestedRows struct {
	node   int
	names  []string
	nested []*nestedRows // the edges whose rows come in these
	types  *pgtype.Map   // of the connection, if the app changed what matters here

	data   []byte // of each parent the length of its array, and the array
	size   int    // of it, before it was read
	memory *[]byte
	array  []byte // what is left of the current parent's
	left   int    // its rows
	row    Rows
	values [][]byte // of the current row, with the columns of edges
	err    error
}

var _ eager.Rows = (*nestedRows)(nil)

// newNestedRows returns where the rows of the nested edges of a node are kept.
func newNestedRows(nodes []shapeNode, c choice, node int) (all []*nestedRows) {
	for _, e := range nodes[node].edges {
		if c[e]&comesNested != 0 {
			all = append(all, &nestedRows{node: e, names: nodes[e].names, nested: newNestedRows(nodes, c, e)})
		}
	}
	return all
}

// useTypes makes rows use the types of a connection, if the app changed how points in time are read.
func useTypes(rows []*nestedRows, conn *pgx.Conn) {
	m := conn.TypeMap()
	if timeKind(m, pgtype.TimestamptzOID, kindTimestamptz) == kindOther || timeKind(m, pgtype.TimestampOID, kindTimestamp) == kindOther {
		setTypes(rows, m.Copy())
	}
}

func setTypes(rows []*nestedRows, types *pgtype.Map) {
	for _, n := range rows {
		n.types = types
		setTypes(n.nested, types)
	}
}

// errNested is the error for bytes that are not an array of records.
var errNested = errors.New("pgxdriver: the rows of an edge came in a form that is not understood")

// add adds the array of the next parent.
func (n *nestedRows) add(array []byte) {
	if n.memory == nil {
		if memory, ok := rowMemory.Get().(*[]byte); ok {
			n.memory, n.data = memory, (*memory)[:0]
		}
	}
	if free := cap(n.data) - len(n.data); free < 4+len(array) {
		n.data = slices.Grow(n.data, max(4+len(array), len(n.data)))
	}
	n.data = binary.BigEndian.AppendUint32(n.data, uint32(len(array))) //nolint:gosec // A column is shorter than 1 GB.
	n.data = append(n.data, array...)
	n.size = len(n.data)
	if n.memory != nil {
		*n.memory = n.data[:0]
	}
}

// Close implements eager.Rows. It gives the memory back: what was scanned is a copy.
func (n *nestedRows) Close() {
	n.data, n.array, n.left = nil, nil, 0
	if n.memory != nil && cap(*n.memory) <= maxKeptRows {
		rowMemory.Put(n.memory)
	}
	n.memory = nil
}

// Columns implements eager.Rows.
func (n *nestedRows) Columns() []string { return n.names }

// NextParent implements eager.Rows.
func (n *nestedRows) NextParent() {
	n.left = 0
	if n.err != nil {
		return
	}
	if len(n.data) < 4 {
		n.err = errNested
		return
	}
	size := int(binary.BigEndian.Uint32(n.data))
	if len(n.data)-4 < size {
		n.err = errNested
		return
	}
	n.array, n.data = n.data[4:4+size], n.data[4+size:]
	// The number of dimensions, whether there are NULLs, the type; for a dimension its size and
	// first index.
	const head, dimension = 12, 8
	switch {
	case len(n.array) < head:
		n.err = errNested
	case binary.BigEndian.Uint32(n.array) == 0:
	case len(n.array) < head+dimension:
		n.err = errNested
	default:
		n.left = int(binary.BigEndian.Uint32(n.array[head:]))
		n.array = n.array[head+dimension:]
	}
}

// Next implements eager.Rows.
func (n *nestedRows) Next() bool {
	if n.err != nil || n.left == 0 {
		return false
	}
	n.left--
	record, ok := n.take()
	if !ok || len(record) < 4 || int(binary.BigEndian.Uint32(record)) != len(n.names)+len(n.nested) {
		n.err = errNested
		return false
	}
	record = record[4:]
	first := n.values == nil
	if first {
		n.describe(record)
	}
	for i := range n.values {
		if len(record) < 8 {
			n.err = errNested
			return false
		}
		size := binary.BigEndian.Uint32(record[4:])
		record = record[8:]
		if size == 1<<32-1 {
			n.values[i] = nil
			continue
		}
		if uint64(len(record)) < uint64(size) {
			n.err = errNested
			return false
		}
		n.values[i], record = record[:size:size], record[size:]
	}
	return true
}

// take takes the next element of the array.
func (n *nestedRows) take() ([]byte, bool) {
	if len(n.array) < 4 {
		return nil, false
	}
	size := binary.BigEndian.Uint32(n.array)
	n.array = n.array[4:]
	if uint64(len(n.array)) < uint64(size) { // Also for NULL, which no row is.
		return nil, false
	}
	var element []byte
	element, n.array = n.array[:size:size], n.array[size:]
	return element, true
}

// describe finds how the columns are decoded: a record says of which type its fields are.
func (n *nestedRows) describe(record []byte) {
	types := &bufferedRows{types: n.types}
	n.values = make([][]byte, len(n.names)+len(n.nested))
	n.row = Rows{rows: types, names: n.names, kinds: make([]kind, len(n.names))}
	for i := range n.names {
		if len(record) < 8 {
			return // Next finds that out.
		}
		oid := binary.BigEndian.Uint32(record)
		if size := binary.BigEndian.Uint32(record[4:]); size == 1<<32-1 {
			record = record[8:]
		} else if rest := uint64(len(record) - 8); rest < uint64(size) {
			return
		} else {
			record = record[8+size:]
		}
		n.row.kinds[i] = nestedKind(types, oid)
		types.fields = append(types.fields, pgconn.FieldDescription{Name: n.names[i], DataTypeOID: oid, Format: pgx.BinaryFormatCode})
	}
}

// nestedKind returns how a column of a nested row is decoded.
func nestedKind(types *bufferedRows, oid uint32) kind {
	if oid == pgtype.JSONBOID {
		return kindJSON // Without the version that it begins with.
	}
	switch k := binaryKind(oid); k {
	case kindOther:
	case kindTimestamp, kindTimestamptz:
		if types.types == nil {
			return k
		}
		return timeKind(types.types, oid, k)
	default:
		return k
	}
	if _, ok := types.TypeMap().TypeForOID(oid); !ok {
		return kindText // A type of an extension or the app: an enum, citext.
	}
	return kindOther
}

// First implements eager.Rows.
func (n *nestedRows) First() []byte { return n.values[0] }

// Scan implements eager.Rows. It keeps the rows of edges.
func (n *nestedRows) Scan(dest ...any) error {
	columns := n.values[:len(n.names)]
	if len(dest) != len(columns) {
		return fmt.Errorf("sql: expected %d destination arguments in Scan, not %d", len(columns), len(dest))
	}
	for i, e := range n.nested {
		e.add(n.values[len(columns)+i])
	}
	n.row.values = columns
	n.row.text.reset()
	for i, d := range dest {
		if field := n.row.rows.FieldDescriptions()[i]; field.DataTypeOID == pgtype.JSONBOID && len(columns[i]) > 0 {
			columns[i] = columns[i][1:]
		}
		if err := n.row.scan(i, d); err != nil {
			return fmt.Errorf("sql: Scan error on column index %d, name %q: %w", i, n.names[i], err)
		}
	}
	return nil
}

// Err implements eager.Rows.
func (n *nestedRows) Err() error { return n.err }

// deliver gives the rows of edges to their nodes, and returns the bytes that they take.
func deliverNested(rows []*nestedRows, nodes []*eager.Node) (size int) {
	for _, n := range rows {
		size += n.size
		nodes[n.node].SetRows(n)
		size += deliverNested(n.nested, nodes)
	}
	return size
}
