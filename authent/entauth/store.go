package entauth

import (
	"fmt"
	"slices"

	"entgo.io/ent/entc/gen"

	"github.com/agentuity/auth-go/mixins"
)

// storeTable is a table of the auth service's store, for the template.
type storeTable struct {
	Method    string    // "Users", the method of authent.Store.
	Interface string    // "Table[User]", what it returns, in package authent.
	Record    string    // "User", the type of a row in package authent.
	Name      string    // "authUsers", the generated type.
	Node      *gen.Type // Nil if the schema does not have the table.
}

// storeTables returns the tables of the store.
func storeTables(g *gen.Graph) ([]storeTable, error) {
	tables := []storeTable{
		{Method: "Users", Interface: "UserTable", Record: "User"},
		{Method: "Sessions", Interface: "SessionTable", Record: "Session"},
		{Method: "Accounts", Interface: "Table[authent.Account]", Record: "Account"},
		{Method: "Verifications", Interface: "Table[authent.Verification]", Record: "Verification"},
		{Method: "Organizations", Interface: "OrganizationTable", Record: "Organization"},
		{Method: "Members", Interface: "MemberTable", Record: "Member"},
		{Method: "Invitations", Interface: "Table[authent.Invitation]", Record: "Invitation"},
		{Method: "JWKS", Interface: "Table[authent.JWK]", Record: "JWK"},
		{Method: "APIKeys", Interface: "APIKeyTable", Record: "APIKey"},
	}
	for i := range tables {
		t := &tables[i]
		t.Name = "auth" + t.Method
		typeName := t.Record
		if typeName == "JWK" {
			typeName = "JWKS"
		}
		node, err := entityType(g, typeName)
		if err != nil {
			return nil, err
		}
		t.Node = node
	}
	return tables, nil
}

// entityType returns the auth table of the given type name, or nil if the schema does not have it.
func entityType(g *gen.Graph, name string) (*gen.Type, error) {
	types, err := entities(g)
	if err != nil {
		return nil, err
	}
	for _, t := range types {
		if t.Name == name {
			return t, nil
		}
	}
	return nil, nil
}

// hasStore reports whether the schema has the tables without which there is no auth service.
func hasStore(g *gen.Graph) (bool, error) {
	for _, name := range []string{"User", "Session", "Account", "Verification"} {
		t, err := entityType(g, name)
		if err != nil || t == nil {
			return false, err
		}
	}
	return true, nil
}

// authFields returns the fields of an auth table that its mixin has, without the id.
func authFields(t *gen.Type) []*gen.Field {
	own := make(map[string]bool)
	for _, c := range entityColumns(t) {
		own[c] = true
	}
	var fields []*gen.Field
	for _, f := range t.Fields {
		if own[f.StorageKey()] {
			fields = append(fields, f)
		}
	}
	return fields
}

// extraFields returns the fields that the app added to an auth table and that may be shown.
func extraFields(t *gen.Type) []*gen.Field {
	own := make(map[string]bool)
	for _, c := range entityColumns(t) {
		own[c] = true
	}
	var fields []*gen.Field
	for _, f := range t.Fields {
		if !own[f.StorageKey()] && !isSecret(f) && !f.Sensitive() {
			fields = append(fields, f)
		}
	}
	return fields
}

// recordHasSecrets reports whether a record of an auth table has secrets. Those that the app added are not in it.
func recordHasSecrets(t *gen.Type) bool { return slices.ContainsFunc(authFields(t), isSecret) }

// hiddenFields returns the fields that the app added to an auth table and that an ordinary query selects, but that no
// record has.
func hiddenFields(t *gen.Type) []*gen.Field {
	own := entityColumns(t)
	var fields []*gen.Field
	for _, f := range t.Fields {
		if f.Sensitive() && !isSecret(f) && !slices.Contains(own, f.StorageKey()) {
			fields = append(fields, f)
		}
	}
	return fields
}

// isInput reports whether a field is marked with mixins.AuthInput.
func isInput(f *gen.Field) bool {
	_, ok := f.Annotations[mixins.AuthInput().Name()]
	return ok
}

// recordField returns the name that a field has in the record of package authent.
func recordField(t *gen.Type, f *gen.Field) string {
	if t.Name == "APIKey" && f.Name == "key" {
		return "Hash"
	}
	return f.StructField()
}

// edgeTo returns the edge over which an auth table belongs to another one.
func edgeTo(t *gen.Type, target string) (*gen.Edge, error) {
	for _, e := range t.Edges {
		if e.Type.Name == target && e.OwnFK() && e.Field() != nil && isAuthForeignKey(t, e) {
			return e, nil
		}
	}
	return nil, fmt.Errorf("entauth: %s has no edge to %s", t.Name, target)
}

// edgeFrom returns the edge by which an auth table has the rows of another one that belong to it; nil if the app left it
// out.
func edgeFrom(t *gen.Type, owner string) (*gen.Edge, error) {
	to, err := edgeTo(t, owner)
	if err != nil {
		return nil, err
	}
	return to.Ref, nil
}

// isAuthForeignKey reports whether the foreign key of an edge is a column of the auth table, and not
// of an edge that the app added.
func isAuthForeignKey(t *gen.Type, e *gen.Edge) bool {
	for _, f := range authFields(t) {
		if f == e.Field() || f.Name == e.Field().Name {
			return true
		}
	}
	return false
}

// updatesPlainly reports whether an update of auth columns is what its changes say, but for hooks and the defaults of
// updates: no validator, no form of its own that a value has in the database, no template of the app.
func updatesPlainly(t *gen.Type) bool {
	for _, f := range authFields(t) {
		if f.Validators > 0 || f.HasValueScanner() || f.HasGoType() {
			return false
		}
	}
	return !hasTemplates(t, "dialect/sql/update/", "update/")
}
