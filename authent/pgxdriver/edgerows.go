package pgxdriver

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/agentuity/auth-go/authent/eager"
)

// edgeRows are the rows of an edge that came in the rows of its parents: joined, as columns of
// them, or nested, as an array of records in one column. They are kept as they came until the parents are
// entities.
type edgeRows struct {
	node    int
	joined  bool
	records bool // they are records, or part of some: in the binary form of record_send of the server
	known   *knownColumns
	edges   []*edgeRows // whose rows come in these
	spread  *spread     // if it is to many, and joined
	shape   *shape      // that is to learn how often rows came again, or nil
	typeMap *pgtype.Map // of the connection, if records need it: the app changed what matters here

	data   rowData // by parent
	array  []byte  // what is left of the current parent's, if they are nested
	left   int     // its rows
	fields []pgconn.FieldDescription
	values [][]byte // of the current row, with the columns of edges
	row    row      // the current row, without
	again  int      // rows that were not scanned: an entity of them is there
	err    error
}

var _ eager.Rows = (*edgeRows)(nil)

// newEdgeRows returns where the rows of edges are kept that come in those of a node.
func newEdgeRows(s *shape, c choice, node int, records bool) (all []*edgeRows) {
	for _, i := range s.nodes[node].edges {
		if c[i]&comesAlong == 0 {
			continue
		}
		n := &s.nodes[i]
		joined := c[i]&comesJoined != 0
		e := newEdge(n.names, joined, records || !joined, n.columns)
		e.node, e.shape = i, s
		if joined && !n.key.One {
			e.spread = &spread{}
		}
		e.edges = newEdgeRows(s, c, i, e.records)
		all = append(all, e)
	}
	return all
}

// newEdge is newEdgeRows for one edge, whose rows have columns of some names.
func newEdge(names []string, joined, records bool, known *edgeColumns) *edgeRows {
	e := &edgeRows{joined: joined, records: records, known: &known.joined, row: row{names: names}}
	if records {
		e.known = &known.records
	}
	e.row.types = e
	return e
}

// width returns how many columns the rows of edges take in those of their parents.
func width(edges []*edgeRows) (columns int) {
	for _, e := range edges {
		columns += e.width()
	}
	return columns
}

func (e *edgeRows) width() int {
	if e.joined {
		return len(e.row.names) + width(e.edges)
	}
	return 1
}

// describeEdges takes down how the columns are decoded that the rows of edges take in those of their parents.
func describeEdges(edges []*edgeRows, types *pgtype.Map, fields []pgconn.FieldDescription) {
	for _, e := range edges {
		n := e.width()
		if e.joined {
			e.describe(types, fields[:n])
		}
		fields = fields[n:]
	}
}

// describe takes down how the columns are decoded, of the row and of what comes in it. Neither types, which are those
// of the connection, nor fields may be kept.
func (e *edgeRows) describe(types *pgtype.Map, fields []pgconn.FieldDescription) {
	own := len(e.row.names)
	e.values = make([][]byte, len(fields))
	if known := e.known.get(fields); known != nil && e.typeMap == nil {
		e.fields, e.row.kinds = known.fields, known.kinds
	} else {
		e.learn(types, slices.Clone(fields))
	}
	describeEdges(e.edges, types, e.fields[own:])
}

// learn is describe for columns that are not known.
func (e *edgeRows) learn(types *pgtype.Map, fields []pgconn.FieldDescription) {
	e.fields, e.row.kinds = fields, make([]kind, len(e.row.names))
	same := e.typeMap == nil // for all connections
	for i, f := range fields[:len(e.row.kinds)] {
		if e.records {
			e.row.kinds[i] = e.recordKind(f.DataTypeOID)
			continue
		}
		e.row.kinds[i] = kindOf(types, f.DataTypeOID, f.Format)
		if needsTypes(e.row.kinds[i], f.DataTypeOID) {
			same = false
			if e.typeMap == nil {
				e.typeMap = types.Copy()
			}
		}
	}
	if same {
		e.known.set(&columns{fields, e.row.kinds})
	}
}

// TypeMap returns the types of the connection, or the ones that all have if those will do.
func (e *edgeRows) TypeMap() *pgtype.Map {
	if e.typeMap == nil {
		e.typeMap = pgtype.NewMap()
	}
	return e.typeMap
}

