package mixins

import (
	"cmp"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"entgo.io/ent/schema/mixin"
)

// Invitation is the auth table "invitation" to join an organization.
type Invitation struct {
	mixin.Schema

	// Table is the name of the table. Defaults to "invitation".
	Table string
	// NewID returns the id of a row that is created without one. Defaults to NewID.
	NewID func() string
}

// Type lets edges of other mixins lead to Invitation. It is resolved by name, to the Invitation of the app.
func (Invitation) Type() {}

// Fields of the table.
func (m Invitation) Fields() []ent.Field {
	return []ent.Field{
		idField(m.NewID),
		column("organizationId", field.String("organization_id")),
		column("email", field.String("email")),
		column("role", field.String("role").Optional().Nillable().Comment("One role, or several joined by commas.")),
		column("status", field.String("status").Comment("pending, accepted, rejected or canceled")),
		column("expiresAt", field.Time("expires_at")),
		column("createdAt", field.Time("created_at").Default(Now).Immutable().Annotations(dbNow)),
		column("teamId", field.String("team_id").Optional().Nillable()),
		column("inviterId", field.String("inviter_id")),
	}
}

// Edges of the table.
func (m Invitation) Edges() []ent.Edge {
	return []ent.Edge{
		belongsTo("organization", Organization.Type, "organization_id", m.table()+"_organizationId_organization_id_fk"),
		belongsTo("inviter", User.Type, "inviter_id", m.table()+"_inviterId_user_id_fk"),
	}
}

// Indexes of the table.
func (m Invitation) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("organization_id").StorageKey(m.table() + "_organizationId_idx"),
		index.Fields("email").StorageKey(m.table() + "_email_idx"),
	}
}

// Annotations of the table.
func (m Invitation) Annotations() []schema.Annotation {
	return table("invitation", m.table())
}

func (m Invitation) table() string { return cmp.Or(m.Table, "invitation") }
