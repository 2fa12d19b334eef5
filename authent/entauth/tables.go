package entauth

import (
	"entgo.io/ent"
	"entgo.io/ent/entc/gen"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"

	"github.com/agentuity/auth-go/mixins"
)

// authTable is one of the nine auth tables, as its mixin has it.
type authTable struct {
	typeName string // "APIKey"
	table    string // "apikey"
	mixin    ent.Mixin
}

// authTables are the auth tables by the name of their type.
var authTables = map[string]authTable{
	"User":         {"User", "user", mixins.User{}},
	"Session":      {"Session", "session", mixins.Session{}},
	"Account":      {"Account", "account", mixins.Account{}},
	"Verification": {"Verification", "verification", mixins.Verification{}},
	"Organization": {"Organization", "organization", mixins.Organization{}},
	"Member":       {"Member", "member", mixins.Member{}},
	"Invitation":   {"Invitation", "invitation", mixins.Invitation{}},
	"JWKS":         {"JWKS", "jwks", mixins.JWKS{}},
	"APIKey":       {"APIKey", "apikey", mixins.APIKey{}},
}

// generalMixins are the mixins that are not an auth table, by name.
var generalMixins = map[string]ent.Mixin{
	"ID":                mixins.ID{},
	"CreatedAt":         mixins.CreatedAt{},
	"UpdatedAt":         mixins.UpdatedAt{},
	"Times":             mixins.Times{},
	"UserOwned":         mixins.UserOwned{},
	"OrganizationOwned": mixins.OrganizationOwned{},
	"SharedID":          mixins.SharedID{},
}

// mixinOf returns the mixin of the given name, or nil.
func mixinOf(name string) ent.Mixin {
	if t, ok := authTables[name]; ok {
		return t.mixin
	}
	return generalMixins[name]
}

// fields returns the fields of the table.
func (t authTable) fields() []*field.Descriptor { return fieldsOf(t.mixin) }

// fieldsOf returns the fields that a mixin adds.
func fieldsOf(m ent.Mixin) []*field.Descriptor {
	var all []*field.Descriptor
	for _, f := range m.Fields() {
		all = append(all, f.Descriptor())
	}
	return all
}

// edgesOf returns the edges that a mixin adds.
func edgesOf(m ent.Mixin) []*edge.Descriptor {
	var all []*edge.Descriptor
	for _, e := range m.Edges() {
		all = append(all, e.Descriptor())
	}
	return all
}

// columnOf returns the name of the column of a field.
func columnOf(d *field.Descriptor) string {
	if d.StorageKey != "" {
		return d.StorageKey
	}
	return d.Name
}

// entities returns the types of the graph that are auth tables.
func entities(g *gen.Graph) ([]*gen.Type, error) {
	var types []*gen.Type
	for _, n := range g.Nodes {
		name, err := entityOf(n)
		if err != nil {
			return nil, err
		}
		if name != "" {
			types = append(types, n)
		}
	}
	return types, nil
}

// entityColumns returns the columns that a type has from its auth table.
func entityColumns(t *gen.Type) []string {
	var columns []string
	for _, d := range authTables[t.Name].fields() {
		columns = append(columns, columnOf(d))
	}
	return columns
}
