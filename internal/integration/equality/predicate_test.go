package equality_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/sqljson"

	"github.com/agentuity/auth-go/internal/integration/equality/catalog"
)

// predicate is one predicate of a query or mutation.
type predicate struct {
	typ    *catalog.Type
	fn     string // The function of the type's package.
	args   []any
	nested []*predicate // In place of args.
	// A predicate that is written by hand.
	text string
	raw  func(*sql.Selector)
}

// build makes the predicate.
func (p *predicate) build() reflect.Value {
	fn := reflect.ValueOf(p.typ.Funcs["Not"])
	if p.raw != nil { // The type of predicates is that of the argument of Not.
		return reflect.ValueOf(p.raw).Convert(fn.Type().In(0))
	}
	fn = reflect.ValueOf(p.typ.Funcs[p.fn])
	var args []reflect.Value
	for _, n := range p.nested {
		args = append(args, n.build())
	}
	return fn.Call(append(args, arguments(fn.Type(), p.args)...))[0]
}

// arguments converts the arguments of a call to the types of its parameters.
func arguments(fn reflect.Type, args []any) []reflect.Value {
	var values []reflect.Value
	for i, arg := range args {
		param := fn.In(min(i, fn.NumIn()-1))
		if fn.IsVariadic() && i >= fn.NumIn()-1 {
			param = param.Elem()
		}
		if arg == nil {
			values = append(values, reflect.Zero(param))
			continue
		}
		values = append(values, reflect.ValueOf(arg).Convert(param))
	}
	return values
}

// String is the predicate as one would write it.
func (p *predicate) String() string {
	if p.raw != nil {
		return p.text
	}
	pkg := strings.ToLower(p.typ.Name)
	args := make([]string, 0, len(p.args)+len(p.nested))
	for _, n := range p.nested {
		args = append(args, n.String())
	}
	for _, arg := range p.args {
		args = append(args, literal(arg))
	}
	return fmt.Sprintf("%s.%s(%s)", pkg, p.fn, strings.Join(args, ", "))
}

// literal is a value as one would write it, or close to it.
func literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case string, int, bool, float64:
		return fmt.Sprintf("%#v", v)
	}
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.Pointer && !rv.IsNil() {
		return "&" + literal(rv.Elem().Interface())
	}
	if s, ok := v.(fmt.Stringer); ok {
		return fmt.Sprintf("%T(%q)", v, s.String())
	}
	return fmt.Sprintf("%#v", v)
}

// predicate makes a predicate on a type, with others in it up to a depth.
func (g *generator) predicate(t *catalog.Type, depth int) *predicate {
	switch n := g.IntN(100); {
	case depth > 0 && n < 8 && len(t.Edges) > 0:
		return &predicate{typ: t, fn: "Has" + pick(g, t.Edges...).GoName}
	case depth > 0 && n < 25 && len(t.Edges) > 0:
		e := pick(g, t.Edges...)
		return &predicate{typ: t, fn: "Has" + e.GoName + "With", nested: g.predicates(g.subject.types[e.Target], depth-1)}
	case depth > 0 && n < 30:
		return &predicate{typ: t, fn: "Not", nested: []*predicate{g.predicate(t, depth-1)}}
	case depth > 0 && n < 42:
		fn := pick(g, "And", "Or", "Or")
		return &predicate{typ: t, fn: fn, nested: []*predicate{g.predicate(t, depth-1), g.predicate(t, depth-1)}}
	case n < 48:
		if p := g.rawPredicate(t); p != nil {
			return p
		}
	}
	return g.fieldPredicate(t)
}

func (g *generator) predicates(t *catalog.Type, depth int) []*predicate {
	all := []*predicate{g.predicate(t, depth)}
	for g.chance(25) && len(all) < 3 {
		all = append(all, g.predicate(t, depth))
	}
	return all
}

// fieldPredicate makes a predicate on a field.
func (g *generator) fieldPredicate(t *catalog.Type) *predicate {
	fields := make([]*catalog.Field, 0, len(t.Fields)+1)
	if t.ID != nil && g.chance(15) {
		fields = append(fields, t.ID)
	} else {
		for i := range t.Fields {
			if len(t.Fields[i].Ops) > 0 {
				fields = append(fields, &t.Fields[i])
			}
		}
	}
	if len(fields) == 0 {
		return &predicate{typ: t, fn: "IDNotIn"}
	}
	f := pick(g, fields...)
	op := pick(g, f.Ops...)
	if g.agree && f.Kind == "TypeOther" { // What is less than another one is the database's matter.
		op = f.Ops[0]
	}
	if f.Scanner && g.writing { // An error of a scanner makes mutations of Ent panic.
		op = catalog.Op{Name: "NotNil", Niladic: true}
	}
	p := &predicate{typ: t, fn: f.GoName + op.Name}
	switch {
	case op.Niladic:
	case op.Variadic:
		for range g.IntN(5) {
			p.args = append(p.args, g.value(t, f))
		}
	default:
		p.args = []any{g.value(t, f)}
	}
	return p
}

// rawPredicate makes a predicate that generated code has no function for, or nil.
func (g *generator) rawPredicate(t *catalog.Type) *predicate {
	byKind := make(map[string][]string)
	var lists []string
	for _, f := range t.Fields {
		byKind[f.Kind] = append(byKind[f.Kind], f.Column)
		if _, ok := f.Value.([]string); ok {
			lists = append(lists, f.Column)
		}
	}
	if len(lists) > 0 && !g.agree {
		column, n := pick(g, lists...), g.IntN(3)
		return &predicate{
			typ:  t,
			text: fmt.Sprintf("func(s *sql.Selector) { s.Where(sqljson.LenGTE(s.C(%q), %d)) }", column, n),
			raw:  func(s *sql.Selector) { s.Where(sqljson.LenGTE(s.C(column), n)) },
		}
	}
	for _, kind := range []string{"TypeInt", "TypeString", "TypeTime"} {
		if columns := byKind[kind]; len(columns) > 1 {
			i := g.IntN(len(columns) - 1)
			a, b := columns[i], columns[i+1]
			return &predicate{typ: t, text: fmt.Sprintf("sql.FieldsLTE(%q, %q)", a, b), raw: sql.FieldsLTE(a, b)}
		}
	}
	return nil
}

// columns returns the columns of a type that can be compared and ordered by.
func columns(t *catalog.Type, kinds ...string) []string {
	var all []string
	for _, f := range t.Fields {
		if slices.Contains(kinds, f.Kind) {
			all = append(all, f.Column)
		}
	}
	return all
}
