package mixins

import (
	"cmp"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"entgo.io/ent/schema/mixin"
)

// Account is the auth table "account": one row per way in which a user signs in, a password or a provider.
type Account struct {
	mixin.Schema

	// Table is the name of the table. Defaults to "account".
	Table string
	// NewID returns the id of a row that is created without one. Defaults to NewID.
	NewID func() string
}

// Type lets edges of other mixins lead to Account. It is resolved by name, to the Account of the app.
func (Account) Type() {}

// Fields of the table.
func (m Account) Fields() []ent.Field {
	return []ent.Field{
		idField(m.NewID),
		column("accountId", field.String("account_id")),
		column("providerId", field.String("provider_id")),
		column("userId", field.String("user_id")),
		secret("accessToken", field.String("access_token").Optional().Nillable()),
		secret("refreshToken", field.String("refresh_token").Optional().Nillable()),
		secret("idToken", field.String("id_token").Optional().Nillable()),
		column("accessTokenExpiresAt", field.Time("access_token_expires_at").Optional().Nillable()),
		column("refreshTokenExpiresAt", field.Time("refresh_token_expires_at").Optional().Nillable()),
		column("scope", field.String("scope").Optional().Nillable()),
		secret("password", field.String("password").Optional().Nillable()),
		column("createdAt", field.Time("created_at").Default(Now).Immutable().Annotations(dbNow)),
		column("updatedAt", field.Time("updated_at").Default(Now).UpdateDefault(Now)),
	}
}

// Edges of the table.
func (m Account) Edges() []ent.Edge {
	return []ent.Edge{
		belongsTo("user", User.Type, "user_id", m.table()+"_userId_user_id_fk"),
	}
}

// Indexes of the table.
func (m Account) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("user_id").StorageKey(m.table() + "_userId_idx"),
	}
}

// Annotations of the table.
func (m Account) Annotations() []schema.Annotation {
	return table("account", m.table())
}

func (m Account) table() string { return cmp.Or(m.Table, "account") }
