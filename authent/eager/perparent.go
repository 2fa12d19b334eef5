package eager

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"entgo.io/ent"
	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/sqlgraph"
)

// PerParent is how the query of an edge to many remembers how many entities it loads for each parent. It is an interceptor
// that does nothing: Ent's Clone keeps those.
type PerParent struct {
	limit, offset int

	known  bool
	column string // of the table, with the key of the parents; "" if it is of a join table
}

// Intercept implements the ent.Interceptor interface.
func (PerParent) Intercept(next ent.Querier) ent.Querier { return next }

// LimitPerParent adds a limit for each parent to the interceptors of a query. 0 is none.
func LimitPerParent(inters []ent.Interceptor, limit int) []ent.Interceptor {
	return withPerParent(inters, func(p *PerParent) { p.limit = limit })
}

// OffsetPerParent adds how many rows of each parent are left out to the interceptors of a query.
func OffsetPerParent(inters []ent.Interceptor, offset int) []ent.Interceptor {
	return withPerParent(inters, func(p *PerParent) { p.offset = offset })
}

func withPerParent(inters []ent.Interceptor, set func(*PerParent)) []ent.Interceptor {
	p, i := perParent(inters)
	set(&p)
	if i < 0 {
		return append(slices.Clip(inters), p)
	}
	inters = slices.Clone(inters)
	inters[i] = p
	return inters
}

// perParent returns what the interceptors of a query say, and where; -1 for nowhere.
func perParent(inters []ent.Interceptor) (PerParent, int) {
	for i, inter := range inters {
		if p, ok := inter.(PerParent); ok {
			return p, i
		}
	}
	return PerParent{}, -1
}

// IsPerParent reports whether the interceptors of a query limit what it loads for each parent.
func IsPerParent(inters []ent.Interceptor) bool {
	_, i := perParent(inters)
	return i >= 0
}

// ByParent tells the query of an edge, by its interceptors, in which column of its table the key of the parents is. "" is for
// many to many, where Ent selects the key first.
func ByParent(inters []ent.Interceptor, column string) {
	if p, i := perParent(inters); i >= 0 && !p.known {
		p.known, p.column = true, column
		inters[i] = p
	}
}

// The columns that number the rows of a parent and all rows, and that of the key of a join table.
const (
	numberColumn = "authent_number"
	placeColumn  = "authent_place"
	parentColumn = "authent_parent"
)

// NumberRows makes a query load as many entities for each parent as its interceptors say: it numbers the rows of each,
// in the order of the query, and takes the first ones.
//
//	SELECT "task"."id", .. FROM (
//		SELECT "task"."id", .., ROW_NUMBER() OVER (PARTITION BY "task"."project_id" ORDER BY "task"."id") AS "authent_number"
//		FROM "task" WHERE "task"."project_id" IN ($1, ..)
//	) AS "task" WHERE "task"."authent_number" <= 10 ORDER BY "task"."id"
func NumberRows(spec *sqlgraph.QuerySpec, inters []ent.Interceptor) {
	p, i := perParent(inters)
	if i < 0 || p.known && spec.ScanValues == nil { // A count is that of a query which is being prepared.
		return
	}
	limit, offset, unique := spec.Limit, spec.Offset, spec.Unique
	spec.Limit, spec.Offset = 0, 0
	addModifier(spec, func(s *sql.Selector) {
		err := p.check()
		switch {
		case err != nil:
		case unique:
			err = errors.New("eager: LimitPerParent and Unique(true) cannot be combined")
		default:
			err = p.number(s)
		}
		if err != nil {
			s.AddError(err)
			return
		}
		if limit != 0 {
			s.Limit(limit)
		}
		if offset != 0 {
			s.Offset(offset)
		}
	})
}

func (p PerParent) check() error {
	switch {
	case p.limit < 0:
		return fmt.Errorf("eager: LimitPerParent(%d): the limit is negative", p.limit)
	case p.offset < 0:
		return fmt.Errorf("eager: OffsetPerParent(%d): the offset is negative", p.offset)
	case !p.known:
		return errors.New("eager: LimitPerParent and OffsetPerParent are for the query of an edge to many, as in WithTasks(func(q *ent.TaskQuery) { q.LimitPerParent(10) }): this query loads no such edge")
	}
	return nil
}

// number makes s the statement that takes some of the rows of each parent.
func (p PerParent) number(s *sql.Selector) error {
	if p.limit == 0 && p.offset == 0 {
		return nil
	}
	columns := s.SelectedColumns()
	order, err := orderOf(s, columns)
	if err != nil {
		return err
	}
	var (
		dialect = sql.Dialect(s.Dialect())
		inner   = *s
		outer   = dialect.Select().WithContext(s.Context())
		names   = s.UnqualifiedColumns()
		parent  = columns[0]
	)
	if p.column != "" {
		parent = s.C(p.column)
	} else {
		names[0] = parentColumn
		inner.Select()
		inner.AppendSelectAs(parent, parentColumn)
		inner.AppendSelect(columns[1:]...)
	}
	over := "ROW_NUMBER() OVER (PARTITION BY " + parent
	if order != "" {
		over += " ORDER BY " + order
	}
	inner.AppendSelectExprAs(sql.Raw(over+")"), numberColumn)
	outer.From(inner.ClearOrder().As(s.TableName()))
	// The table of the outer statement has the name of the inner one's, but no schema.
	outer.Select(outer.Columns(names...)...)
	switch {
	case order == "":
	case isOrder(order, outer.SelectedColumns()):
		outer.OrderExpr(sql.Raw(order))
	default:
		inner.AppendSelectExprAs(sql.Raw("ROW_NUMBER() OVER (ORDER BY "+order+")"), placeColumn)
		outer.OrderBy(outer.C(placeColumn))
	}
	number := outer.C(numberColumn)
	outer.Where(sql.P(func(b *sql.Builder) {
		b.WriteString(number + " > " + strconv.Itoa(p.offset))
		if p.limit > 0 {
			b.WriteString(" AND " + number + " <= " + strconv.Itoa(p.offset+p.limit))
		}
	}))
	*s = *outer
	return nil
}

// orderOf returns the text of what a statement is ordered by.
func orderOf(s *sql.Selector, columns []string) (string, error) {
	// Copies, not clones: Ent's Clone forgets locks, and changes conditions.
	all, bare, probe := *s, *s, *s
	ordered, args := all.Query()
	rest, ownArgs := bare.ClearOrder().Query()
	end, _ := probe.ClearOrder().OrderExpr(sql.Raw("1")).Query()
	switch {
	case end != rest+" ORDER BY 1":
		return "", errors.New("eager: LimitPerParent cannot be combined with a modifier that locks or limits rows")
	case len(columns) == 0 || !strings.HasPrefix(rest, "SELECT "+strings.Join(columns, ", ")+" FROM "):
		return "", errors.New("eager: LimitPerParent cannot be combined with a modifier that selects an expression")
	case len(args) != len(ownArgs):
		return "", errors.New("eager: LimitPerParent cannot be combined with an order that has arguments")
	}
	return strings.TrimPrefix(strings.TrimPrefix(ordered, rest), " ORDER BY "), nil
}

// isOrder reports whether an order is one of columns alone.
func isOrder(order string, columns []string) bool {
	for term := range strings.SplitSeq(order, ", ") {
		if columnOf(term, columns) < 0 {
			return false
		}
	}
	return true
}
