package eager

import (
	"slices"
	"sync"

	"entgo.io/ent/dialect/sql"
)

// Values are values that rows of a type were scanned into, for the next rows: entities keep none of them. The zero
// value is ready for use, by many goroutines.
type Values struct{ pool sync.Pool }

// scanned are the values for some columns.
type scanned struct {
	columns []string
	values  []any
}

// get returns values for columns, or nil.
func (v *Values) get(columns []string) *scanned {
	if s, ok := v.pool.Get().(*scanned); ok && slices.Equal(s.columns, columns) {
		return s
	}
	return nil
}

// reader makes entities of rows with the same columns.
type reader[T any] struct {
	Entities[T]
	columns []string
	values  []any
	reused  *scanned // what holds the values if they are for all rows
}

// read makes an entity of a row.
func (r *reader[T]) read(rows interface{ Scan(dest ...any) error }) (*T, error) {
	if r.reused == nil {
		if err := r.scanValues(rows); err != nil {
			return nil, err
		}
	}
	if err := rows.Scan(r.values...); err != nil {
		return nil, err
	}
	e := r.New()
	return e, r.Assign(e, r.columns, r.values)
}

// scanValues finds values that the next row is scanned into.
func (r *reader[T]) scanValues(rows any) (err error) {
	if r.Values != nil {
		if r.reused = r.Values.get(r.columns); r.reused != nil {
			r.values = r.reused.values
			return nil
		}
	}
	if r.values, err = r.Scan(r.columns); err != nil {
		return err
	}
	keeps := r.Values == nil
	for i, v := range r.values {
		if _, unknown := v.(*sql.UnknownType); !unknown {
			continue
		}
		keeps = true
		if s, ok := rows.(*sql.Rows); ok {
			r.values[i] = sql.ScanTypeOf(s, i)
		}
	}
	if !keeps {
		r.reused = &scanned{r.columns, r.values}
	}
	return nil
}

// close ends the use of the values.
func (r *reader[T]) close() {
	if r.reused != nil {
		r.Values.pool.Put(r.reused)
	}
}
