package mixins

import (
	"cmp"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"entgo.io/ent/schema/mixin"
)

// Session is the auth table "session": one row per signed-in device.
type Session struct {
	mixin.Schema

	// Table is the name of the table. Defaults to "session".
	Table string
	// NewID returns the id of a row that is created without one. Defaults to NewID.
	NewID func() string
}

// Type lets edges of other mixins lead to Session. It is resolved by name, to the Session of the app.
func (Session) Type() {}

// Fields of the table.
func (m Session) Fields() []ent.Field {
	return []ent.Field{
		idField(m.NewID),
		column("expiresAt", field.Time("expires_at")),
		secret("token", field.String("token")),
		column("createdAt", field.Time("created_at").Default(Now).Immutable().Annotations(dbNow)),
		column("updatedAt", field.Time("updated_at").Default(Now).UpdateDefault(Now)),
		column("ipAddress", field.String("ip_address").Optional().Nillable()),
		column("userAgent", field.String("user_agent").Optional().Nillable()),
		column("userId", field.String("user_id")),
		column("activeOrganizationId", field.String("active_organization_id").Optional().Nillable()),
	}
}

// Edges of the table.
func (m Session) Edges() []ent.Edge {
	return []ent.Edge{
		belongsTo("user", User.Type, "user_id", m.table()+"_userId_user_id_fk"),
	}
}

// Indexes of the table.
func (m Session) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("token").Unique().StorageKey(m.table() + "_token_unique").Annotations(UniqueConstraint()),
		index.Fields("user_id").StorageKey(m.table() + "_userId_idx"),
	}
}

// Annotations of the table.
func (m Session) Annotations() []schema.Annotation {
	return table("session", m.table())
}

func (m Session) table() string { return cmp.Or(m.Table, "session") }
