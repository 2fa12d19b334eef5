package mixins

import (
	"cmp"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"entgo.io/ent/schema/mixin"
)

// Verification is the auth table "verification": one-time values such as the tokens of mails.
type Verification struct {
	mixin.Schema

	// Table is the name of the table. Defaults to "verification".
	Table string
	// NewID returns the id of a row that is created without one. Defaults to NewID.
	NewID func() string
}

// Type lets edges of other mixins lead to Verification. It is resolved by name, to the Verification of the app.
func (Verification) Type() {}

// Fields of the table.
func (m Verification) Fields() []ent.Field {
	return []ent.Field{
		idField(m.NewID),
		column("identifier", field.String("identifier")),
		secret("value", field.String("value")),
		column("expiresAt", field.Time("expires_at")),
		column("createdAt", field.Time("created_at").Default(Now).Immutable().Annotations(dbNow)),
		column("updatedAt", field.Time("updated_at").Default(Now).UpdateDefault(Now).Annotations(dbNow)),
	}
}

// Indexes of the table.
func (m Verification) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("identifier").StorageKey(m.table() + "_identifier_idx"),
	}
}

// Annotations of the table.
func (m Verification) Annotations() []schema.Annotation {
	return table("verification", m.table())
}

func (m Verification) table() string { return cmp.Or(m.Table, "verification") }
