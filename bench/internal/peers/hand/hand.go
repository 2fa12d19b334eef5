package hand

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/agentuity/auth-go/bench/internal/seed"
	"github.com/agentuity/auth-go/bench/internal/suite"
	"github.com/agentuity/auth-go/mixins"
)

// Open connects.
func Open(ctx context.Context, url string) (suite.Contender, error) {
	return open(ctx, url, runs)
}

func open(ctx context.Context, url string, runs func(*pgxpool.Pool) suite.Runs) (suite.Contender, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("open the pool: %w", err)
	}
	return suite.InProcess(runs(pool), func() error { pool.Close(); return nil }), nil
}

func runs(pool *pgxpool.Pool) suite.Runs {
	all := pipelines(pool.SendBatch)
	maps.Copy(all, suite.Runs{
		suite.Get: func(ctx context.Context, i int) (any, error) {
			u := &User{}
			return u, pool.QueryRow(ctx, `SELECT `+userColumns+` FROM "user" u WHERE u."id" = $1`, seed.UserID(i)).Scan(u.dest()...)
		},
		suite.List: func(ctx context.Context, i int) (any, error) {
			rows, err := pool.Query(ctx, `SELECT `+userColumns+` FROM "user" u WHERE u."id" > $1 ORDER BY u."id" LIMIT 100`, seed.PageAfter("user", i))
			return collect(rows, err, (*User).dest)
		},
		suite.Session: func(ctx context.Context, i int) (any, error) {
			s := &Session{}
			return s, pool.QueryRow(ctx, `SELECT `+sessionColumns+`, `+userColumns+` FROM "session" s JOIN "user" u ON u."id" = s."userId" WHERE s."token" = $1`, seed.Token(i)).
				Scan(append(s.dest(), s.User.dest()...)...)
		},
		suite.Members: func(ctx context.Context, i int) (any, error) {
			rows, err := pool.Query(ctx, `SELECT `+memberColumns+`, `+userColumns+` FROM "member" m JOIN "user" u ON u."id" = m."userId" WHERE m."organizationId" = $1 ORDER BY m."id"`, seed.OrganizationID(i))
			return collect(rows, err, func(m *Member) []any { return append(m.dest(), m.User.dest()...) })
		},
		suite.Update: func(ctx context.Context, i int) (any, error) {
			u := &User{}
			return u, pool.QueryRow(ctx, `UPDATE "user" u SET "name" = $1, "updatedAt" = $2 WHERE u."id" = $3 RETURNING `+userColumns, seed.Name(i), time.Now(), seed.WrittenUserID(i)).Scan(u.dest()...)
		},
		suite.Tx: func(ctx context.Context, i int) (any, error) {
			return change(ctx, pool, i)
		},
	})
	return all
}

// pipelines are the cases of several statements.
func pipelines(send send) suite.Runs {
	return suite.Runs{
		suite.Member: func(ctx context.Context, i int) (any, error) {
			return memberships(ctx, send, seed.UserID(i))
		},
		suite.Projects: func(ctx context.Context, i int) (any, error) {
			return projects(ctx, send, seed.FullOrganizationID(i))
		},
		suite.Page: func(ctx context.Context, i int) (any, error) {
			return page(ctx, send, seed.PageAfter("project", i), 20)
		},
		suite.Wide: func(ctx context.Context, _ int) (any, error) {
			return projects(ctx, send, seed.WideOrganizationID())
		},
		suite.Shared: func(ctx context.Context, i int) (any, error) {
			return tasks(ctx, send, seed.PageAfter("task", i), 500)
		},
	}
}

// collect reads the rows of a query.
func collect[T any](rows pgx.Rows, err error, dest func(*T) []any) ([]*T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*T
	// pgx scans into the destinations that it is given: one set for all rows.
	var row T
	destinations := dest(&row)
	for rows.Next() {
		if err := rows.Scan(destinations...); err != nil {
			return nil, err
		}
		one := row
		all = append(all, &one)
	}
	return all, rows.Err()
}

// send sends a pipeline.
type send func(context.Context, *pgx.Batch) pgx.BatchResults

// memberships reads a user, and the memberships with their organizations, in one pipeline.
func memberships(ctx context.Context, send send, id string) (*User, error) {
	batch := &pgx.Batch{}
	batch.Queue(`SELECT `+userColumns+` FROM "user" u WHERE u."id" = $1`, id)
	batch.Queue(`SELECT `+memberColumns+`, `+organizationColumns+` FROM "member" m JOIN "organization" o ON o."id" = m."organizationId" WHERE m."userId" = $1 ORDER BY m."id"`, id)
	results := send(ctx, batch)
	defer func() { _ = results.Close() }()
	u := &User{}
	if err := results.QueryRow().Scan(u.dest()...); err != nil {
		return nil, err
	}
	rows, err := results.Query()
	u.Members, err = collect(rows, err, func(m *Membership) []any { return append(m.dest(), m.Organization.dest()...) })
	if err != nil {
		return nil, err
	}
	return u, results.Close()
}

// projects reads those of an organization with their owners, and their tasks, in one pipeline.
func projects(ctx context.Context, send send, organizationID string) ([]*Project, error) {
	batch := &pgx.Batch{}
	batch.Queue(`SELECT `+projectColumns+`, `+userColumns+` FROM "project" p JOIN "user" u ON u."id" = p."owner_id" WHERE p."organization_id" = $1 ORDER BY p."id"`, organizationID)
	batch.Queue(`SELECT `+taskColumns+` FROM "task" t JOIN "project" p ON p."id" = t."project_id" WHERE p."organization_id" = $1 ORDER BY t."id"`, organizationID)
	return projectsOf(ctx, send, batch)
}

