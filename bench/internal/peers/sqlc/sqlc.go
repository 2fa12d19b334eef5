// Package sqlc runs the cases with code that sqlc generates for pgx: one method for each
// statement, and the trees put together by hand.
package sqlc

//go:generate go run github.com/sqlc-dev/sqlc/cmd/sqlc@v1.31.1 generate

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/agentuity/auth-go/bench/internal/peers/sqlc/db"
	"github.com/agentuity/auth-go/bench/internal/seed"
	"github.com/agentuity/auth-go/bench/internal/suite"
	"github.com/agentuity/auth-go/mixins"
)

// Open connects.
func Open(ctx context.Context, url string) (suite.Contender, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("open the pool: %w", err)
	}
	return suite.InProcess(runs(pool), func() error { pool.Close(); return nil }), nil
}

type user struct {
	db.User
	Members []membership
}

type session struct {
	db.Session
	User db.User
}

type membership struct {
	db.Member
	Organization db.Organization
}

type member struct {
	db.Member
	User db.User
}

type project struct {
	db.Project
	Owner db.User
	Tasks []db.Task
}

func runs(pool *pgxpool.Pool) suite.Runs {
	q := db.New(pool)
	return suite.Runs{
		suite.Get: func(ctx context.Context, i int) (any, error) {
			return q.GetUser(ctx, seed.UserID(i))
		},
		suite.List: func(ctx context.Context, i int) (any, error) {
			return q.ListUsers(ctx, db.ListUsersParams{ID: seed.PageAfter("user", i), Limit: 100})
		},
		suite.Session: func(ctx context.Context, i int) (any, error) {
			row, err := q.GetSession(ctx, seed.Token(i))
			return session{row.Session, row.User}, err
		},
		suite.Member: func(ctx context.Context, i int) (any, error) {
			u, err := q.GetUser(ctx, seed.UserID(i))
			if err != nil {
				return nil, err
			}
			rows, err := q.ListMemberships(ctx, u.ID)
			all := make([]membership, len(rows))
			for i, row := range rows {
				all[i] = membership{row.Member, row.Organization}
			}
			return user{u, all}, err
		},
		suite.Members: func(ctx context.Context, i int) (any, error) {
			rows, err := q.ListMembers(ctx, seed.OrganizationID(i))
			all := make([]member, len(rows))
			for i, row := range rows {
				all[i] = member{row.Member, row.User}
			}
			return all, err
		},
		suite.Projects: func(ctx context.Context, i int) (any, error) {
			return projects(ctx, q, seed.FullOrganizationID(i))
		},
		suite.Page: func(ctx context.Context, i int) (any, error) {
			rows, err := q.PageOfProjects(ctx, db.PageOfProjectsParams{ID: seed.PageAfter("project", i), Limit: 20})
			if err != nil {
				return nil, err
			}
			all := make([]project, len(rows))
			for i, row := range rows {
				all[i] = project{Project: row.Project, Owner: row.User}
			}
			return withTasks(ctx, q, all)
		},
		suite.Wide: func(ctx context.Context, _ int) (any, error) {
			return projects(ctx, q, seed.WideOrganizationID())
		},
		suite.Update: func(ctx context.Context, i int) (any, error) {
			return q.UpdateUserName(ctx, db.UpdateUserNameParams{
				Name: seed.Name(i), UpdatedAt: pgtype.Timestamptz{Time: time.Now(), Valid: true}, ID: seed.WrittenUserID(i),
			})
		},
		suite.Tx: func(ctx context.Context, i int) (any, error) {
			var done []any
			err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
				q := q.WithTx(tx)
				created, err := q.CreateTask(ctx, db.CreateTaskParams{ID: mixins.NewID(), ProjectID: seed.WrittenProjectID(i), Title: seed.NewTask})
				if err != nil {
					return err
				}
				updated, err := q.UpdateProjectName(ctx, db.UpdateProjectNameParams{Name: seed.Name(i), ID: created.ProjectID})
				done = []any{created, updated}
				return err
			})
			return done, err
		},
	}
}

func projects(ctx context.Context, q *db.Queries, organizationID string) ([]project, error) {
	rows, err := q.ListProjects(ctx, organizationID)
	if err != nil {
		return nil, err
	}
	all := make([]project, len(rows))
	for i, row := range rows {
		all[i] = project{Project: row.Project, Owner: row.User}
	}
	return withTasks(ctx, q, all)
}

// withTasks reads the tasks of projects in a second statement.
func withTasks(ctx context.Context, q *db.Queries, all []project) ([]project, error) {
	ids := make([]string, len(all))
	byID := make(map[string]*project, len(all))
	for i := range all {
		ids[i] = all[i].ID
		byID[ids[i]] = &all[i]
	}
	tasks, err := q.ListTasks(ctx, ids)
	for _, t := range tasks {
		p := byID[t.ProjectID]
		p.Tasks = append(p.Tasks, t)
	}
	return all, err
}
