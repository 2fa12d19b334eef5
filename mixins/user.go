package mixins

import (
	"cmp"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"entgo.io/ent/schema/mixin"
)

// User is the auth table "user".
type User struct {
	mixin.Schema

	// Table is the name of the table. Defaults to "user".
	Table string
	// NewID returns the id of a row that is created without one. Defaults to NewID.
	NewID func() string
	// EdgeNames names the edges to the other auth tables, or omits them.
	EdgeNames UserEdges
}

// UserEdges are the names of the edges of User. An empty name stands for the default,
// Omit for no edge.
type UserEdges struct {
	Sessions    string // To Session. Defaults to "sessions".
	Accounts    string // To Account. Defaults to "accounts".
	Members     string // To Member. Defaults to "members".
	Invitations string // To Invitation: the invitations that the user sent. Defaults to "invitations".
	APIKeys     string // To APIKey. Defaults to "api_keys".
}

// Type lets edges of other mixins lead to User. It is resolved by name, to the User of the app.
func (User) Type() {}

// Fields of the table.
func (m User) Fields() []ent.Field {
	return []ent.Field{
		idField(m.NewID),
		column("name", field.String("name")),
		column("email", field.String("email")),
		column("emailVerified", field.Bool("email_verified").Default(false)),
		column("image", field.String("image").Optional().Nillable()),
		column("createdAt", field.Time("created_at").Default(Now).Immutable().Annotations(dbNow)),
		column("updatedAt", field.Time("updated_at").Default(Now).UpdateDefault(Now).Annotations(dbNow)),
	}
}

// Edges of the table.
func (m User) Edges() []ent.Edge {
	return edges(
		hasMany{m.EdgeNames.Sessions, "sessions", Session.Type, "user"},
		hasMany{m.EdgeNames.Accounts, "accounts", Account.Type, "user"},
		hasMany{m.EdgeNames.Members, "members", Member.Type, "user"},
		hasMany{m.EdgeNames.Invitations, "invitations", Invitation.Type, "inviter"},
		hasMany{m.EdgeNames.APIKeys, "api_keys", APIKey.Type, "user"},
	)
}

// Indexes of the table.
func (m User) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("email").Unique().StorageKey(m.table() + "_email_unique").Annotations(UniqueConstraint()),
	}
}

// Annotations of the table.
func (m User) Annotations() []schema.Annotation {
	return table("user", m.table())
}

func (m User) table() string { return cmp.Or(m.Table, "user") }
