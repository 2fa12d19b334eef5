package equality_test

import (
	"fmt"
	"reflect"
	"strings"

	"entgo.io/ent/dialect/sql"

	"github.com/agentuity/auth-go/internal/integration/equality/catalog"
)

// query is a query of a client, or of an edge that is loaded with it.
type query struct {
	typ *catalog.Type
	via *hop // Nil for client.T.Query() and for edges.

	where              []*predicate
	orders             []order
	total              bool // The order leaves no two rows equal.
	limit              int  // 0 for none.
	offset             int
	perParent, skipped int // LimitPerParent and OffsetPerParent.
	unique             *bool
	fields             []string // Of Select.
	with               []*with
	mods               []modifier
	lock               string
	opts               []lockOption
	clone              bool
	single             bool // There is at most one row.
	shared             bool // The rows are those of an edge that many parents may share.
}

// hop is where a query starts that goes along an edge.
type hop struct {
	typ  *catalog.Type
	edge *catalog.Edge
	from *query // From the entities of a query, or
	id   any    // from one entity.
	// byClient is client.T.QueryE(entity) in place of entity.QueryE().
	byClient bool
}

// with is an edge that is loaded.
type with struct {
	edge  *catalog.Edge
	name  string // Of WithNamed.
	query *query
	bare  bool // Without a function.
}

// order is a term of an order.
type order struct {
	fn    string // The function of the type's package.
	field string // Its first argument: a field of the neighbor.
	opts  []string
	typ   *catalog.Type
}

var orderOptions = map[string]sql.OrderTermOption{
	"sql.OrderAsc()":        sql.OrderAsc(),
	"sql.OrderDesc()":       sql.OrderDesc(),
	"sql.OrderNullsFirst()": sql.OrderNullsFirst(),
	"sql.OrderNullsLast()":  sql.OrderNullsLast(),
}

func (o order) String() string {
	args := o.opts
	if o.field != "" {
		args = append([]string{fmt.Sprintf("%q", o.field)}, args...)
	}
	return fmt.Sprintf("%s.%s(%s)", strings.ToLower(o.typ.Name), o.fn, strings.Join(args, ", "))
}

func (o order) build() reflect.Value {
	var args []reflect.Value
	if o.field != "" {
		args = append(args, reflect.ValueOf(o.field))
	}
	for _, opt := range o.opts {
		args = append(args, reflect.ValueOf(orderOptions[opt]))
	}
	return reflect.ValueOf(o.typ.Funcs[o.fn]).Call(args)[0]
}

// modifier changes the selector of a query.
type modifier struct {
	text string
	fn   func(*sql.Selector)
}

type lockOption struct {
	text string
	opt  sql.LockOption
}

// order makes the terms of an order. A total one ends with the id.
func (g *generator) order(q *query, total bool) {
	t := q.typ
	var terms []order
	for range g.IntN(3) {
		var o order
		switch n := g.IntN(10); {
		case n < 2 && len(t.Edges) > 0:
			e := pick(g, t.Edges...)
			o = order{fn: e.Order}
			if e.Unique {
				target := g.subject.types[e.Target]
				of := columns(target, "TypeString", "TypeInt", "TypeTime", "TypeUUID")
				if len(of) == 0 {
					continue
				}
				o.field = pick(g, of...)
			}
		default:
			var names []string
			for _, f := range t.Fields {
				if f.Order != "" && (f.Kind != "TypeOther" || !g.agree) {
					names = append(names, f.Order)
				}
			}
			if len(names) == 0 {
				continue
			}
			o = order{fn: pick(g, names...)}
		}
		o.typ = t
		if g.chance(50) {
			o.opts = append(o.opts, "sql.OrderDesc()")
		}
		if g.agree || g.chance(20) {
			o.opts = append(o.opts, pick(g, "sql.OrderNullsFirst()", "sql.OrderNullsLast()"))
		}
		terms = append(terms, o)
	}
	if total {
		for _, fn := range idOrders(t) {
			o := order{typ: t, fn: fn}
			if g.chance(30) {
				o.opts = []string{"sql.OrderDesc()"}
			}
			terms = append(terms, o)
		}
	}
	q.orders, q.total = terms, total
}