// FieldDescriptions returns the columns of a row.
func (e *edgeRows) FieldDescriptions() []pgconn.FieldDescription { return e.fields[:len(e.row.names)] }

// keepEdges keeps the rows of edges that came in a row of their parents.
func keepEdges(edges []*edgeRows, values [][]byte) {
	for _, e := range edges {
		n := e.width()
		if e.spread != nil {
			e.spread.counts = append(e.spread.counts, 0)
			e.addSpread(values[:n])
		} else {
			e.data.add(values[:n])
		}
		values = values[n:]
	}
}

// useTypes makes records use the types of a connection, if the app changed how points in time are read.
func useTypes(edges []*edgeRows, conn *pgx.Conn) {
	m := conn.TypeMap()
	if timeKind(m, pgtype.TimestamptzOID, kindTimestamptz) == kindOther || timeKind(m, pgtype.TimestampOID, kindTimestamp) == kindOther {
		setTypes(edges, m.Copy())
	}
}

func setTypes(edges []*edgeRows, types *pgtype.Map) {
	for _, e := range edges {
		e.typeMap = types
		setTypes(e.edges, types)
	}
}

// errNested is the error for bytes that are not an array of records.
var errNested = errors.New("pgxdriver: the rows of an edge came in a form that is not understood")

// Close implements eager.Rows. It gives the memory back: what was scanned is a copy.
func (e *edgeRows) Close() {
	if e.shape != nil && e.joined {
		e.shape.cameAgain(e.again * e.width())
	}
	e.data.free()
	e.array, e.left, e.again = nil, 0, 0
}

// Columns implements eager.Rows.
func (e *edgeRows) Columns() []string { return e.row.names }

// NextParent implements eager.Rows.
func (e *edgeRows) NextParent() {
	e.left = 0
	if e.err != nil {
		return
	}
	switch {
	case e.spread != nil:
		var ok bool
		if e.left, ok = e.spread.take(); !ok {
			e.err = errNested
		}
	case e.joined:
		if !e.data.read(e.values) {
			e.err = errNested
		} else if e.values[0] != nil { // The id, without which there is no row.
			e.left = 1
		}
	default:
		var array [1][]byte
		if !e.data.read(array[:]) {
			e.err = errNested
			return
		}
		e.left, e.array, e.err = takeArray(array[0])
	}
}

// takeArray returns the number of elements of an array in the binary form of array_send, and their bytes.
func takeArray(array []byte) (elements int, rest []byte, err error) {
	// The number of dimensions, whether there are NULLs, the type; for a dimension its size and
	// first index.
	const head, dimension = 12, 8
	switch {
	case len(array) < head:
		return 0, nil, errNested
	case binary.BigEndian.Uint32(array) == 0:
		return 0, nil, nil
	case len(array) < head+dimension:
		return 0, nil, errNested
	}
	return int(binary.BigEndian.Uint32(array[head:])), array[head+dimension:], nil
}

// Next implements eager.Rows.
func (e *edgeRows) Next() bool {
	if e.err != nil || e.left == 0 {
		return false
	}
	e.left--
	e.again++
	switch {
	case !e.joined:
		e.err = e.nextRecord()
	case e.spread != nil && !e.data.read(e.values):
		e.err = errNested
	}
	return e.err == nil
}

// nextRecord moves on to the next record of the array.
func (e *edgeRows) nextRecord() error {
	if len(e.array) < 4 {
		return errNested
	}
	size := binary.BigEndian.Uint32(e.array)
	e.array = e.array[4:]
	if uint64(len(e.array)) < uint64(size) { // Also for NULL, which no row is.
		return errNested
	}
	record := e.array[:size:size]
	e.array = e.array[size:]
	columns := len(e.row.names) + width(e.edges)
	if len(record) < 4 || int(binary.BigEndian.Uint32(record)) != columns {
		return errNested
	}
	record = record[4:]
	if e.values == nil {
		fields := e.known.ofRecord(record, columns)
		if fields == nil {
			var ok bool
			if fields, ok = fieldsOf(record, columns); !ok {
				return errNested
			}
		}
		e.describe(nil, fields)
	}
	for i := range e.values {
		var ok bool
		if _, e.values[i], record, ok = takeField(record); !ok {
			return errNested
		}
	}
	return nil
}

