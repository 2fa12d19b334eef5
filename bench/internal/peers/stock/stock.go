// Package stock runs the cases with a client that stock Ent generates, on pgx's driver for
// database/sql.
package stock

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/agentuity/auth-go/bench/internal/peers/stock/ent"
	"github.com/agentuity/auth-go/bench/internal/peers/stock/ent/member"
	"github.com/agentuity/auth-go/bench/internal/peers/stock/ent/project"
	"github.com/agentuity/auth-go/bench/internal/peers/stock/ent/session"
	"github.com/agentuity/auth-go/bench/internal/peers/stock/ent/task"
	"github.com/agentuity/auth-go/bench/internal/peers/stock/ent/user"
	"github.com/agentuity/auth-go/bench/internal/seed"
	"github.com/agentuity/auth-go/bench/internal/suite"
)

// Open connects.
func Open(url string) (suite.Contender, error) {
	client, err := Client(url)
	if err != nil {
		return nil, err
	}
	return suite.InProcess(runs(client), client.Close), nil
}

// Client returns a client on pgx's driver for database/sql.
func Client(url string) (*ent.Client, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("parse the URL of the database: %w", err)
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxIdleConns(4)
	return ent.NewClient(ent.Driver(entsql.OpenDB(dialect.Postgres, db))), nil
}

func runs(client *ent.Client) suite.Runs {
	return suite.Runs{
		suite.Get: func(ctx context.Context, i int) (any, error) {
			return client.User.Get(ctx, seed.UserID(i))
		},
		suite.List: func(ctx context.Context, i int) (any, error) {
			return client.User.Query().
				Where(user.IDGT(seed.PageAfter("user", i))).
				Order(user.ByID()).
				Limit(100).
				All(ctx)
		},
		suite.Session: func(ctx context.Context, i int) (any, error) {
			return client.Session.Query().
				Where(session.Token(seed.Token(i))).
				WithUser().
				Only(ctx)
		},
		suite.Member: func(ctx context.Context, i int) (any, error) {
			return client.User.Query().
				Where(user.ID(seed.UserID(i))).
				WithMembers(func(q *ent.MemberQuery) {
					q.Order(member.ByID()).WithOrganization()
				}).
				Only(ctx)
		},
		suite.Members: func(ctx context.Context, i int) (any, error) {
			return client.Member.Query().
				Where(member.OrganizationID(seed.OrganizationID(i))).
				Order(member.ByID()).
				WithUser().
				All(ctx)
		},
		suite.Projects: func(ctx context.Context, i int) (any, error) {
			return projects(ctx, client, seed.FullOrganizationID(i))
		},
		suite.Page: func(ctx context.Context, i int) (any, error) {
			return page(ctx, client, seed.PageAfter("project", i), 20)
		},
		suite.Wide: func(ctx context.Context, _ int) (any, error) {
			return projects(ctx, client, seed.WideOrganizationID())
		},
		suite.Shared: func(ctx context.Context, i int) (any, error) {
			return client.Task.Query().
				Where(task.IDGT(seed.PageAfter("task", i))).
				Order(task.ByID()).
				Limit(500).
				WithProject(func(q *ent.ProjectQuery) { q.WithOwner() }).
				All(ctx)
		},
		suite.Update: func(ctx context.Context, i int) (any, error) {
			return client.User.UpdateOneID(seed.WrittenUserID(i)).SetName(seed.Name(i)).Save(ctx)
		},
		suite.Tx: func(ctx context.Context, i int) (any, error) {
			return change(ctx, client, i)
		},
	}
}

// projects reads those of an organization, each with its owner and its tasks.
func projects(ctx context.Context, client *ent.Client, organizationID string) ([]*ent.Project, error) {
	return client.Project.Query().
		Where(project.OrganizationID(organizationID)).
		Order(project.ByID()).
		WithOwner().
		WithTasks(func(q *ent.TaskQuery) { q.Order(task.ByID()) }).
		All(ctx)
}

// page reads the projects after an id, each with its owner and its tasks.
func page(ctx context.Context, client *ent.Client, after string, n int) ([]*ent.Project, error) {
	return client.Project.Query().
		Where(project.IDGT(after)).
		Order(project.ByID()).
		Limit(n).
		WithOwner().
		WithTasks(func(q *ent.TaskQuery) { q.Order(task.ByID()) }).
		All(ctx)
}

// change creates a task and then updates its project, in one transaction.
func change(ctx context.Context, client *ent.Client, i int) (any, error) {
	tx, err := client.Tx(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	created, err := tx.Task.Create().SetTitle(seed.NewTask).SetProjectID(seed.WrittenProjectID(i)).Save(ctx)
	if err != nil {
		return nil, err
	}
	updated, err := tx.Project.UpdateOneID(created.ProjectID).SetName(seed.Name(i)).Save(ctx)
	if err != nil {
		return nil, err
	}
	return []any{created, updated}, tx.Commit()
}

// Page reads n projects of the data that seed.LoadGrowth makes, from the first one.
func Page(client *ent.Client) func(ctx context.Context, n int) (any, error) {
	return func(ctx context.Context, n int) (any, error) { return page(ctx, client, "", n) }
}
