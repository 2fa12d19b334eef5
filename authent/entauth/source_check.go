package entauth

import (
	"fmt"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strings"

	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"

	"github.com/agentuity/auth-go/mixins"
)

// sourceType is a type of the schema package, as far as its source tells.
type sourceType struct {
	name      string
	pos       token.Position
	mistake   string // What is wrong with its declaration, or "".
	embeds    string // The schema of this module that it embeds: "User".
	mixins    []sourceMixin
	fields    map[string]token.Position
	edges     map[string]*sourceEdge
	edgesRead bool // All edges are known, not only those in edges.
	numericID bool // It has no mixin and no field "id": Ent numbers its rows.
}

// sourceMixin is a mixin of this module in the source of a schema.
type sourceMixin struct {
	ent   ent.Mixin // With the options that the app gave, or nil if they are not written out.
	table string    // The type of the auth table that it is, or "".
	to    string    // The type that its option To names, or "".
	label string    // How it stands in the source: "mixins.User".
}

// sourceEdge is an edge in the source of a schema.
type sourceEdge struct {
	pos     token.Position
	to      string // The type that it leads to, or "".
	inverse bool   // edge.From
	ref     string
	field   string
}

// check reports the problems of one type.
func (t *sourceType) check(problems *problems, types map[string]*sourceType) {
	if t.mistake != "" {
		problems.addAt(t.pos.String(), t.name, "%s", t.mistake)
		return
	}
	for _, m := range t.mixins {
		for _, f := range m.fields() {
			if f.Err != nil { // A mixin says this way that its options are wrong.
				problems.addAt(t.pos.String(), t.name, "%s", f.Err)
				return
			}
		}
	}
	t.checkNames(problems)
	for _, m := range t.mixins {
		for _, e := range m.edges() {
			to := types[e.Type]
			switch table := authTables[e.Type]; {
			case to == nil && table.mixin != nil:
				fix := fmt.Sprintf("add \"type %s struct{ authschema.%s }\"", e.Type, e.Type)
				if option := m.edgeOption(e.Name, "mixins.Omit"); option != "" {
					fix += ", or leave the edge out with " + option
				}
				problems.addAt(t.pos.String(), t.name, "edge %q of %s leads to %s, which is not in the schema: %s", e.Name, m.label, e.Type, fix)
			case to != nil && m.is("SharedID") && !to.hasEdge(e.RefName):
				problems.addAt(t.pos.String(), t.name, "edge %q of %s goes with an edge %q of %s, which is not there: add edge.To(%q, %s.Type).Unique().StorageKey(edge.Column(%q)).Annotations(entsql.OnDelete(entsql.Cascade)) to the Edges of %s",
					e.Name, m.label, e.RefName, e.Type, e.RefName, t.name, columnOf(m.fields()[0]), e.Type)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.edges)) {
		e := t.edges[name]
		if e.field == "id" {
			problems.addAt(e.pos.String(), t.name, "edge %q has Field(\"id\"), which Ent does not allow: for a primary key that is the foreign key too, use mixins.SharedID, or give the id the StorageKey that is the column of the edge", name)
		}
		if to := types[e.to]; e.inverse && to != nil && e.ref != "" && !to.hasEdge(e.ref) {
			problems.addAt(e.pos.String(), t.name, "edge %q goes with an edge %q of %s, which is not there: write Ref with the name of the edge of %s that leads to %s%s", name, e.ref, e.to, e.to, t.name, to.leadingTo(t.name))
		}
	}
}

// checkID reports a type of the app that has the name of an auth table, and not its mixin, if tables with text keys refer to
// it: Ent says of it only that the types do not match.
func (t *sourceType) checkID(problems *problems, types map[string]*sourceType) {
	if !t.numericID || authTables[t.name].mixin == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(types)) {
		for _, m := range types[name].mixins {
			for _, e := range m.edges() {
				if e.Type == t.name && !e.Inverse && m.table != "" {
					problems.addAt(t.pos.String(), t.name, "is the auth table that edge %q of %s leads to, but does not have its fields: add \"func (%s) Mixin() []ent.Mixin { return []ent.Mixin{mixins.%[3]s{}} }\", and leave out those of the app's own that the mixin has",
						e.Name, m.label, t.name)
					return
				}
			}
		}
	}
}

