package mixins

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
)

// textType is the column type of a string. Ent's own choice on Postgres is
// "character varying"; the auth tables and what refers to them are "text".
var textType = map[string]string{dialect.Postgres: "text"}

// integerType keeps an int at 32 bits on Postgres, where Ent's own choice is "bigint".
var integerType = map[string]string{dialect.Postgres: "integer"}

// dbNow makes the database fill a time that an INSERT leaves out.
var dbNow = entsql.DefaultExprs(map[string]string{
	dialect.Postgres: "now()",
	dialect.SQLite:   "CURRENT_TIMESTAMP",
	dialect.MySQL:    "CURRENT_TIMESTAMP",
})

// column gives a field of an auth table the name that the TypeScript side has for it,
// in the database and in JSON, and the column type that goes with it.
func column(name string, f ent.Field) ent.Field {
	d := f.Descriptor()
	if d.Name != name {
		d.StorageKey = name
	}
	if d.Tag == "" && !d.Sensitive {
		d.Tag = `json:"` + name + `"`
	}
	switch {
	case d.SchemaType != nil:
	case d.Info.Type == field.TypeString:
		d.SchemaType = textType
	case d.Info.Type == field.TypeInt:
		d.SchemaType = integerType
	}
	return f
}

// secret is column for a value that must not leave the process by accident.
func secret(name string, f ent.Field) ent.Field {
	d := f.Descriptor()
	d.Sensitive = true
	d.Annotations = append(d.Annotations, Secret())
	return column(name, f)
}

// table is what each auth schema says about itself.
func table(entity, name string) []schema.Annotation {
	return []schema.Annotation{
		entsql.Annotation{Table: name},
		Entity{Table: entity},
	}
}