// page reads the projects after an id with their owners, and their tasks, in one pipeline.
func page(ctx context.Context, send send, after string, n int) ([]*Project, error) {
	batch := &pgx.Batch{}
	// The number is part of the text: with an argument Postgres would plan for any number.
	limit := strconv.Itoa(n)
	batch.Queue(`SELECT `+projectColumns+`, `+userColumns+` FROM (SELECT * FROM "project" WHERE "id" > $1 ORDER BY "id" LIMIT `+limit+`) p JOIN "user" u ON u."id" = p."owner_id" ORDER BY p."id"`, after)
	batch.Queue(`SELECT `+taskColumns+` FROM (SELECT "id" FROM "project" WHERE "id" > $1 ORDER BY "id" LIMIT `+limit+`) p JOIN "task" t ON t."project_id" = p."id" ORDER BY t."id"`, after)
	return projectsOf(ctx, send, batch)
}

// tasks reads the tasks after an id, and their projects with the owners, in one pipeline: joined, each project would
// come with all of its tasks.
func tasks(ctx context.Context, send send, after string, n int) ([]*TaskOfProject, error) {
	batch := &pgx.Batch{}
	limit := strconv.Itoa(n)
	batch.Queue(`SELECT `+taskColumns+` FROM "task" t WHERE t."id" > $1 ORDER BY t."id" LIMIT `+limit, after)
	batch.Queue(`SELECT `+projectColumns+`, `+userColumns+` FROM "project" p JOIN "user" u ON u."id" = p."owner_id" WHERE p."id" = ANY (ARRAY(SELECT DISTINCT t."project_id" FROM (SELECT "project_id" FROM "task" WHERE "id" > $1 ORDER BY "id" LIMIT `+limit+`) t))`, after)
	results := send(ctx, batch)
	defer func() { _ = results.Close() }()
	rows, err := results.Query()
	tasks, err := collect(rows, err, (*TaskOfProject).dest)
	if err != nil {
		return nil, err
	}
	_, byID, err := withOwners(results)
	if err != nil {
		return nil, err
	}
	for _, t := range tasks {
		t.Project = byID[t.ProjectID]
	}
	return tasks, results.Close()
}

// withOwners reads projects with their owners, and returns them by id too.
func withOwners(results pgx.BatchResults) ([]*Project, map[string]*Project, error) {
	rows, err := results.Query()
	projects, err := collect(rows, err, func(p *Project) []any { return append(p.dest(), p.Owner.dest()...) })
	if err != nil {
		return nil, nil, err
	}
	byID := make(map[string]*Project, len(projects))
	for _, p := range projects {
		byID[p.ID] = p
	}
	return projects, byID, nil
}

func projectsOf(ctx context.Context, send send, batch *pgx.Batch) ([]*Project, error) {
	results := send(ctx, batch)
	defer func() { _ = results.Close() }()
	projects, byID, err := withOwners(results)
	if err != nil {
		return nil, err
	}
	rows, err := results.Query()
	tasks, err := collect(rows, err, (*Task).dest)
	if err != nil {
		return nil, err
	}
	for _, t := range tasks {
		if p := byID[t.ProjectID]; p != nil {
			p.Tasks = append(p.Tasks, t)
		}
	}
	return projects, results.Close()
}

// change creates a task and then updates its project, in one transaction. The app sees the
// result of each statement before the next; BEGIN travels with the first one.
func change(ctx context.Context, pool *pgxpool.Pool, i int) (any, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	batch := &pgx.Batch{}
	batch.Queue(`BEGIN`)
	batch.Queue(insertTask, mixins.NewID(), seed.WrittenProjectID(i), seed.NewTask, "todo")
	results := conn.SendBatch(ctx, batch)
	defer func() { _ = results.Close() }()
	if _, err := results.Exec(); err != nil {
		return nil, err
	}
	t := &Task{}
	if err := results.QueryRow().Scan(t.dest()...); err != nil {
		return nil, rollback(ctx, conn, err)
	}
	if err := results.Close(); err != nil {
		return nil, rollback(ctx, conn, err)
	}
	p := &Project{}
	if err := conn.QueryRow(ctx, updateProject, seed.Name(i), t.ProjectID).Scan(p.dest()...); err != nil {
		return nil, rollback(ctx, conn, err)
	}
	if _, err := conn.Exec(ctx, `COMMIT`); err != nil {
		return nil, err
	}
	return []any{t, p}, nil
}

const (
	insertTask    = `INSERT INTO "task" AS t ("id", "project_id", "title", "status") VALUES ($1, $2, $3, $4) RETURNING ` + taskColumns
	updateProject = `UPDATE "project" p SET "name" = $1 WHERE p."id" = $2 RETURNING ` + projectColumns
)

// rollback ends a transaction that failed.
func rollback(ctx context.Context, conn *pgxpool.Conn, err error) error {
	if _, err := conn.Exec(ctx, `ROLLBACK`); err != nil {
		_ = conn.Conn().Close(ctx)
	}
	return err
}

// Page reads n projects of the data that seed.LoadGrowth makes, from the first one. The
// second result closes the pool.
func Page(ctx context.Context, url string) (func(ctx context.Context, n int) (any, error), func(), error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, nil, fmt.Errorf("open the pool: %w", err)
	}
	return func(ctx context.Context, n int) (any, error) { return page(ctx, pool.SendBatch, "", n) }, pool.Close, nil
}