// fieldsOf returns the descriptions of a record's columns: it says of which types they are.
func fieldsOf(record []byte, columns int) ([]pgconn.FieldDescription, bool) {
	fields := make([]pgconn.FieldDescription, columns)
	for i := range fields {
		var ok bool
		fields[i].Format = pgx.BinaryFormatCode
		if fields[i].DataTypeOID, _, record, ok = takeField(record); !ok {
			return nil, false
		}
	}
	return fields, true
}

// takeField returns the type and the value of the first field of a record, nil for NULL, and the other fields.
func takeField(record []byte) (oid uint32, value, rest []byte, ok bool) {
	if len(record) < 8 {
		return 0, nil, nil, false
	}
	oid, size := binary.BigEndian.Uint32(record), binary.BigEndian.Uint32(record[4:])
	rest = record[8:]
	if size == isNull {
		return oid, nil, rest, true
	}
	if uint64(len(rest)) < uint64(size) {
		return 0, nil, nil, false
	}
	return oid, rest[:size:size], rest[size:], true
}

// recordKind returns how a column of a record is decoded.
func (e *edgeRows) recordKind(oid uint32) kind {
	if oid == pgtype.JSONBOID {
		return kindJSON // Without the version that it begins with.
	}
	switch k := binaryKind(oid); k {
	case kindOther:
	case kindTimestamp, kindTimestamptz:
		if e.typeMap == nil {
			return k
		}
		return timeKind(e.typeMap, oid, k)
	default:
		return k
	}
	if _, ok := e.TypeMap().TypeForOID(oid); !ok {
		return kindText // A type of an extension or the app: an enum, citext.
	}
	return kindOther
}

// First implements eager.Rows.
func (e *edgeRows) First() []byte { return e.values[0] }

// Scan implements eager.Rows. It keeps the rows of edges.
func (e *edgeRows) Scan(dest ...any) error {
	e.again--
	own := len(e.row.names)
	keepEdges(e.edges, e.values[own:])
	e.row.set(e.values[:own])
	if e.records {
		for i, v := range e.row.values {
			if e.fields[i].DataTypeOID == pgtype.JSONBOID && len(v) > 0 {
				e.row.values[i] = v[1:]
			}
		}
	}
	return e.row.scanAll(dest)
}

// Err implements eager.Rows.
func (e *edgeRows) Err() error { return e.err }

// edgeSize is how much came in the rows of parents.
type edgeSize struct {
	joinedBytes, nestedBytes, nestedValues int
	repeatedBytes, repeatedValues          int // of a parent that came again with the rows of an edge to many
	spreadValues                           int // of those rows
}

// deliverEdges gives the rows of edges to their nodes, and returns how much it is.
func deliverEdges(edges []*edgeRows, nodes []*eager.Node) (size edgeSize) {
	for _, e := range edges {
		switch {
		case e.spread != nil:
			size.repeatedBytes += e.spread.repeatedBytes
			size.repeatedValues += e.spread.repeatedValues
			size.spreadValues += e.spread.rows * e.valuesOfRecord()
			size.nestedValues += e.spread.rows * nestedValues(e.edges)
		case e.joined:
			size.joinedBytes += e.data.size
		default:
			size.nestedBytes += e.data.size
			size.nestedValues += e.elements() * e.valuesOfRecord()
		}
		nodes[e.node].SetRows(e)
		below := deliverEdges(e.edges, nodes)
		size.joinedBytes += below.joinedBytes
		size.nestedBytes += below.nestedBytes
		size.nestedValues += below.nestedValues
	}
	return size
}

// elements returns how many records there are in the arrays.
func (e *edgeRows) elements() (n int) {
	data := e.data
	for array := [1][]byte{}; data.read(array[:]); {
		elements, _, _ := takeArray(array[0])
		n += elements
	}
	return n
}

// nestedValues returns how many values those of edges have that are nested, with one record of each.
func nestedValues(edges []*edgeRows) (n int) {
	for _, e := range edges {
		if e.joined {
			n += nestedValues(e.edges)
		} else {
			n += e.valuesOfRecord()
		}
	}
	return n
}

// valuesOfRecord returns how many values a record has, with those of one record of each edge below.
func (e *edgeRows) valuesOfRecord() int {
	n := len(e.row.names)
	for _, below := range e.edges {
		n += below.valuesOfRecord()
	}
	return n
}
