package gormpeer

import (
	"context"
	"fmt"

	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"

	"github.com/agentuity/auth-go/bench/internal/seed"
	"github.com/agentuity/auth-go/bench/internal/suite"
	"github.com/agentuity/auth-go/mixins"
)

// Open connects, with what GORM's page on performance advises: prepared statements, and no
// transaction around single writes.
func Open(url string) (suite.Contender, error) {
	db, err := gorm.Open(postgres.Open(url), &gorm.Config{
		PrepareStmt:            true,
		SkipDefaultTransaction: true,
		Logger:                 logger.Discard,
	})
	if err != nil {
		return nil, fmt.Errorf("open GORM: %w", err)
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxIdleConns(4)
	return suite.InProcess(runs(db), pool.Close), nil
}

func byID(db *gorm.DB) *gorm.DB {
	return db.Order(clause.OrderByColumn{Column: clause.Column{Name: "id"}})
}

func equal(column string, value any) clause.Eq {
	return clause.Eq{Column: clause.Column{Table: clause.CurrentTable, Name: column}, Value: value}
}

func runs(db *gorm.DB) suite.Runs {
	return suite.Runs{
		suite.Get: func(ctx context.Context, i int) (any, error) {
			u := &User{}
			return u, db.WithContext(ctx).Take(u, equal("id", seed.UserID(i))).Error
		},
		suite.List: func(ctx context.Context, i int) (any, error) {
			var all []User
			return &all, byID(db.WithContext(ctx)).Where(`"id" > ?`, seed.PageAfter("user", i)).Limit(100).Find(&all).Error
		},
		suite.Session: func(ctx context.Context, i int) (any, error) {
			s := &Session{}
			return s, db.WithContext(ctx).Joins("User").Take(s, equal("token", seed.Token(i))).Error
		},
		suite.Member: func(ctx context.Context, i int) (any, error) {
			u := &User{}
			return u, db.WithContext(ctx).
				Preload("Members", byID).
				Preload("Members.Organization").
				Take(u, equal("id", seed.UserID(i))).Error
		},
		suite.Members: func(ctx context.Context, i int) (any, error) {
			var all []Member
			return &all, db.WithContext(ctx).Joins("User").
				Order(clause.OrderByColumn{Column: clause.Column{Table: clause.CurrentTable, Name: "id"}}).
				Find(&all, equal("organizationId", seed.OrganizationID(i))).Error
		},
		suite.Projects: func(ctx context.Context, i int) (any, error) {
			return projects(db.WithContext(ctx).Where(equal("organization_id", seed.FullOrganizationID(i))))
		},
		suite.Page: func(ctx context.Context, i int) (any, error) {
			return projects(db.WithContext(ctx).Where(clause.Gt{Column: clause.Column{Table: clause.CurrentTable, Name: "id"}, Value: seed.PageAfter("project", i)}).Limit(20))
		},
		suite.Wide: func(ctx context.Context, _ int) (any, error) {
			return projects(db.WithContext(ctx).Where(equal("organization_id", seed.WideOrganizationID())))
		},
		suite.Update: func(ctx context.Context, i int) (any, error) {
			u := &User{ID: seed.WrittenUserID(i)}
			return u, db.WithContext(ctx).Model(u).Clauses(clause.Returning{}).Update("name", seed.Name(i)).Error
		},
		suite.Tx: func(ctx context.Context, i int) (any, error) {
			t := &Task{ID: mixins.NewID(), ProjectID: seed.WrittenProjectID(i), Title: seed.NewTask}
			p := &Project{ID: t.ProjectID}
			return []any{t, p}, db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
				if err := tx.Create(t).Error; err != nil {
					return err
				}
				return tx.Model(p).Clauses(clause.Returning{}).Update("name", seed.Name(i)).Error
			})
		},
	}
}

func projects(db *gorm.DB) (any, error) {
	var all []Project
	err := db.Joins("Owner").
		Preload("Tasks", byID).
		Order(clause.OrderByColumn{Column: clause.Column{Table: clause.CurrentTable, Name: "id"}}).
		Find(&all).Error
	return &all, err
}
