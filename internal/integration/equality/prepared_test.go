package equality_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agentuity/auth-go/authent/param"
)

// prepared is a query that is prepared, with placeholders for the arguments of its
// predicates, and then runs with these arguments.
type prepared struct {
	read
	params []string
	args   []any
}

// prepare makes a prepared query of a query, or returns nil if it has no such end.
func prepare(r *read) *prepared {
	if !slices.Contains([]string{"All", "First", "Only", "Count", "Exist"}, r.end) {
		return nil
	}
	if id := r.query.typ.ID; r.end == "Exist" && id != nil && reflect.TypeOf(id.Value).Kind() == reflect.Struct {
		return nil // Ent cannot select ids that are structs; a prepared query need not.
	}
	p := &prepared{read: *r}
	p.query = p.placeholders(r.query)
	p.follow = false
	return p
}

// placeholders returns a copy of a query with placeholders.
func (p *prepared) placeholders(q *query) *query {
	c := *q
	c.where = p.all(q.where)
	c.with = nil
	if q.via != nil && q.via.from != nil {
		via := *q.via
		via.from = p.placeholders(q.via.from)
		c.via = &via
	}
	for _, w := range q.with {
		edge := *w
		edge.query = p.placeholders(w.query)
		c.with = append(c.with, &edge)
	}
	return &c
}

func (p *prepared) all(where []*predicate) []*predicate {
	var all []*predicate
	for _, one := range where {
		c := *one
		c.nested = p.all(one.nested)
		c.args = slices.Clone(one.args)
		for _, op := range []string{"EQ", "NEQ", "LT", "LTE", "GT", "GTE", "In"} {
			if !strings.HasSuffix(c.fn, op) {
				continue
			}
			for i, arg := range c.args {
				name := fmt.Sprintf("p%d", len(p.params))
				if stand := placeholder(arg, name); stand != nil {
					c.args[i] = stand
					p.params, p.args = append(p.params, name), append(p.args, arg)
				}
			}
			break
		}
		all = append(all, &c)
	}
	return all
}

// placeholder returns the placeholder for a value, or nil.
func placeholder(v any, name string) any {
	switch v.(type) {
	case string:
		return param.String(name)
	case int:
		return param.Int(name)
	case int64:
		return param.Int64(name)
	case float64:
		return param.Float64(name)
	case time.Time:
		return param.Time(name)
	case uuid.UUID:
		return param.UUID(name)
	}
	return nil
}

// String is the call as one would write it.
func (p *prepared) String() string {
	args := make([]string, 0, len(p.args))
	for _, arg := range p.args {
		args = append(args, literal(arg))
	}
	return fmt.Sprintf("%s, prepared with %q = %s", p.read.String(), p.params, strings.Join(args, ", "))
}

// errPrepare says that a query cannot be prepared.
type errPrepare struct{ error }

// do prepares the query on a client and runs it three times: after the first runs, the driver knows how to load its edges.
func (p *prepared) do(r *run, client reflect.Value) (string, error) {
	b, err := p.query.build(r, client)
	if err != nil {
		return "", err
	}
	out := call(b, "Prepare", append([]any{"it"}, anys(p.params)...)...)
	if err := errorOf(out[1]); err != nil {
		return "", errPrepare{err}
	}
	q := out[0]
	var answer string
	for range 3 {
		pr := newPrinter(r)
		out = call(q, p.end, append([]any{r.ctx}, p.args...)...)
		if err := errorOf(out[1]); err != nil {
			return "", err
		}
		switch p.end {
		case "All":
			answer = pr.list(out[0], p.query) + pr.objects()
		case "First", "Only":
			answer = pr.entity(out[0], p.query)
			answer += pr.orErrs(out[0]) + pr.objects()
		default:
			answer = pr.value(out[0])
		}
	}
	return answer, nil
}
