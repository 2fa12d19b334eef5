package pgxdriver

import (
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"
)

// columns are columns of rows as the server described them, and how the first of them are decoded, by all
// connections.
type columns struct {
	fields []pgconn.FieldDescription
	kinds  []kind
}

// knownColumns remember the columns of an edge's rows.
type knownColumns struct {
	last atomic.Pointer[columns]
}

// edgeColumns are those of rows that are joined to the rows of their parents, and those that are in records.
type edgeColumns struct{ joined, records knownColumns }

func (k *knownColumns) set(c *columns) { k.last.Store(c) }

// get returns what is known of columns, or nil.
func (k *knownColumns) get(fields []pgconn.FieldDescription) *columns {
	c := k.last.Load()
	if c == nil || len(c.fields) != len(fields) {
		return nil
	}
	for i := range fields {
		if f := &fields[i]; f.DataTypeOID != c.fields[i].DataTypeOID || f.Format != c.fields[i].Format {
			return nil
		}
	}
	return c
}

// ofRecord returns the columns of a record, if they are known: it says of which types they are.
func (k *knownColumns) ofRecord(record []byte, columns int) []pgconn.FieldDescription {
	c := k.last.Load()
	if c == nil || len(c.fields) != columns {
		return nil
	}
	for i := range c.fields {
		oid, _, rest, ok := takeField(record)
		if !ok || oid != c.fields[i].DataTypeOID {
			return nil
		}
		record = rest
	}
	return c.fields
}
