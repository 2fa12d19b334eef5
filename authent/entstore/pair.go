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
// privacy policy, the store leaves it to Ent to load the edge.
type Pair struct {
	Table      string
	Columns    []string
	ForeignKey string

	OtherTable   string
	OtherColumns []string
	OtherID      string

	texts sync.Map // statement -> string
}

// Schemas are the schemas in the database of the two tables; empty for that of the connection.
type Schemas struct{ Table, Other string }

// statement says what the text of a statement depends on. By is empty for one that reads what an update returns.
type statement struct {
	dialect string
	schemas Schemas
	by      string
}

// Row is what a row of a result is read into: the columns, and the methods scanValues and assignValues of an entity.
type Row struct {
	Columns []string
	Scan    func([]string) ([]any, error)
	Assign  func([]string, []any) error
}

// Find reads the first pair of which the column by of the table has a value, and tells whether there is one.
func (p *Pair) Find(ctx context.Context, drv dialect.Driver, schemas Schemas, by string, value any, row, other Row) (bool, error) {
	return queryPair(ctx, drv, p.text(statement{drv.Dialect(), schemas, by}), []any{value}, row, other)
}

// returned is the name of the rows that an update returns.
const returned = "authent_returned"

func (p *Pair) text(s statement) string {
	if text, ok := p.texts.Load(s); ok {
		return text.(string)
	}
	builder := sql.Dialect(s.dialect)
	t, other := builder.Table(p.Table).Schema(s.schemas.Table), builder.Table(p.OtherTable).Schema(s.schemas.Other).As("other")
	if s.by == "" {
		t = builder.Table(returned)
	}
	query := builder.Select(t.Columns(p.Columns...)...).AppendSelect(other.Columns(p.OtherColumns...)...).
		From(t).Join(other).On(t.C(p.ForeignKey), other.C(p.OtherID)).Limit(1)
	if s.by != "" {
		query.Where(sql.EQ(t.C(s.by), ""))
	}
	text, _ := query.Query()
	p.texts.Store(s, text)
	return text
}

// queryPair reads the first pair of rows of a result, and tells whether there is one.
func queryPair(ctx context.Context, drv dialect.ExecQuerier, query string, args []any, row, other Row) (found bool, err error) {
	values, err := row.Scan(row.Columns)
	if err != nil {
		return false, err
	}
	others, err := other.Scan(other.Columns)
	if err != nil {
		return false, err
	}
	rows := &sql.Rows{}
	if err := drv.Query(ctx, query, args, rows); err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if !rows.Next() {
		return false, rows.Err()
	}
	if err := rows.Scan(append(append(make([]any, 0, len(values)+len(others)), values...), others...)...); err != nil {
		return false, err
	}
	if err := row.Assign(row.Columns, values); err != nil {
		return false, err
	}
	return true, other.Assign(other.Columns, others)
}

// CanReturn reports whether an update can return the pair of the row that it changed.
func CanReturn(drv dialect.Driver) bool { return drv.Dialect() == dialect.Postgres }

// Returning returns the driver for an update of one row by Ent's builder, whose hooks and defaults apply: the statement
// that the builder sends also reads the pair of the row that it changed.
func (p *Pair) Returning(drv dialect.Driver, schemas Schemas, row, other Row) dialect.Driver {
	return &returning{Driver: drv, pair: p, schemas: schemas, row: row, other: other}
}

type returning struct {
	dialect.Driver
	pair       *Pair
	schemas    Schemas
	row, other Row
}

// Exec implements dialect.ExecQuerier.
func (d *returning) Exec(ctx context.Context, query string, args, v any) error {
	res, isResult := v.(*sql.Result)
	list, isList := args.([]any)
	if !isResult || !isList || !strings.HasPrefix(query, "UPDATE ") {
		return fmt.Errorf("authent: an update of one row sends an unexpected statement: %.40q", query)
	}
	query = `WITH "` + returned + `" AS (` + query + ` RETURNING *) ` + d.pair.text(statement{dialect: d.Dialect(), schemas: d.schemas})
	found, err := queryPair(ctx, d.Driver, query, list, d.row, d.other)
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
