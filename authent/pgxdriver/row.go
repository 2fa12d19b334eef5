package pgxdriver

import (
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// row is a row as it came from the server, and how its columns are decoded.
type row struct {
	names  []string // of the columns
	kinds  []kind
	types  types
	values [][]byte
	text   rowText
}

// types are what pgx knows of columns.
type types interface {
	TypeMap() *pgtype.Map
	FieldDescriptions() []pgconn.FieldDescription
}

// set moves on to another row with the same columns.
func (r *row) set(values [][]byte) {
	r.values = values
	r.text = rowText{}
}

// scanAll copies all columns into destinations.
func (r *row) scanAll(dest []any) error {
	if len(dest) != len(r.values) {
		return fmt.Errorf("sql: expected %d destination arguments in Scan, not %d", len(r.values), len(dest))
	}
	for i, d := range dest {
		if err := r.scan(i, d); err != nil {
			return fmt.Errorf("sql: Scan error on column index %d, name %q: %w", i, r.names[i], err)
		}
	}
	return nil
}
