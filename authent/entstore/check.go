package entstore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/agentuity/auth-go/authent"
)

// Columns are the columns of a table.
type Columns struct {
	Table   string
	Columns []string
}

// Check returns an error that names each of the tables, or the columns of one, that the database
// does not have. Tables are asked for no rows, so that it works for every database user that the
// service itself works for.
func Check(ctx context.Context, drv dialect.Driver, tables ...Columns) error {
	var missing []string
	for _, t := range tables {
		err := selectNothing(ctx, drv, t.Table, t.Columns...)
		if err == nil {
			continue
		}
		if ctx.Err() != nil {
			return fmt.Errorf("authent: check the tables: %w", err)
		}
		if selectNothing(ctx, drv, t.Table) != nil {
			missing = append(missing, fmt.Sprintf("table %q: %v", t.Table, err))
			continue
		}
		var names []string
		for _, c := range t.Columns {
			if selectNothing(ctx, drv, t.Table, c) != nil {
				names = append(names, c)
			}
		}
		missing = append(missing, fmt.Sprintf("table %q lacks the columns %s", t.Table, strings.Join(names, ", ")))
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w: create them with the option authent.CreateTables() of OpenAuth, with client.Schema.Create(ctx), or, "+
			"if the app adds no columns to them, with \"authent setup\":\n  %s", authent.ErrMissingTables, strings.Join(missing, "\n  "))
	}
	return nil
}

func selectNothing(ctx context.Context, drv dialect.Driver, table string, columns ...string) error {
	t := sql.Dialect(drv.Dialect()).Table(table)
	s := sql.Dialect(drv.Dialect()).Select(t.Columns(columns...)...).From(t).Where(sql.False())
	if len(columns) == 0 {
		s.SelectExpr(sql.Raw("1"))
	}
	query, args := s.Query()
	var rows sql.Rows
	if err := drv.Query(ctx, query, args, &rows); err != nil {
		return err
	}
	for rows.Next() { // No rows, but some drivers report errors only here.
	}
	return errors.Join(rows.Err(), rows.Close())
}
