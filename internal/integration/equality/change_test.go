package equality_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/agentuity/auth-go/internal/integration/equality/catalog"
)

// change is a mutation.
type change struct {
	typ    *catalog.Type
	kind   string  // "Create", "CreateBulk", "Upsert", "UpdateOneID", "UpdateOne", "Update", "DeleteOneID", "Delete"
	rows   [][]set // Of creations: one for each row.
	sets   []set   // Of updates.
	where  []*predicate
	id     any
	fields []string // Of Select, after an update of one.
	// resolve is what an upsert does about conflicts in columns.
	resolve string
	columns []string
}

// set is a call that sets, adds or clears something.
type set struct {
	method string
	args   []any
}

func (s set) String() string {
	args := make([]string, 0, len(s.args))
	for _, arg := range s.args {
		args = append(args, literal(arg))
	}
	return fmt.Sprintf(".\n\t%s(%s)", s.method, strings.Join(args, ", "))
}

func texts(sets []set) string {
	var b strings.Builder
	for _, s := range sets {
		b.WriteString(s.String())
	}
	return b.String()
}

// String is the call as one would write it.
func (c *change) String() string {
	on := fmt.Sprintf("client.%s.", c.typ.Name)
	where := ""
	if len(c.where) > 0 {
		where = ".\n\tWhere(" + join(c.where) + ")"
	}
	switch c.kind {
	case "Create":
		return on + "Create()" + texts(c.rows[0]) + ".\n\tSave(ctx)"
	case "CreateBulk", "Upsert":
		var b strings.Builder
		for _, row := range c.rows {
			b.WriteString("\n\t" + on + "Create()" + texts(row) + ",")
		}
		s := on + "CreateBulk(" + b.String() + "\n)"
		if c.kind == "CreateBulk" {
			return s + ".\n\tSave(ctx)"
		}
		return fmt.Sprintf("%s.\n\tOnConflictColumns(%q).\n\t%s().\n\tExec(ctx)", s, c.columns, c.resolve)
	case "UpdateOneID", "DeleteOneID":
		s := on + c.kind + "(" + literal(c.id) + ")" + where + texts(c.sets)
		return s + c.ending()
	case "UpdateOne":
		return fmt.Sprintf("client.%s.GetX(ctx, %s).Update()", c.typ.Name, literal(c.id)) + where + texts(c.sets) + c.ending()
	}
	return on + c.kind + "()" + where + texts(c.sets) + c.ending()
}

func (c *change) ending() string {
	s := ""
	if len(c.fields) > 0 {
		s = fmt.Sprintf(".\n\tSelect(%q)", c.fields)
	}
	if strings.HasPrefix(c.kind, "Delete") {
		return s + ".\n\tExec(ctx)"
	}
	return s + ".\n\tSave(ctx)"
}

// do runs the mutation on a client and returns the answer as text.
func (c *change) do(r *run, client reflect.Value) (string, error) {
	of := typeClient(client, c.typ.Name)
	p := newPrinter(r)
	switch c.kind {
	case "Create":
		return c.one(r, p, apply(call(of, "Create")[0], c.rows[0]))
	case "CreateBulk", "Upsert":
		bulk := of.MethodByName("CreateBulk")
		builders := make([]reflect.Value, 0, len(c.rows))
		for _, row := range c.rows {
			builders = append(builders, apply(call(of, "Create")[0], row))
		}
		b := bulk.Call(builders)[0]
		if c.kind == "Upsert" {
			b = call(b, "OnConflictColumns", anys(c.columns)...)[0]
			b = call(b, c.resolve)[0]
			return "", errorOf(call(b, "Exec", r.ctx)[0])
		}
		out := call(b, "Save", r.ctx)
		if err := errorOf(out[1]); err != nil {
			return "", err
		}
		return p.list(out[0], &query{typ: c.typ, total: true}), nil
	case "UpdateOneID", "UpdateOne":
		var b reflect.Value
		if c.kind == "UpdateOneID" {
			b = call(of, "UpdateOneID", c.id)[0]
		} else {
			got := call(of, "Get", r.ctx, c.id)
			if err := errorOf(got[1]); err != nil {
				return "", err
			}
			b = call(got[0], "Update")[0]
		}
		b = apply(filter(b, c.where), c.sets)
		if len(c.fields) > 0 {
			b = call(b, "Select", anys(c.fields)...)[0]
		}
		return c.one(r, p, b)
	case "DeleteOneID":
		return "", errorOf(call(filter(call(of, "DeleteOneID", c.id)[0], c.where), "Exec", r.ctx)[0])
	}
	end := "Save"
	if c.kind == "Delete" {
		end = "Exec"
	}
	out := call(apply(filter(call(of, c.kind)[0], c.where), c.sets), end, r.ctx)
	return p.value(out[0]), errorOf(out[1])
}

