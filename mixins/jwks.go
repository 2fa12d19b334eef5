package mixins

import (
	"cmp"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"
)

// JWKS is the auth table "jwks": the key pairs that sign JWTs.
type JWKS struct {
	mixin.Schema

	// Table is the name of the table. Defaults to "jwks".
	Table string
	// NewID returns the id of a row that is created without one. Defaults to NewID.
	NewID func() string
}

// Type lets edges of other mixins lead to JWKS. It is resolved by name, to the JWKS of the app.
func (JWKS) Type() {}

// Fields of the table.
func (m JWKS) Fields() []ent.Field {
	return []ent.Field{
		idField(m.NewID),
		column("publicKey", field.String("public_key")),
		secret("privateKey", field.String("private_key")),
		column("createdAt", field.Time("created_at").Default(Now).Immutable().Annotations(dbNow)),
		column("expiresAt", field.Time("expires_at").Optional().Nillable()),
	}
}

// Annotations of the table.
func (m JWKS) Annotations() []schema.Annotation {
	return table("jwks", m.table())
}

func (m JWKS) table() string { return cmp.Or(m.Table, "jwks") }