// idOrders returns the functions that order by the id.
func idOrders(t *catalog.Type) []string {
	if t.ID != nil {
		return []string{t.ID.Order}
	}
	var all []string
	for _, f := range t.Fields {
		if f.EdgeField {
			all = append(all, f.Order)
		}
	}
	return all
}

// modifiers that a query may have.
func (g *generator) modifier(q *query) modifier {
	all := []modifier{
		{`func(s *sql.Selector) { s.Where(sql.ExprP("1 = 1")) }`, func(s *sql.Selector) { s.Where(sql.ExprP("1 = 1")) }},
		{`func(s *sql.Selector) { s.AppendSelectExprAs(sql.Expr("1 + 1"), "extra") }`, func(s *sql.Selector) { s.AppendSelectExprAs(sql.Expr("1 + 1"), "extra") }},
		{`func(s *sql.Selector) { s.Prefix(sql.With("few").As(sql.Dialect(s.Dialect()).SelectExpr(sql.Expr("1")))) }`, func(s *sql.Selector) {
			s.Prefix(sql.With("few").As(sql.Dialect(s.Dialect()).SelectExpr(sql.Expr("1"))))
		}},
	}
	if t := q.typ; t.ID != nil {
		id, table := t.ID.Column, t.Table
		all = append(all, modifier{fmt.Sprintf(`func(s *sql.Selector) { t := sql.Table(%q).As("again"); s.Join(t).On(s.C(%q), t.C(%q)) }`, table, id, id), func(s *sql.Selector) {
			t := sql.Dialect(s.Dialect()).Select().From(sql.Table(table)).As("again")
			s.Join(t).On(s.C(id), t.C(id))
		}})
		if names := columns(t, "TypeString"); !g.agree && len(names) > 0 {
			column := pick(g, names...)
			all = append(all, modifier{fmt.Sprintf(`func(s *sql.Selector) { s.AppendSelectAs(s.C(%q), "again").Where(sql.NotNull(s.C(%q))) }`, column, column), func(s *sql.Selector) {
				s.AppendSelectAs(s.C(column), "again").Where(sql.NotNull(s.C(column)))
			}})
		}
	}
	if q.total && !q.shared {
		n := 1 + g.IntN(4)
		all = append(all, modifier{fmt.Sprintf(`func(s *sql.Selector) { s.Limit(%d) }`, n), func(s *sql.Selector) { s.Limit(n) }})
	}
	return pick(g, all...)
}

// query makes a query of a type. Loaded edges go down to a depth.
func (g *generator) query(depth int) *query {
	q := &query{typ: g.subject.types[pick(g, g.subject.names...)]}
	switch n := g.IntN(100); {
	case n < 18:
		q.via = g.hop(q)
	case n < 30 && len(q.typ.Edges) > 0:
		e := pick(g, q.typ.Edges...)
		from := &query{typ: q.typ}
		g.fill(from, 0, false)
		from.unique, from.fields, from.mods = nil, nil, nil
		*q = query{typ: g.subject.types[e.Target], via: &hop{typ: from.typ, edge: &e, from: from}}
	}
	g.fill(q, depth, false)
	return q
}

// hop makes the way from one entity to a query.
func (g *generator) hop(q *query) *hop {
	if q.typ.ID == nil || len(q.typ.Edges) == 0 || len(g.ids[q.typ.Name]) == 0 {
		return nil
	}
	t, e := q.typ, pick(g, q.typ.Edges...)
	q.typ = g.subject.types[e.Target]
	return &hop{typ: t, edge: &e, id: pick(g, g.ids[t.Name]...), byClient: g.chance(50)}
}

