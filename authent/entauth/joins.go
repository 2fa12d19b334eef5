package entauth

import (
	"slices"
	"strings"

	"entgo.io/ent/dialect"
	"entgo.io/ent/entc/gen"
	"entgo.io/ent/schema/field"
)

// keyType returns the type in Postgres of an id, for a value that is compared with it.
func keyType(id *gen.Field) string {
	c := id.Column()
	if t := c.SchemaType[dialect.Postgres]; t != "" {
		switch strings.ToLower(t) {
		case "smallserial", "serial", "bigserial":
			return "bigint"
		}
		return t
	}
	switch {
	case c.Type == field.TypeUUID:
		return "uuid"
	case c.Type == field.TypeBytes:
		return "bytea"
	case c.Type.Integer():
		return "bigint"
	case c.Type.Float():
		return "double precision"
	case c.Type == field.TypeTime:
		return "timestamptz"
	}
	return "text"
}

// queriesPlainly reports whether a query of a type that asks for nothing of its own always has the same
// statement: nothing that is not known here has a say in it.
func queriesPlainly(t *gen.Type) bool {
	if t.NumPolicy() > 0 || len(t.UnexportedForeignKeys()) > 0 {
		return false
	}
	if on, err := t.FeatureEnabled("sql/schemaconfig"); err != nil || on {
		return false
	}
	return !hasTemplates(t, "dialect/sql/query/")
}

// hasTemplates reports whether the app, or another extension, adds templates whose names begin with one of some prefixes.
func hasTemplates(t *gen.Type, prefixes ...string) bool {
	for _, tmpl := range t.Templates {
		for _, d := range tmpl.Templates() {
			begins := func(prefix string) bool { return strings.HasPrefix(d.Name(), prefix) }
			if slices.ContainsFunc(prefixes, begins) && !strings.Contains(d.Name(), "authent") {
				return true
			}
		}
	}
	return false
}

// makes reports whether the entities of an edge may be made without Ent's loader: of rows in those of the parents, or as
// the rows of the edge's own statement arrive.
func makes(e *gen.Edge) bool {
	if e.M2M() {
		return false
	}
	on, err := e.Type.FeatureEnabled("bidiedges")
	return err == nil && !on && isMade(e.Type)
}

// attaches reports whether the entities of some edge of a type may be made without Ent's loader.
func attaches(t *gen.Type) bool {
	return slices.ContainsFunc(t.Edges, makes)
}

// isMade reports whether entities of a type can be made without Ent's loader. Postgres sends rows that come in others in
// binary form, and only that of common types is known. What other extensions do to entities that were read,
// the loader does.
func isMade(t *gen.Type) bool {
	if !t.HasOneFieldID() || !nestedColumn(t.ID) || hasTemplates(t, "dialect/sql/query/all/", "dialect/sql/query/spec/") {
		return false
	}
	for _, fk := range t.UnexportedForeignKeys() {
		if !nestedColumn(fk.Field) {
			return false
		}
	}
	return !slices.ContainsFunc(t.Fields, func(f *gen.Field) bool { return !nestedColumn(f) })
}

// nestedTypes are the types of Postgres whose binary form is known, without lengths.
var nestedTypes = []string{
	"text", "varchar", "character varying", "char", "character", "bpchar", "json", "jsonb", "bytea", "uuid", "boolean", "bool",
	"smallint", "integer", "int", "bigint", "int2", "int4", "int8", "smallserial", "serial", "bigserial", "real", "double precision", "float4", "float8",
	"date", "timestamp", "timestamptz", "timestamp with time zone", "timestamp without time zone",
}

// nestedColumn reports whether the binary form of a column is known.
func nestedColumn(f *gen.Field) bool {
	c := f.Column()
	if t := c.SchemaType[dialect.Postgres]; t != "" {
		name, _, _ := strings.Cut(strings.ToLower(t), "(")
		return slices.Contains(nestedTypes, strings.TrimSpace(name))
	}
	switch c.Type {
	case field.TypeString, field.TypeEnum, field.TypeBool, field.TypeBytes, field.TypeJSON, field.TypeUUID, field.TypeTime:
		return true
	}
	return c.Type.Numeric()
}
