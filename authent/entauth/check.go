package entauth

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"entgo.io/ent/entc/gen"
	"entgo.io/ent/schema/field"

	"github.com/agentuity/auth-go/mixins"
)

// reserved are the names of types, in lower case, that Ent accepts though the client that
// it generates for them does not compile: their packages collide with what it uses itself.
var reserved = map[string]bool{
	"columns": true, "edges": true, "entsql": true, "enttest": true, "hooks": true, "id": true,
	"inters": true, "intercept": true, "migrate": true, "predicate": true, "querier": true,
	"reflect": true, "runtime": true, "sql": true, "sqlgraph": true, "sqljson": true,
	"sync": true, "tx": true,
	// Packages of this module.
	"authent": true, "eager": true, "entquery": true, "entstore": true,
}

// checkNames reports types whose names cannot be used.
func checkNames(problems *problems, g *gen.Graph) {
	for _, n := range g.Nodes {
		if name := strings.ToLower(n.Name); reserved[name] || name == path.Base(g.Package) {
			problems.add(n, "generated code uses the name %q for something of its own, and would not compile: give the type another name, and keep its table with entsql.Table(%q)", name, n.Table())
		}
	}
}

// checkGraph reports auth tables that are not as the mixins have them. A table that has
// its mixin is right by construction, but for its column names; one that the app wrote by
// hand is compared field by field, and is taken for the auth table if it is the same. Without
// auth tables, none may be there.
func checkGraph(g *gen.Graph, withTables bool) error {
	var (
		problems problems
		tables   = make(map[string]*gen.Type)
	)
	checkNames(&problems, g)
	checkAnnotations(&problems, g)
	for _, n := range g.Nodes {
		name, err := entityOf(n)
		if err != nil {
			return fmt.Errorf("entauth: %s: %w", n.Name, err)
		}
		if name == "" {
			continue
		}
		if !withTables {
			problems.add(n, "has the mixin of the auth table %q, but entauth.WithAuthTables(false) says that the schema has no auth tables: leave the option out", name)
			continue
		}
		if want := typeOf(name); n.Name != want {
			problems.add(n, "has the mixin of the auth table %q, whose type must be named %s: rename it, the edges of the other auth tables lead to that name", name, want)
			continue
		}
		tables[n.Name] = n
	}
	if len(problems) == 0 {
		checkClashes(&problems, g, tables)
	}
	if withTables && tables["User"] == nil && len(problems) == 0 {
		return errors.New("entauth: the schema has no auth tables, at least User is needed: run \"authent init\", or add \"type User struct{ authschema.User }\" to the schema package (import authschema \"github.com/agentuity/auth-go/ent/schema\"); for a client without authentication, use entauth.WithAuthTables(false)")
	}
	for _, n := range g.Nodes {
		if tables[n.Name] == nil && isAuthTarget(n, tables) {
			if !isByHand(&problems, n) {
				continue
			}
			n.Annotations.Set(mixins.Entity{}.Name(), mixins.Entity{Table: authTables[n.Name].table})
			tables[n.Name] = n
		}
	}
	for _, n := range g.Nodes {
		if tables[n.Name] != nil {
			checkFields(&problems, n, authTables[n.Name])
		}
	}
	return problems.err()
}

// entityOf returns the name of the auth table that a type is marked as, or "".
func entityOf(t *gen.Type) (string, error) {
	var ant mixins.Entity
	raw, ok := t.Annotations[ant.Name()]
	if !ok {
		return "", nil
	}
	err := ant.Decode(raw)
	return ant.Table, err
}

// typeOf returns the name of the type of an auth table.
func typeOf(table string) string {
	for name, t := range authTables {
		if t.table == table {
			return name
		}
	}
	return ""
}

// isAuthTarget reports whether an edge between auth tables leads to t.
func isAuthTarget(t *gen.Type, tables map[string]*gen.Type) bool {
	if _, ok := authTables[t.Name]; !ok {
		return false
	}
	for name, other := range tables {
		names := make(map[string]bool)
		for _, e := range edgesOf(authTables[name].mixin) {
			if e.Type == t.Name {
				names[e.Name] = true
			}
		}
		for _, e := range other.Edges {
			if e.Type == t && names[e.Name] {
				return true
			}
		}
	}
	return false
}

// isByHand reports whether t is an auth table that was written by hand. One that lacks most
// of the fields is rather a table of the app that has the same name, which is a problem.
func isByHand(problems *problems, t *gen.Type) bool {
	want := authTables[t.Name]
	var missing []string
	for _, d := range want.fields() {
		if fieldOf(t, d.Name) == nil {
			missing = append(missing, d.Name)
		}
	}
	if len(missing)*2 <= len(want.fields()) {
		return true
	}
	problems.add(t, "an edge of the auth tables leads to it, but it is not the auth table %q (missing fields: %s): add mixins.%s{} to its Mixin, or give the app's own type another name", want.table, strings.Join(missing, ", "), t.Name)
	return false
}

// checkFields compares the fields of a type with those of its auth table.
func checkFields(problems *problems, t *gen.Type, want authTable) {
	for _, d := range want.fields() {
		f := fieldOf(t, d.Name)
		if f == nil {
			problems.add(t, "field %q of the auth table %q is missing: add mixins.%s{} to the Mixin of %s, which has it", d.Name, want.table, t.Name, t.Name)
			continue
		}
		switch column := columnOf(d); {
		case f.Type.Type != d.Info.Type:
			problems.add(t, "field %q is of type %s, want %s as in mixins.%s: write field.%s(%q)", f.Name, f.Type.Type, d.Info.Type, t.Name, builderOf(d.Info.Type), d.Name)
		case f.StorageKey() != column:
			problems.add(t, "field %q has the column %q, want %q, the name that the TypeScript side has for it: write StorageKey(%q)", f.Name, f.StorageKey(), column, column)
		case f.Optional != d.Optional:
			problems.add(t, "field %q %s NULL in the database, but in mixins.%s it %s: %s Optional()", f.Name, may(f.Optional), t.Name, may(d.Optional), addOrRemove(d.Optional))
		case d.Sensitive && !f.Sensitive() && !isSecret(f):
			problems.add(t, "field %q is a secret: write Annotations(mixins.Secret())", f.Name)
		}
	}
}

// fieldOf returns the field of t with the given name, or nil.
func fieldOf(t *gen.Type, name string) *gen.Field {
	if t.ID != nil && t.ID.Name == name {
		return t.ID
	}
	for _, f := range t.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// builderOf returns the name of the function of package field that makes a field of type t.
func builderOf(t field.Type) string {
	switch t {
	case field.TypeTime:
		return "Time"
	case field.TypeBool:
		return "Bool"
	case field.TypeInt:
		return "Int"
	}
	return "String"
}

func may(null bool) string {
	if null {
		return "may be"
	}
	return "cannot be"
}

func addOrRemove(add bool) string {
	if add {
		return "add"
	}
	return "remove"
}
