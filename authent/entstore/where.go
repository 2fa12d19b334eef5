package entstore

import (
	"fmt"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/agentuity/auth-go/authent"
)

// Where returns the predicate that all conditions are fulfilled. valid is the ValidColumn of the
// type. An unknown column fails the query.
func Where(valid func(string) bool, conds []authent.Cond) func(*sql.Selector) {
	return func(s *sql.Selector) {
		for _, c := range conds {
			p, err := predicate(s, valid, c)
			if err != nil {
				s.AddError(err)
				return
			}
			s.Where(p)
		}
	}
}

func predicate(s *sql.Selector, valid func(string) bool, c authent.Cond) (*sql.Predicate, error) {
	if c.Op == authent.OpOr {
		any := make([]*sql.Predicate, len(c.Any))
		for i, c := range c.Any {
			p, err := predicate(s, valid, c)
			if err != nil {
				return nil, err
			}
			any[i] = p
		}
		if len(any) == 0 {
			return sql.False(), nil
		}
		return sql.Or(any...), nil
	}
	if !valid(c.Column) {
		return nil, fmt.Errorf("authent: a condition names the column %q, which the table does not have", c.Column)
	}
	column := s.C(c.Column)
	switch c.Op {
	case authent.OpEQ:
		return sql.EQ(column, c.Value), nil
	case authent.OpNEQ:
		return sql.NEQ(column, c.Value), nil
	case authent.OpLT:
		return sql.LT(column, c.Value), nil
	case authent.OpLTE:
		return sql.LTE(column, c.Value), nil
	case authent.OpGT:
		return sql.GT(column, c.Value), nil
	case authent.OpGTE:
		return sql.GTE(column, c.Value), nil
	case authent.OpIsNull:
		return sql.IsNull(column), nil
	case authent.OpNotNull:
		return sql.NotNull(column), nil
	case authent.OpIn, authent.OpNotIn:
		values, ok := c.Value.([]any)
		if !ok {
			return nil, fmt.Errorf("authent: the condition on column %q is a list, but its value is a %T", c.Column, c.Value)
		}
		if c.Op == authent.OpIn {
			return sql.In(column, values...), nil
		}
		return sql.NotIn(column, values...), nil
	case authent.OpContains, authent.OpHasPrefix, authent.OpHasSuffix:
		text, ok := c.Value.(string)
		if !ok {
			return nil, fmt.Errorf("authent: the condition on column %q is about text, but its value is a %T", c.Column, c.Value)
		}
		switch c.Op {
		case authent.OpContains:
			return sql.Contains(column, text), nil
		case authent.OpHasPrefix:
			return sql.HasPrefix(column, text), nil
		}
		return sql.HasSuffix(column, text), nil
	}
	return nil, fmt.Errorf("authent: the condition on column %q has the unknown operator %d", c.Column, c.Op)
}

// Order returns the order of a query. NULL is after all values, as on Postgres; SQLite has it before them unless told. An
// unknown column fails the query.
func Order(valid func(string) bool, orders []authent.Order) func(*sql.Selector) {
	return func(s *sql.Selector) {
		for _, o := range orders {
			if !valid(o.Column) {
				s.AddError(fmt.Errorf("authent: the order names the column %q, which the table does not have", o.Column))
				return
			}
			term, nulls := s.C(o.Column), " NULLS LAST"
			if o.Desc {
				term, nulls = sql.Desc(term), " NULLS FIRST"
			}
			if s.Dialect() != dialect.SQLite {
				nulls = ""
			}
			s.OrderExpr(sql.Raw(term + nulls))
		}
	}
}

// Lock locks the rows that a query returns, where the database has row locks.
func Lock(s *sql.Selector) {
	if s.Dialect() == dialect.Postgres || s.Dialect() == dialect.MySQL {
		s.ForUpdate()
	}
}