// fill adds to a query what it may have. The rows of the edges of many parents cannot be
// limited where they are shared, neither by Limit nor by a modifier: one row is there once for each of
// its parents, no order tells these apart, and which of them remain is not determined.
func (g *generator) fill(q *query, depth int, shared bool) {
	q.shared = shared
	if g.chance(55) {
		q.where = g.predicates(q.typ, 2)
	}
	if g.chance(50) {
		g.order(q, g.chance(85))
	}
	if q.total && !shared && g.chance(35) {
		q.limit = 1 + g.IntN(5)
		if g.chance(40) {
			q.offset = g.IntN(3)
		}
		if !g.agree && g.chance(10) {
			q.limit, q.offset = 0, 1+g.IntN(2)
		}
	}
	if g.chance(8) {
		u := g.chance(60)
		q.unique = &u
	}
	if g.chance(12) {
		q.fields = g.selection(q.typ)
	}
	if g.chance(6) {
		q.mods = append(q.mods, g.modifier(q))
	}
	if !g.agree && g.chance(5) {
		q.lock = pick(g, "ForUpdate", "ForShare")
		if g.chance(30) {
			q.opts = append(q.opts, pick(g,
				lockOption{"sql.WithLockAction(sql.SkipLocked)", sql.WithLockAction(sql.SkipLocked)},
				lockOption{"sql.WithLockAction(sql.NoWait)", sql.WithLockAction(sql.NoWait)},
				lockOption{fmt.Sprintf("sql.WithLockTables(%q)", q.typ.Table), sql.WithLockTables(q.typ.Table)},
			))
		}
	}
	if depth > 0 && g.chance(75) {
		for range 1 + g.IntN(3) {
			g.with(q, depth-1)
		}
	}
	q.clone = g.chance(6)
}

// selection returns some columns of a type.
func (g *generator) selection(t *catalog.Type) []string {
	var all []string
	if t.ID != nil && g.chance(70) {
		all = append(all, t.ID.Column)
	}
	for _, f := range t.Fields {
		if g.chance(35) {
			all = append(all, f.Column)
		}
	}
	if len(all) == 0 && len(t.Fields) > 0 {
		all = append(all, t.Fields[0].Column)
	}
	return all
}

// with adds an edge that is loaded.
func (g *generator) with(q *query, depth int) {
	if len(q.typ.Edges) == 0 {
		return
	}
	e := pick(g, q.typ.Edges...)
	w := &with{edge: &e, query: &query{typ: g.subject.types[e.Target]}}
	if !e.Unique && g.subject.namedEdges && g.chance(15) {
		w.name = pick(g, "one", "two")
	}
	if g.chance(25) {
		w.bare = true
	} else {
		g.fill(w.query, depth, e.M2M && !q.single)
		if w.query.total && g.chance(20) || g.chance(1) {
			w.query.perParent, w.query.skipped = 1+g.IntN(3), g.IntN(3)/2
		}
	}
	q.with = append(q.with, w)
}

// String is the query as one would write it.
func (q *query) String() string { return q.text("\n\t") }

func (q *query) text(indent string) string {
	start := fmt.Sprintf("client.%s.Query()", q.typ.Name)
	if q.via != nil {
		h := q.via
		switch {
		case h.from != nil:
			start = h.from.text(indent) + "." + indent + "Query" + h.edge.GoName + "()"
		case h.byClient:
			start = fmt.Sprintf("client.%s.Query%s(client.%s.GetX(ctx, %s))", h.typ.Name, h.edge.GoName, h.typ.Name, literal(h.id))
		default:
			start = fmt.Sprintf("client.%s.GetX(ctx, %s).Query%s()", h.typ.Name, literal(h.id), h.edge.GoName)
		}
	}
	return start + q.calls(indent)
}

// calls is the text of the calls after the start of a query.
func (q *query) calls(indent string) string {
	var b strings.Builder
	call := func(format string, args ...any) { fmt.Fprintf(&b, "."+indent+format, args...) }
	if len(q.where) > 0 {
		call("Where(%s)", join(q.where))
	}
	if len(q.orders) > 0 {
		call("Order(%s)", join(q.orders))
	}
	if q.limit > 0 {
		call("Limit(%d)", q.limit)
	}
	if q.offset > 0 {
		call("Offset(%d)", q.offset)
	}
	if q.perParent > 0 {
		call("LimitPerParent(%d)", q.perParent)
	}
	if q.skipped > 0 {
		call("OffsetPerParent(%d)", q.skipped)
	}
	if q.unique != nil {
		call("Unique(%t)", *q.unique)
	}
	for _, w := range q.with {
		name := ""
		method := "With" + w.edge.GoName
		if w.name != "" {
			method, name = "WithNamed"+w.edge.GoName, fmt.Sprintf("%q, ", w.name)
		}
		if w.bare {
			call("%s(%s)", method, strings.TrimSuffix(name, ", "))
			continue
		}
		call("%s(%sfunc(q *ent.%sQuery) {%s\tq%s%s})", method, name, w.query.typ.Name, indent, w.query.calls(indent+"\t\t"), indent)
	}
	if q.lock != "" {
		var opts []string
		for _, o := range q.opts {
			opts = append(opts, o.text)
		}
		call("%s(%s)", q.lock, strings.Join(opts, ", "))
	}
	if q.clone {
		call("Clone()")
	}
	for _, m := range q.mods {
		call("Modify(%s)", m.text)
	}
	if len(q.fields) > 0 {
		call("Select(%q)", q.fields)
	}
	return b.String()
}

