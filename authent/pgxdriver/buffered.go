package pgxdriver

import (
	"errors"
	"slices"

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
	edges  []*edgeRows // whose rows come in these
	along  int         // the bytes of those

	data   rowData
	values [][]byte
	tag    pgconn.CommandTag
}

var _ pgx.Rows = (*bufferedRows)(nil)

// buffer reads rows to their end, with those of edges in them.
func buffer(rows pgx.Rows, edges []*edgeRows) (*bufferedRows, error) {
	b := &bufferedRows{edges: edges}
	for rows.Next() {
		if b.fields == nil {
			b.describe(rows)
		}
		values := rows.RawValues()
		b.data.add(values)
		for _, v := range values[len(b.names):] {
			b.along += len(v)
		}
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
	b.values = make([][]byte, len(b.fields))
	own := len(b.fields) - width(b.edges)
	b.names = make([]string, own)
	b.kinds = make([]kind, own)
	for i, f := range b.fields[:own] {
		b.names[i] = f.Name
		b.kinds[i] = kindOf(rows.TypeMap(), f.DataTypeOID, f.Format)
		if b.types == nil && needsTypes(b.kinds[i], f.DataTypeOID) {
			b.types = rows.TypeMap().Copy()
		}
	}
	describeEdges(b.edges, rows.TypeMap(), b.fields[own:])
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
	return &Rows{rows: b, owner: rowsOwner{edges: b.edges}, row: row{names: b.names, kinds: b.kinds, types: b}}
}

// Next moves on to the next row.
func (b *bufferedRows) Next() bool { return b.data.read(b.values) }

// TypeMap returns the types of the connection, or the ones that all have if those will do.
func (b *bufferedRows) TypeMap() *pgtype.Map {
	if b.types == nil {
		b.types = pgtype.NewMap()
	}
	return b.types
}

// Close gives the memory back. What was scanned is a copy.
func (b *bufferedRows) Close() { b.data.free() }

func (b *bufferedRows) Err() error                                   { return nil }
func (b *bufferedRows) CommandTag() pgconn.CommandTag                { return b.tag }
func (b *bufferedRows) FieldDescriptions() []pgconn.FieldDescription { return b.fields }
func (b *bufferedRows) RawValues() [][]byte                          { return b.values }
func (b *bufferedRows) Conn() *pgx.Conn                              { return nil }
func (b *bufferedRows) Scan(...any) error                            { return errors.ErrUnsupported }
func (b *bufferedRows) Values() ([]any, error)                       { return nil, errors.ErrUnsupported }
