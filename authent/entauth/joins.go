package entauth

import (
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