func (c *change) one(r *run, p *printer, b reflect.Value) (string, error) {
	out := call(b, "Save", r.ctx)
	if err := errorOf(out[1]); err != nil {
		return "", err
	}
	return p.entity(out[0], nil), nil
}

// apply makes the calls on a builder.
func apply(b reflect.Value, sets []set) reflect.Value {
	for _, s := range sets {
		call(b, s.method, s.args...)
	}
	return b
}

func filter(b reflect.Value, where []*predicate) reflect.Value {
	if len(where) > 0 {
		var args []reflect.Value
		for _, p := range where {
			args = append(args, p.build())
		}
		b.MethodByName("Where").Call(args)
	}
	return b
}

// row makes what sets the fields and edges of a new row.
func (g *generator) row(t *catalog.Type, linked bool) []set {
	var all []set
	if t.ID != nil && !t.ID.Generated && (g.agree || !g.chance(20) || !g.madeByDatabase(t)) {
		all = append(all, set{"SetID", []any{g.newID(t.Name)}})
	}
	fields := make(map[string]bool)
	for i := range t.Fields {
		f := &t.Fields[i]
		required := !f.Optional && !f.Default
		if !required && !g.chance(50) && !g.subject.always[f.Name] || required && g.chance(1) {
			continue
		}
		if f.EdgeField && !linked && !required {
			continue
		}
		fields[f.GoName] = true
		all = append(all, set{"Set" + f.GoName, []any{g.value(t, f)}})
	}
	for _, e := range t.Edges {
		if e.Field != "" && e.OwnFK || e.SharedID && len(all) > 0 && all[0].method == "SetID" && g.chance(50) {
			continue
		}
		if e.SharedID && len(all) > 0 && all[0].method == "SetID" {
			all[0] = set{e.Set, all[0].args}
			continue
		}
		if s, ok := g.edgeSet(&e, e.Set, e.Add, linked); ok {
			all = append(all, s)
		}
	}
	return all
}

// madeByDatabase reports whether the database makes ids of its own for a type.
func (g *generator) madeByDatabase(t *catalog.Type) bool {
	for _, e := range t.Edges {
		if e.SharedID {
			return false
		}
	}
	k := reflect.TypeOf(t.ID.Value).Kind()
	return k == reflect.Int || k == reflect.Int64
}

// edgeSet makes what connects an edge.
func (g *generator) edgeSet(e *catalog.Edge, one, many string, linked bool) (set, bool) {
	if g.subject.types[e.Target].ID == nil || len(g.ids[e.Target]) == 0 {
		return set{}, false
	}
	if e.Unique {
		if e.Optional && (!linked || !g.chance(35)) || !e.Optional && g.chance(2) {
			return set{}, false
		}
		return set{one, []any{g.id(e.Target)}}, true
	}
	if !linked || !g.chance(25) {
		return set{}, false
	}
	s := set{method: many}
	for range 1 + g.IntN(3) {
		s.args = append(s.args, g.id(e.Target))
	}
	if e.Through != "" && g.subject.types[e.Through].ID != nil {
		if !g.madeByDatabase(g.subject.types[e.Through]) {
			return set{}, false // The ids of its rows are made at random.
		}
		s.args = s.args[:1] // Ent's order of the rows is that of a map, and so are their ids.
	}
	return s, true
}

// change makes a mutation.
func (g *generator) change() *change {
	g.writing = true
	defer func() { g.writing = false }()
	t := g.subject.types[pick(g, g.subject.names...)]
	c := &change{typ: t}
	switch n := g.IntN(100); {
	case n < 18:
		c.kind, c.rows = "Create", [][]set{g.row(t, true)}
	case n < 24:
		return g.bulk(t, 1+g.IntN(3), true)
	case n < 32:
		c = g.bulk(t, 1+g.IntN(2), false)
		return g.upsert(c)
	case n < 66 && t.ID != nil:
		c.kind, c.id = pick(g, "UpdateOneID", "UpdateOne"), g.id(t.Name)
		c.sets = g.updates(t, true)
		if g.chance(15) {
			c.where = []*predicate{g.predicate(t, 1)}
		}
		if g.chance(12) {
			c.fields = g.selection(t)
		}
	case n < 84:
		c.kind, c.sets = "Update", g.updates(t, false)
		c.where = g.predicates(t, 2)
	case n < 91 && t.ID != nil:
		c.kind, c.id = "DeleteOneID", g.id(t.Name)
		if g.chance(20) {
			c.where = []*predicate{g.predicate(t, 1)}
		}
	default:
		c.kind, c.where = "Delete", append(g.predicates(t, 1), g.fieldPredicate(t))
	}
	return c
}