// checkNames reports fields and edges that are there twice: in two mixins, or in a mixin
// and in the schema itself.
func (t *sourceType) checkNames(problems *problems) {
	type place struct {
		mixin sourceMixin
		field bool
	}
	seen := make(map[string]place)
	for i, m := range t.mixins {
		if other := slices.IndexFunc(t.mixins[:i], func(o sourceMixin) bool { return o.table != "" }); other >= 0 && m.table != "" {
			problems.addAt(t.pos.String(), t.name, "has the mixins of two auth tables, %s and %s: each needs a type of its own", t.mixins[other].label, m.label)
			return
		}
		declare := func(kind, name string) {
			was, ok := seen[name]
			switch {
			case !ok:
				seen[name] = place{m, kind == "field"}
			case name == "id": // The later one wins.
			case was.mixin.label == m.label && m.table != "":
				problems.addAt(t.pos.String(), t.name, "%s has two fields or edges named %q: give the edge another name", m.label, name)
			case was.mixin.label == m.label && kind == "field" && len(m.edges()) > 0: // Its edge says it.
			case was.mixin.label == m.label:
				problems.addAt(t.pos.String(), t.name, "has %s twice, with the same %s %q: leave one out%s", m.label, kind, name, m.nameOption())
			default:
				problems.addAt(t.pos.String(), t.name, "%s %q is declared by %s and by %s: leave one of the two out%s", kind, name, was.mixin.label, m.label, m.nameOption())
			}
		}
		for _, f := range m.fields() {
			declare("field", f.Name)
		}
		for _, e := range m.edges() {
			declare("edge", e.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.fields)) {
		pos := t.fields[name]
		was, ok := seen[name]
		switch {
		case !ok || name == "id" && was.mixin.table == "" && !was.mixin.is("SharedID"):
		case was.field:
			problems.addAt(pos.String(), t.name, "field %q is declared by %s already: remove it, or give the app's own field another name%s", name, was.mixin.label, was.mixin.nameOption())
		default:
			problems.addAt(pos.String(), t.name, "field %q has the name of an edge that %s declares: give it another name", name, was.mixin.label)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.edges)) {
		e := t.edges[name]
		was, ok := seen[name]
		switch {
		case !ok:
		case was.field:
			problems.addAt(e.pos.String(), t.name, "edge %q has the name of a field that %s declares: give it another name", name, was.mixin.label)
		default:
			fix := was.mixin.nameOption()
			if option := was.mixin.edgeOption(name, `"..."`); option != "" {
				fix = ", or the mixin's with " + option
			}
			problems.addAt(e.pos.String(), t.name, "edge %q is declared by %s already: remove it, or give the app's own edge another name%s", name, was.mixin.label, fix)
		}
	}
}

// hasEdge reports whether the type may have an edge of the name: it has, or not all of its
// edges can be read.
func (t *sourceType) hasEdge(name string) bool {
	if !t.edgesRead || t.edges[name] != nil {
		return true
	}
	for _, m := range t.mixins {
		for _, e := range m.edges() {
			if e.Name == name {
				return true
			}
		}
	}
	return false
}

// leadingTo lists the edges to a type, for an error: ` ("owner")`.
func (t *sourceType) leadingTo(name string) string {
	var names []string
	for edge, e := range t.edges {
		if e.to == name && !e.inverse {
			names = append(names, fmt.Sprintf("%q", edge))
		}
	}
	for _, m := range t.mixins {
		for _, e := range m.edges() {
			if e.Type == name && !e.Inverse {
				names = append(names, fmt.Sprintf("%q", e.Name))
			}
		}
	}
	if len(names) == 0 {
		return ", or add that edge"
	}
	slices.Sort(names)
	return " (" + strings.Join(names, ", ") + ")"
}

// fields returns the fields that the mixin adds, as far as they can be read.
func (m sourceMixin) fields() []*field.Descriptor {
	if m.ent == nil {
		return nil
	}
	return fieldsOf(m.ent)
}

// edges returns the edges that the mixin adds, as far as they can be read.
func (m sourceMixin) edges() []*edge.Descriptor {
	if m.ent == nil {
		return nil
	}
	all := edgesOf(m.ent)
	for _, e := range all {
		if m.to != "" {
			e.Type = m.to
		}
	}
	return all
}

func (m sourceMixin) is(name string) bool { return m.label == "mixins."+name }

// nameOption says which option of a mixin names its edge, for an error.
func (m sourceMixin) nameOption() string {
	if m.is("UserOwned") || m.is("OrganizationOwned") || m.is("SharedID") {
		return fmt.Sprintf(", or the mixin's with %s{Edge: \"...\"}", m.label)
	}
	return ""
}

// edgeOption returns the option of an auth table's mixin that gives one of its edges the
// value, or "".
func (m sourceMixin) edgeOption(edge, value string) string {
	if m.ent == nil {
		return ""
	}
	names := reflect.ValueOf(m.ent).FieldByName("EdgeNames")
	if !names.IsValid() {
		return ""
	}
	for i := range names.NumField() {
		c := reflect.New(reflect.TypeOf(m.ent)).Elem()
		c.Set(reflect.ValueOf(m.ent))
		c.FieldByName("EdgeNames").Field(i).SetString(mixins.Omit)
		without, ok := c.Interface().(ent.Mixin)
		if ok && !slices.ContainsFunc(without.Edges(), func(e ent.Edge) bool { return e.Descriptor().Name == edge }) {
			return fmt.Sprintf("mixins.%s{EdgeNames: mixins.%s{%s: %s}}", m.table, names.Type().Name(), names.Type().Field(i).Name, value)
		}
	}
	return ""
}
