package pgxdriver

import (
	"encoding/binary"
	"errors"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// bufferedRows are rows that were read from their connection, as pgx's rows.
type bufferedRows struct {
	names  []string
	fields []pgconn.FieldDescription
	kinds  []kind
	types  *pgtype.Map // nil until it is needed, if those of the connection are not

	data   []byte  // per column of a row its length, -1 for NULL, and its bytes
	memory *[]byte // what data is part of
	values [][]byte
	tag    pgconn.CommandTag
}

// maxKeptRows is how many bytes the memory for rows may have to be used again.
const maxKeptRows = 16 << 20

// rowMemory is the memory of rows that were read.
var rowMemory = sync.Pool{New: func() any { return new([]byte) }}

var _ pgx.Rows = (*bufferedRows)(nil)

// buffer reads rows to their end.
func buffer(rows pgx.Rows) (*bufferedRows, error) {
	b := &bufferedRows{}
	if memory, ok := rowMemory.Get().(*[]byte); ok {
		b.memory, b.data = memory, (*memory)[:0]
	}
	for rows.Next() {
		values := rows.RawValues()
		size := 4 * len(values)
		for _, v := range values {
			size += len(v)
		}
		if cap(b.data)-len(b.data) < size {
			b.data = slices.Grow(b.data, max(size, len(b.data), 512))
		}
		for _, v := range values {
			n := uint32(len(v))
			if v == nil {
				n = 1<<32 - 1
			}
			b.data = binary.BigEndian.AppendUint32(b.data, n)
			b.data = append(b.data, v...)
		}
		if b.fields == nil {
			b.describe(rows)
		}
	}
	if b.memory != nil {
		*b.memory = b.data[:0]
	}
	b.tag = rows.CommandTag()
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if b.fields == nil {
		b.describe(rows)
	}
	return b, nil
}

// describe takes down the columns, while the connection is there.
func (b *bufferedRows) describe(rows pgx.Rows) {
	b.fields = slices.Clone(rows.FieldDescriptions()) // They belong to the connection.
	b.names = make([]string, len(b.fields))
	b.kinds = make([]kind, len(b.fields))
	b.values = make([][]byte, len(b.fields))
	for i, f := range b.fields {
		b.names[i] = f.Name
		b.kinds[i] = kindOf(rows.TypeMap(), f.DataTypeOID, f.Format)
		if b.types == nil && needsTypes(b.kinds[i], f.DataTypeOID) {
			b.types = rows.TypeMap().Copy()
		}
	}
}

// needsTypes reports whether values of a column may have to be decoded by pgx.
func needsTypes(k kind, oid uint32) bool {
	if k != kindText {
		return k == kindOther
	}
	switch oid {
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.BPCharOID, pgtype.NameOID, pgtype.NumericOID, pgtype.UUIDOID:
		return false
	}
	return true
}

// rows returns the rows in the form that Ent scans.
func (b *bufferedRows) rows() *Rows {
	return &Rows{rows: b, names: b.names, kinds: b.kinds}
}

// Next moves on to the next row.
func (b *bufferedRows) Next() bool {
	if len(b.data) == 0 {
		return false
	}
	for i := range b.values {
		n := binary.BigEndian.Uint32(b.data)
		b.data = b.data[4:]
		if n == 1<<32-1 {
			b.values[i] = nil
			continue
		}
		b.values[i] = b.data[:n:n]
		b.data = b.data[n:]
	}
	return true
}

// TypeMap returns the types of the connection, or the ones that all have if those will do.
func (b *bufferedRows) TypeMap() *pgtype.Map {
	if b.types == nil {
		b.types = pgtype.NewMap()
	}
	return b.types
}

// Close gives the memory back. What was scanned is a copy.
func (b *bufferedRows) Close() {
	b.data = nil
	if b.memory != nil && cap(*b.memory) <= maxKeptRows {
		rowMemory.Put(b.memory)
	}
	b.memory = nil
}

func (b *bufferedRows) Err() error                                   { return nil }
func (b *bufferedRows) CommandTag() pgconn.CommandTag                { return b.tag }
func (b *bufferedRows) FieldDescriptions() []pgconn.FieldDescription { return b.fields }
func (b *bufferedRows) RawValues() [][]byte                          { return b.values }
func (b *bufferedRows) Conn() *pgx.Conn                              { return nil }
func (b *bufferedRows) Scan(...any) error                            { return errors.ErrUnsupported }
func (b *bufferedRows) Values() ([]any, error)                       { return nil, errors.ErrUnsupported }
