package mixins

import (
	"cmp"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"entgo.io/ent/schema/mixin"
)

// Organization is the auth table "organization".
type Organization struct {
	mixin.Schema

	// Table is the name of the table. Defaults to "organization".
	Table string
	// NewID returns the id of a row that is created without one. Defaults to NewID.
	NewID func() string
	// EdgeNames names the edges to the other auth tables, or omits them.
	EdgeNames OrganizationEdges
}

// OrganizationEdges are the names of the edges of Organization. An empty name stands for the default,
// Omit for no edge.
type OrganizationEdges struct {
	Members     string // To Member. Defaults to "members".
	Invitations string // To Invitation. Defaults to "invitations".
}

// Type lets edges of other mixins lead to Organization. It is resolved by name, to the Organization of the app.
func (Organization) Type() {}

// Fields of the table.
func (m Organization) Fields() []ent.Field {
	return []ent.Field{
		idField(m.NewID),
		column("name", field.String("name")),
		column("slug", field.String("slug")),
		column("logo", field.String("logo").Optional().Nillable()),
		column("createdAt", field.Time("created_at").Default(Now).Immutable().Annotations(dbNow)),
		column("metadata", field.String("metadata").Optional().Nillable().Comment("JSON text")),
	}
}

// Edges of the table.
func (m Organization) Edges() []ent.Edge {
	return edges(
		hasMany{m.EdgeNames.Members, "members", Member.Type, "organization"},
		hasMany{m.EdgeNames.Invitations, "invitations", Invitation.Type, "organization"},
	)
}

// Indexes of the table.
func (m Organization) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("slug").Unique().StorageKey(m.table() + "_slug_unique").Annotations(UniqueConstraint()),
	}
}

// Annotations of the table.
func (m Organization) Annotations() []schema.Annotation {
	return table("organization", m.table())
}

func (m Organization) table() string { return cmp.Or(m.Table, "organization") }