func join[T fmt.Stringer](all []T) string {
	texts := make([]string, 0, len(all))
	for _, v := range all {
		texts = append(texts, v.String())
	}
	return strings.Join(texts, ", ")
}

// build makes the query of a client: *ent.Client or *ent.Tx.
func (q *query) build(r *run, client reflect.Value) (reflect.Value, error) {
	var b reflect.Value
	switch of := typeClient(client, q.typ.Name); {
	case q.via == nil:
		b = call(of, "Query")[0]
	case q.via.from != nil:
		from, err := q.via.from.build(r, client)
		if err != nil {
			return b, err
		}
		b = call(from, "Query"+q.via.edge.GoName)[0]
	default:
		source := typeClient(client, q.via.typ.Name)
		got := call(source, "Get", r.ctx, q.via.id)
		if err := errorOf(got[1]); err != nil {
			return b, err
		}
		if q.via.byClient {
			b = call(source, "Query"+q.via.edge.GoName, got[0].Interface())[0]
		} else {
			b = call(got[0], "Query"+q.via.edge.GoName)[0]
		}
	}
	return q.apply(b), nil
}

// apply makes the calls of the query on a builder, and returns the builder to go on with.
func (q *query) apply(b reflect.Value) reflect.Value {
	if len(q.where) > 0 {
		var args []reflect.Value
		for _, p := range q.where {
			args = append(args, p.build())
		}
		b.MethodByName("Where").Call(args)
	}
	if len(q.orders) > 0 {
		var args []reflect.Value
		for _, o := range q.orders {
			args = append(args, o.build())
		}
		b.MethodByName("Order").Call(args)
	}
	if q.limit > 0 {
		call(b, "Limit", q.limit)
	}
	if q.offset > 0 {
		call(b, "Offset", q.offset)
	}
	if q.perParent > 0 {
		call(b, "LimitPerParent", q.perParent)
	}
	if q.skipped > 0 {
		call(b, "OffsetPerParent", q.skipped)
	}
	if q.unique != nil {
		call(b, "Unique", *q.unique)
	}
	for _, w := range q.with {
		w.apply(b)
	}
	if q.lock != "" {
		var args []any
		for _, o := range q.opts {
			args = append(args, o.opt)
		}
		call(b, q.lock, args...)
	}
	if q.clone {
		b = call(b, "Clone")[0]
	}
	for _, m := range q.mods {
		call(b, "Modify", m.fn)
	}
	if len(q.fields) > 0 {
		var args []any
		for _, f := range q.fields {
			args = append(args, f)
		}
		call(b, "Select", args...)
	}
	return b
}

func (w *with) apply(b reflect.Value) {
	var (
		method reflect.Value
		args   []reflect.Value
	)
	if w.name != "" {
		method = b.MethodByName("WithNamed" + w.edge.GoName)
		args = append(args, reflect.ValueOf(w.name))
	} else {
		method = b.MethodByName("With" + w.edge.GoName)
	}
	if !w.bare {
		opt := method.Type().In(method.Type().NumIn() - 1).Elem()
		args = append(args, reflect.MakeFunc(opt, func(in []reflect.Value) []reflect.Value {
			w.query.apply(in[0])
			return nil
		}))
	}
	method.Call(args)
}

// typeClient returns client.T.
func typeClient(client reflect.Value, name string) reflect.Value {
	return client.Elem().FieldByName(name)
}

// call calls a method. Arguments are converted to the types of its parameters.
func call(on reflect.Value, method string, args ...any) []reflect.Value {
	m := on.MethodByName(method)
	if !m.IsValid() {
		panic(fmt.Sprintf("%s has no method %s", on.Type(), method))
	}
	return m.Call(arguments(m.Type(), args))
}

func errorOf(v reflect.Value) error {
	err, _ := v.Interface().(error)
	return err
}
