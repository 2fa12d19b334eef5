package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ariga.io/atlas/sql/migrate"
	atlas "ariga.io/atlas/sql/schema"
	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"

	"github.com/agentuity/auth-go/authent/migration"
	"github.com/agentuity/auth-go/ent"
)

// lockKey is the key of the advisory lock under which Postgres is set up, so that two
// processes that start at once do not create the same table. It spells "authent".
const lockKey = 0x61757468656e74

// setup creates what is missing of the auth tables and returns what it did, or what it
// would do in a dry run. It changes nothing if something is there that it would have to
// change or that cannot work.
func setup(ctx context.Context, db *database, dryRun bool) (changes []string, err error) {
	switch {
	case dryRun:
		return migrateTables(ctx, db, dryRun)
	case db.dialect == dialect.SQLite:
		changes, err = migrateTables(ctx, db, dryRun)
		if err != nil && strings.Contains(err.Error(), "already exists") {
			// Another process was faster, and this one's transaction changed nothing.
			return migrateTables(ctx, db, dryRun)
		}
		return changes, err
	}
	// The lock belongs to a connection, and goes with it.
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", lockKey); err != nil {
		return nil, fmt.Errorf("wait for another setup: %w", err)
	}
	changes, err = migrateTables(ctx, db, dryRun)
	_, unlockErr := conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", lockKey)
	return changes, errors.Join(err, unlockErr)
}

// migrateTables lets Ent compare the database with the auth tables and create what is missing.
func migrateTables(ctx context.Context, db *database, dryRun bool) (changes []string, err error) {
	client := ent.NewClient(ent.Driver(entsql.OpenDB(db.dialect, db.DB)))
	err = client.Schema.Create(ctx,
		schema.WithDiffHook(func(next schema.Differ) schema.Differ {
			return schema.DiffFunc(func(current, desired *atlas.Schema) ([]atlas.Change, error) {
				planned, err := next.Diff(current, desired)
				if err != nil {
					return nil, err
				}
				return planned, checkTables(ctx, db, current, desired, planned)
			})
		}),
		schema.WithApplyHook(func(next schema.Applier) schema.Applier {
			return schema.ApplyFunc(func(ctx context.Context, conn dialect.ExecQuerier, plan *migrate.Plan) error {
				for _, c := range plan.Changes {
					changes = append(changes, strings.Replace(c.Comment, " to table: ", " on table ", 1))
				}
				if dryRun {
					return nil
				}
				return next.Apply(ctx, conn, plan)
			})
		}),
	)
	var mismatch *migration.MismatchError
	switch {
	case errors.As(err, &mismatch):
		return nil, mismatch // Without the words of the layers between.
	case err != nil:
		return nil, err
	}
	return changes, nil
}

// checkTables reports what is there and differs from the auth tables in a way that the auth
// service could not work with, beside what every migration protects.
func checkTables(ctx context.Context, db *database, current, desired *atlas.Schema, planned []atlas.Change) error {
	var problems []string
	for _, change := range planned {
		modify, ok := change.(*atlas.ModifyTable)
		if !ok {
			continue
		}
		found, err := checkTable(ctx, db, modify)
		if err != nil {
			return err
		}
		problems = append(problems, found...)
	}
	for _, t := range desired.Tables {
		if was, ok := current.Table(t.Name); ok {
			problems = append(problems, checkExtraColumns(was, t)...)
		}
	}
	if len(problems) > 0 {
		return &migration.MismatchError{Problems: problems}
	}
	return nil
}

// checkTable reports what of an existing table cannot be completed.
func checkTable(ctx context.Context, db *database, modify *atlas.ModifyTable) (problems []string, err error) {
	table := modify.T.Name
	for _, change := range modify.Changes {
		switch c := change.(type) {
		case *atlas.AddColumn:
			if c.C.Type.Null || c.C.Default != nil {
				continue
			}
			empty, err := isEmpty(ctx, db, table)
			if err != nil {
				return nil, err
			}
			if !empty {
				problems = append(problems, fmt.Sprintf("table %q has rows but no column %q, which is required and has no default", table, c.C.Name))
			}
		case *atlas.ModifyIndex:
			problems = append(problems, fmt.Sprintf("index %q of table %q is on other columns, or not unique", c.From.Name, table))
		case *atlas.ModifyForeignKey:
			problems = append(problems, fmt.Sprintf("foreign key %q of table %q refers to something else, or does not delete in cascade", c.From.Symbol, table))
		}
	}
	return problems, nil
}

// checkExtraColumns reports columns that the auth service does not know and would have to set.
func checkExtraColumns(was, want *atlas.Table) (problems []string) {
	for _, c := range was.Columns {
		if _, known := want.Column(c.Name); !known && !c.Type.Null && c.Default == nil && !generated(c) {
			problems = append(problems, fmt.Sprintf("column %q of table %q is required and has no default, so that no row can be inserted without it: give it a default, or allow NULL", c.Name, was.Name))
		}
	}
	return problems
}

// generated reports whether the database makes the value of a column.
func generated(c *atlas.Column) bool {
	for _, attr := range c.Attrs {
		if _, ok := attr.(*atlas.GeneratedExpr); ok {
			return true
		}
		// An identity column, whose type belongs to the dialect.
		if strings.HasSuffix(fmt.Sprintf("%T", attr), ".Identity") {
			return true
		}
	}
	return false
}

// isEmpty reports whether a table has no rows.
func isEmpty(ctx context.Context, db *database, table string) (bool, error) {
	query, args := entsql.Dialect(db.dialect).Select().Count().From(entsql.Table(table)).Limit(1).Query()
	var n int
	if err := db.QueryRowContext(ctx, query, args...).Scan(&n); err != nil {
		return false, fmt.Errorf("count the rows of %q: %w", table, err)
	}
	return n == 0, nil
}
