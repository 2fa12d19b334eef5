package equality_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"

	"github.com/agentuity/auth-go/internal/integration/equality/catalog"
)

// read is a query and how it ends.
type read struct {
	query *query
	end   string   // The method: "All", "First", ...
	cols  []string // Of Select and GroupBy.
	aggs  []aggregate
	// follow is an edge that is queried from what a loaded edge has.
	follow bool
}

// aggregate is an aggregation of a group.
type aggregate struct {
	text string
	name string
	fn   func(*sql.Selector) string
	typ  reflect.Type
}

// read makes a query of all kinds.
func (g *generator) read() *read {
	depth := pick(g, 0, 1, 1, 2, 2, 3, 4)
	r := &read{query: g.query(depth)}
	q := r.query
	switch n := g.IntN(100); {
	case n < 62:
		r.end = "All"
		r.follow = g.chance(10)
	case n < 72:
		r.end = "First"
	case n < 79:
		r.end = "Only"
	case n < 83:
		r.end = "Count"
	case n < 86:
		r.end = "Exist"
	case n < 89:
		r.end = pick(g, "IDs", "FirstID", "OnlyID")
	case n < 95:
		r.end = "Scan"
		r.cols = g.scannable(q.typ)
		q.fields, q.with, q.mods = nil, nil, nil
	default:
		r.end = "GroupBy"
		r.cols = g.scannable(q.typ)[:1]
		r.aggs = g.aggregates(q.typ)
		*q = query{typ: q.typ, via: q.via, where: q.where}
	}
	if q.typ.ID == nil && strings.Contains(r.end, "ID") {
		r.end = "All"
	}
	if strings.HasPrefix(r.end, "First") {
		if !q.total {
			g.order(q, true)
		}
		q.limit, q.single = 0, true
		if g.chance(50) && len(q.typ.Edges) > 0 && r.end == "First" {
			g.with(q, 2)
		}
	}
	if strings.HasPrefix(r.end, "Only") {
		if g.chance(60) && q.typ.ID != nil { // Mostly there is one.
			q.where = []*predicate{{typ: q.typ, fn: "IDEQ", args: []any{g.id(q.typ.Name)}}}
			q.limit, q.offset = 0, 0
		}
	}
	if r.end == "IDs" {
		q.fields, q.mods = nil, nil
	}
	return r
}

// scannable returns columns of a type whose values can be scanned one by one.
func (g *generator) scannable(t *catalog.Type) []string {
	var all []string
	for _, f := range t.Fields {
		if scanType(&f) != nil {
			all = append(all, f.Column)
		}
	}
	g.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	if len(all) == 0 {
		return []string{t.ID.Column}
	}
	return all[:1+g.IntN(min(3, len(all)))]
}

// scanType returns the type to scan a field into, or nil. All can be NULL here.
func scanType(f *catalog.Field) reflect.Type {
	switch f.Kind {
	case "TypeJSON", "TypeOther":
		return nil
	}
	if f.Scanner || f.Value == nil {
		return nil
	}
	t := reflect.TypeOf(f.Value)
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Bool && t.Name() != "bool" {
		return nil
	}
	return reflect.PointerTo(t)
}

func (g *generator) aggregates(t *catalog.Type) []aggregate {
	all := []aggregate{{text: `ent.Count()`, name: "number", typ: reflect.TypeFor[int]()}}
	all[0].fn = func(*sql.Selector) string { return sql.As(sql.Count("*"), "number") }
	for _, column := range columns(t, "TypeInt", "TypeInt64") {
		for name, fn := range map[string]func(string) string{"Sum": sql.Sum, "Max": sql.Max, "Min": sql.Min} {
			_ = name
			as := strings.ToLower(name) + "_" + column
			all = append(all, aggregate{
				text: fmt.Sprintf("ent.As(ent.%s(%q), %q)", name, column, as),
				name: as,
				fn:   func(s *sql.Selector) string { return sql.As(fn(s.C(column)), as) },
				typ:  reflect.TypeFor[*float64](),
			})
		}
	}
	slices.SortFunc(all, func(a, b aggregate) int { return strings.Compare(a.name, b.name) })
	g.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:1+g.IntN(min(3, len(all)))]
}

