package mixins

import (
	"cmp"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"entgo.io/ent/schema/mixin"
)

// Member is the auth table "member": one row per user in an organization.
type Member struct {
	mixin.Schema

	// Table is the name of the table. Defaults to "member".
	Table string
	// NewID returns the id of a row that is created without one. Defaults to NewID.
	NewID func() string
}

// Type lets edges of other mixins lead to Member. It is resolved by name, to the Member of the app.
func (Member) Type() {}

// Fields of the table.
func (m Member) Fields() []ent.Field {
	return []ent.Field{
		idField(m.NewID),
		column("organizationId", field.String("organization_id")),
		column("userId", field.String("user_id")),
		column("role", field.String("role").Comment("One role, or several joined by commas.")),
		column("createdAt", field.Time("created_at").Default(Now).Immutable().Annotations(dbNow)),
	}
}

// Edges of the table.
func (m Member) Edges() []ent.Edge {
	return []ent.Edge{
		belongsTo("organization", Organization.Type, "organization_id", m.table()+"_organizationId_organization_id_fk"),
		belongsTo("user", User.Type, "user_id", m.table()+"_userId_user_id_fk"),
	}
}

// Indexes of the table.
func (m Member) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("organization_id").StorageKey(m.table() + "_organizationId_idx"),
		index.Fields("user_id").StorageKey(m.table() + "_userId_idx"),
	}
}

// Annotations of the table.
func (m Member) Annotations() []schema.Annotation {
	return table("member", m.table())
}

func (m Member) table() string { return cmp.Or(m.Table, "member") }