// bulk makes the creation of many rows of the same fields.
func (g *generator) bulk(t *catalog.Type, n int, linked bool) *change {
	c := &change{typ: t, kind: "CreateBulk"}
	for range n {
		c.rows = append(c.rows, g.row(t, linked))
	}
	return c
}

// upsert makes an upsert of a creation. One without a column stays what it is: SQLite has no ON CONFLICT after DEFAULT VALUES.
func (g *generator) upsert(c *change) *change {
	if len(c.rows[0]) == 0 {
		return c
	}
	t := c.typ
	c.kind, c.resolve = "Upsert", pick(g, "UpdateNewValues", "Ignore", "DoNothing")
	switch {
	case t.ID == nil:
		for _, f := range t.Fields {
			if f.EdgeField {
				c.columns = append(c.columns, f.Column)
			}
		}
	case g.subject.conflict[t.Name] != "" && g.chance(50):
		c.columns = []string{g.subject.conflict[t.Name]}
	default:
		c.columns = []string{t.ID.Column}
		for i := range c.rows { // Mostly of rows that there are.
			if len(g.ids[t.Name]) > 0 && len(c.rows[i]) > 0 && c.rows[i][0].method == "SetID" && g.chance(70) {
				c.rows[i][0].args = []any{pick(g, g.ids[t.Name]...)}
			}
		}
	}
	// Without UpdateNewValues on all of them, the rows must set the same columns.
	c.rows = c.rows[:1]
	return c
}

// updates makes what an update sets.
func (g *generator) updates(t *catalog.Type, one bool) []set {
	var all []set
	set1 := func(method string, args ...any) { all = append(all, set{method, args}) }
	for i := range t.Fields {
		f := &t.Fields[i]
		if f.Immutable {
			continue
		}
		if g.subject.always[f.Name] {
			set1("Set"+f.GoName, g.value(t, f))
			continue
		}
		if t.ID == nil && f.EdgeField {
			continue
		}
		if len(t.Fields) > 6 && !g.chance(20) || !g.chance(45) {
			continue
		}
		switch n := g.IntN(10); {
		case n < 3 && f.Optional:
			set1("Clear" + f.GoName)
		case n < 5 && g.subject.has(t, "Add"+f.GoName):
			set1("Add"+f.GoName, g.valueOf(reflect.TypeOf(f.Value)))
		case n < 6 && g.subject.has(t, "Append"+f.GoName) && (!g.agree || reflect.TypeOf(f.Value) != reflect.TypeFor[json.RawMessage]()):
			set1("Append"+f.GoName, g.valueOf(reflect.TypeOf(f.Value)))
		case n < 7 && g.subject.has(t, "SetNillable"+f.GoName):
			if g.chance(50) {
				set1("SetNillable"+f.GoName, nillable(g.value(t, f)))
			} else {
				set1("SetNillable"+f.GoName, nil)
			}
		default:
			set1("Set"+f.GoName, g.value(t, f))
		}
	}
	for _, e := range t.Edges {
		if e.Immutable || e.Field != "" && e.OwnFK || t.ID == nil || g.subject.types[e.Target].ID == nil || !g.chance(20) {
			continue
		}
		if !e.Unique && !one && !e.M2M { // Which of the rows gets it is not determined.
			continue
		}
		switch n := g.IntN(10); {
		case n < 2 && (e.Optional || !e.Unique):
			set1(e.Clear)
		case n < 4 && !e.Unique:
			if s, ok := g.edgeSet(&e, "", e.Remove, true); ok {
				all = append(all, s)
			}
		default:
			if s, ok := g.edgeSet(&e, e.Set, e.Add, true); ok && (one || !e.Unique || e.OwnFK) {
				all = append(all, s)
			}
		}
	}
	return all
}

// seed makes the creations of the first rows: types that need others come after them.
func (g *generator) seed() []*change {
	var (
		all  []*change
		done []string
	)
	for len(done) < len(g.subject.names) {
		before := len(done)
		for _, name := range g.subject.names {
			t := g.subject.types[name]
			if slices.Contains(done, name) {
				continue
			}
			ready := true
			for _, e := range t.Edges {
				if e.OwnFK && !e.Optional && e.Target != name && !slices.Contains(done, e.Target) {
					ready = false
				}
			}
			if !ready {
				continue
			}
			done = append(done, name)
			all = append(all, &change{typ: t, kind: "seed"})
		}
		if len(done) == before {
			panic("the types need each other")
		}
	}
	return all
}