// String is the call as one would write it.
func (r *read) String() string {
	s := r.query.String()
	switch r.end {
	case "Scan":
		return fmt.Sprintf("%s.\n\tSelect(%q).\n\tScan(ctx, &rows)", s, r.cols)
	case "GroupBy":
		var aggs []string
		for _, a := range r.aggs {
			aggs = append(aggs, a.text)
		}
		return fmt.Sprintf("%s.\n\tGroupBy(%q).\n\tAggregate(%s).\n\tScan(ctx, &rows)", s, r.cols[0], strings.Join(aggs, ", "))
	}
	s += ".\n\t" + r.end + "(ctx)"
	if r.follow {
		s += " // and the edges of what was loaded"
	}
	return s
}

// do runs the call on a client and returns the answer as text.
func (r *read) do(run *run, client reflect.Value) (string, error) {
	q := r.query
	b, err := q.build(run, client)
	if err != nil {
		return "", err
	}
	p := newPrinter(run)
	switch r.end {
	case "Scan":
		return r.scan(run, call(b, "Select", anys(r.cols)...)[0], q.total && q.fields == nil)
	case "GroupBy":
		group := call(b, "GroupBy", r.cols[0])[0]
		var fns []any
		for _, a := range r.aggs {
			fns = append(fns, a.fn)
		}
		call(group, "Aggregate", fns...)
		return r.scan(run, group, false)
	}
	out := call(b, r.end, run.ctx)
	if err := errorOf(out[1]); err != nil {
		return "", err
	}
	v := out[0]
	switch r.end {
	case "All":
		s := p.list(v, q)
		if r.follow {
			s += r.followed(run, v)
		}
		return s + p.objects(), nil
	case "First", "Only":
		s := p.entity(v, q)
		return s + p.orErrs(v) + p.objects(), nil
	case "IDs":
		return p.values(v, q.total), nil
	}
	return p.value(v), nil
}

// scan scans the rows into structs.
func (r *read) scan(run *run, b reflect.Value, ordered bool) (string, error) {
	var fields []reflect.StructField
	for i, column := range r.cols {
		typ := reflect.TypeFor[any]()
		for _, f := range append([]catalog.Field{}, r.query.typ.Fields...) {
			if f.Column == column {
				typ = scanType(&f)
			}
		}
		if id := r.query.typ.ID; id != nil && id.Column == column {
			typ = reflect.TypeOf(id.Value)
		}
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("C%d", i), Type: typ, Tag: reflect.StructTag(fmt.Sprintf("sql:%q", column))})
	}
	for i, a := range r.aggs {
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("A%d", i), Type: a.typ, Tag: reflect.StructTag(fmt.Sprintf("sql:%q", a.name))})
	}
	rows := reflect.New(reflect.SliceOf(reflect.StructOf(fields)))
	if err := errorOf(call(b, "Scan", run.ctx, rows.Interface())[0]); err != nil {
		return "", err
	}
	return newPrinter(run).values(rows.Elem(), ordered), nil
}

// followed queries the edges of the entities in loaded edges: they belong to a client too.
func (r *read) followed(run *run, nodes reflect.Value) string {
	for i := range nodes.Len() {
		for _, w := range r.query.with {
			loaded := nodes.Index(i).Elem().FieldByName("Edges").FieldByName(w.edge.GoName)
			if loaded.Kind() == reflect.Slice {
				if loaded.Len() == 0 || loaded.Len() > 1 && !w.query.total {
					continue // There is none, or the first one is any.
				}
				loaded = loaded.Index(0)
			}
			if loaded.IsNil() || !r.query.total && nodes.Len() > 1 || len(w.query.fields) > 0 {
				continue
			}
			for _, e := range w.query.typ.Edges {
				next := call(loaded, "Query"+e.GoName)[0]
				out := call(next, "Count", run.ctx)
				if err := errorOf(out[1]); err != nil {
					return "\n" + e.Name + ": " + run.kind(err)
				}
				return fmt.Sprintf("\n%s: %d", e.Name, out[0].Int())
			}
		}
	}
	return ""
}

func anys[T any](all []T) []any {
	out := make([]any, len(all))
	for i, v := range all {
		out[i] = v
	}
	return out
}
