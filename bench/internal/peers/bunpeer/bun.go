package bunpeer

import (
	"context"
	"database/sql"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/driver/pgdriver"

	"github.com/agentuity/auth-go/bench/internal/seed"
	"github.com/agentuity/auth-go/bench/internal/suite"
	"github.com/agentuity/auth-go/mixins"
)

// Open connects, with Bun's own driver for Postgres.
func Open(url string) (suite.Contender, error) {
	pool := sql.OpenDB(pgdriver.NewConnector(pgdriver.WithDSN(url), pgdriver.WithInsecure(true)))
	pool.SetMaxIdleConns(4)
	db := bun.NewDB(pool, pgdialect.New())
	return suite.InProcess(runs(db), db.Close), nil
}

func runs(db *bun.DB) suite.Runs {
	return suite.Runs{
		suite.Get: func(ctx context.Context, i int) (any, error) {
			u := &User{}
			return u, db.NewSelect().Model(u).Where("u.id = ?", seed.UserID(i)).Scan(ctx)
		},
		suite.List: func(ctx context.Context, i int) (any, error) {
			var all []*User
			err := db.NewSelect().Model(&all).Where("u.id > ?", seed.PageAfter("user", i)).Order("u.id").Limit(100).Scan(ctx)
			return all, err
		},
		suite.Session: func(ctx context.Context, i int) (any, error) {
			s := &Session{}
			return s, db.NewSelect().Model(s).Relation("User").Where("s.token = ?", seed.Token(i)).Scan(ctx)
		},
		suite.Member: func(ctx context.Context, i int) (any, error) {
			u := &User{}
			return u, db.NewSelect().Model(u).
				Relation("Members", func(q *bun.SelectQuery) *bun.SelectQuery { return q.Order("m.id") }).
				Relation("Members.Organization").
				Where("u.id = ?", seed.UserID(i)).
				Scan(ctx)
		},
		suite.Members: func(ctx context.Context, i int) (any, error) {
			var all []*Member
			err := db.NewSelect().Model(&all).Relation("User").Where(`m."organizationId" = ?`, seed.OrganizationID(i)).Order("m.id").Scan(ctx)
			return all, err
		},
		suite.Projects: func(ctx context.Context, i int) (any, error) {
			return projects(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
				return q.Where("p.organization_id = ?", seed.FullOrganizationID(i))
			})
		},
		suite.Page: func(ctx context.Context, i int) (any, error) {
			return projects(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
				return q.Where("p.id > ?", seed.PageAfter("project", i)).Limit(20)
			})
		},
		suite.Wide: func(ctx context.Context, _ int) (any, error) {
			return projects(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
				return q.Where("p.organization_id = ?", seed.WideOrganizationID())
			})
		},
		suite.Update: func(ctx context.Context, i int) (any, error) {
			u := &User{}
			_, err := db.NewUpdate().Model(u).
				Set("name = ?", seed.Name(i)).
				Set(`"updatedAt" = ?`, time.Now()).
				Where("id = ?", seed.WrittenUserID(i)).
				Returning("*").
				Exec(ctx)
			return u, err
		},
		suite.Tx: func(ctx context.Context, i int) (any, error) {
			t := &Task{ID: mixins.NewID(), ProjectID: seed.WrittenProjectID(i), Title: seed.NewTask}
			p := &Project{}
			return []any{t, p}, db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
				if _, err := tx.NewInsert().Model(t).Returning("*").Exec(ctx); err != nil {
					return err
				}
				_, err := tx.NewUpdate().Model(p).Set("name = ?", seed.Name(i)).Where("id = ?", t.ProjectID).Returning("*").Exec(ctx)
				return err
			})
		},
	}
}

func projects(ctx context.Context, db *bun.DB, which func(*bun.SelectQuery) *bun.SelectQuery) ([]*Project, error) {
	var all []*Project
	err := db.NewSelect().Model(&all).
		Relation("Owner").
		Relation("Tasks", func(q *bun.SelectQuery) *bun.SelectQuery { return q.Order("t.id") }).
		Apply(which).
		Order("p.id").
		Scan(ctx)
	return all, err
}
