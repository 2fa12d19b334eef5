package entstore

import (
	"context"
	databasesql "database/sql"
	"fmt"
	"strings"

	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
)

// joined is the prefix of the columns of a joined table in a result.
const joined = "authent_"

// Join makes a query return columns of the row of another table that its foreign key refers to,
// so that both rows are read in one statement.
func Join(table, id, foreignKey string, columns []string) func(*sql.Selector) {
	return func(s *sql.Selector) {
		t := sql.Dialect(s.Dialect()).Table(table)
		s.Join(t).On(s.C(foreignKey), t.C(id))
		for _, c := range columns {
			s.AppendSelectExprAs(sql.Raw(t.C(c)), joined+c)
		}
	}
}

// JoinDriver returns the driver for a query with Join. Ent asks the driver for the types of the joined columns, and a
// driver for SQLite has none for a value that is NULL: on SQLite it is not asked, and values come as they are.
func JoinDriver(drv dialect.Driver) dialect.Driver {
	if drv.Dialect() != dialect.SQLite {
		return drv
	}
	return joinDriver{drv}
}

type joinDriver struct{ dialect.Driver }

// Query implements dialect.ExecQuerier.
func (d joinDriver) Query(ctx context.Context, query string, args, v any) error {
	err := d.Driver.Query(ctx, query, args, v)
	if rows, ok := v.(*sql.Rows); ok && err == nil {
		rows.ColumnScanner = untyped{rows.ColumnScanner}
	}
	return err
}

// untyped are rows that do not tell the types of their columns.
type untyped struct{ sql.ColumnScanner }

// ColumnTypes implements sql.ColumnScanner.
func (untyped) ColumnTypes() ([]*databasesql.ColumnType, error) { return nil, nil }

// Joined fills values, the destinations of the columns, with what a query with Join selected.
// selected is the method Value of the entity.
func Joined(selected func(string) (ent.Value, error), columns []string, values []any) error {
	for i, c := range columns {
		v, err := selected(joined + c)
		if err != nil {
			return fmt.Errorf("authent: joined column %q: %w", c, err)
		}
		if err := assign(values[i], v); err != nil {
			return fmt.Errorf("authent: joined column %q: %w", c, err)
		}
	}
	return nil
}

// assign stores a value that a driver returned in a destination of Ent's scanValues.
func assign(dest any, value any) error {
	switch d := dest.(type) {
	case databasesql.Scanner:
		return d.Scan(value)
	case *[]byte:
		switch v := value.(type) {
		case nil:
			*d = nil
		case []byte:
			*d = append([]byte(nil), v...)
		case string:
			*d = []byte(v)
		default:
			return fmt.Errorf("unexpected type %T", value)
		}
		return nil
	}
	return fmt.Errorf("unexpected destination %s", strings.TrimPrefix(fmt.Sprintf("%T", dest), "*"))
}
