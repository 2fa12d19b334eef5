package entstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
)

// Pair reads a row of a table together with the row of another table that its foreign key refers to, in one statement.
// The text of a statement is made once. It is not Ent's: where the queries of one of the types have interceptors or a
// privacy policy, the store leaves it to Ent to load the edge. T and O are the entities of the tables.
type Pair[T, O any] struct {
	Row        Side[T]
	ForeignKey string
	Other      Side[O]
	OtherID    string
	Reuse      bool // Entities keep none of the values that rows are scanned into.

	texts   Queries[statement, string]
	updates Queries[updateForm, string]
	values  sync.Pool // of *[]any
}

// Side is one of the tables of a pair, with the methods scanValues and assignValues of its entities.
type Side[T any] struct {
	Table   string
	Columns []string
	Scan    func(*T, []string) ([]any, error)
	Assign  func(*T, []string, []any) error
}

// Schemas are the schemas in the database of the two tables; empty for that of the connection.
type Schemas struct{ Table, Other string }

// statement says what the text of a statement depends on. By is empty for one that reads what an update returns.
type statement struct {
	dialect string
	schemas Schemas
	by      string
}

// Find reads the first pair of which the column by of the table has a value, and tells whether there is one.
func (p *Pair[T, O]) Find(ctx context.Context, drv dialect.Driver, schemas Schemas, by string, value any, row *T, other *O) (bool, error) {
	return p.query(ctx, drv, p.text(statement{drv.Dialect(), schemas, by}), []any{value}, row, other)
}

// returned is the name of the rows that an update returns.
const returned = "authent_returned"

func (p *Pair[T, O]) text(s statement) string {
	render := func() (string, error) {
		builder := sql.Dialect(s.dialect)
		t, other := builder.Table(p.Row.Table).Schema(s.schemas.Table), builder.Table(p.Other.Table).Schema(s.schemas.Other).As("other")
		if s.by == "" {
			t = builder.Table(returned)
		}
		query := builder.Select(t.Columns(p.Row.Columns...)...).AppendSelect(other.Columns(p.Other.Columns...)...).
			From(t).Join(other).On(t.C(p.ForeignKey), other.C(p.OtherID)).Limit(1)
		if s.by != "" {
			query.Where(sql.EQ(t.C(s.by), ""))
		}
		text, _ := query.Query()
		return text, nil
	}
	text, ok, _ := p.texts.Get(s, render)
	if !ok {
		text, _ = render()
	}
	return text
}

// query reads the first pair of rows of a result, and tells whether there is one.
func (p *Pair[T, O]) query(ctx context.Context, drv dialect.ExecQuerier, query string, args []any, row *T, other *O) (found bool, err error) {
	values, err := p.scanValues(row, other)
	if err != nil {
		return false, err
	}
	if p.Reuse {
		defer p.values.Put(values)
	}
	rows := &sql.Rows{}
	if err := drv.Query(ctx, query, args, rows); err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if !rows.Next() {
		return false, rows.Err()
	}
	if err := rows.Scan(*values...); err != nil {
		return false, err
	}
	n := len(p.Row.Columns)
	if err := p.Row.Assign(row, p.Row.Columns, (*values)[:n]); err != nil {
		return false, err
	}
	return true, p.Other.Assign(other, p.Other.Columns, (*values)[n:])
}

// scanValues returns values to scan a pair of rows into.
func (p *Pair[T, O]) scanValues(row *T, other *O) (*[]any, error) {
	if kept, ok := p.values.Get().(*[]any); ok {
		return kept, nil
	}
	values, err := p.Row.Scan(row, p.Row.Columns)
	if err != nil {
		return nil, err
	}
	others, err := p.Other.Scan(other, p.Other.Columns)
	if err != nil {
		return nil, err
	}
	values = append(values, others...)
	return &values, nil
}

// CanReturn reports whether an update can return the pair of the row that it changed.
func CanReturn(drv dialect.Driver) bool { return drv.Dialect() == dialect.Postgres }

// Returning returns the driver for an update of one row by Ent's builder, whose hooks and defaults apply: the statement
// that the builder sends also reads the pair of the row that it changed.
func (p *Pair[T, O]) Returning(drv dialect.Driver, schemas Schemas, row *T, other *O) dialect.Driver {
	return &returning[T, O]{Driver: drv, pair: p, schemas: schemas, row: row, other: other}
}

type returning[T, O any] struct {
	dialect.Driver
	pair    *Pair[T, O]
	schemas Schemas
	row     *T
	other   *O
}

// Exec implements dialect.ExecQuerier.
func (d *returning[T, O]) Exec(ctx context.Context, query string, args, v any) error {
	res, isResult := v.(*sql.Result)
	list, isList := args.([]any)
	if !isResult || !isList || !strings.HasPrefix(query, "UPDATE ") {
		return fmt.Errorf("authent: an update of one row sends an unexpected statement: %.40q", query)
	}
	found, err := d.pair.query(ctx, d.Driver, d.pair.returning(query, d.schemas, d.Dialect()), list, d.row, d.other)
	if err != nil {
		return err
	}
	*res = affected(0)
	if found {
		*res = affected(1)
	}
	return nil
}

// affected is the result of a statement that changed some rows.
type affected int64

// LastInsertId implements sql.Result.
func (affected) LastInsertId() (int64, error) {
	return 0, errors.New("authent: an update inserts no row")
}

// RowsAffected implements sql.Result.
func (n affected) RowsAffected() (int64, error) { return int64(n), nil }
