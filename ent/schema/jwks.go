package schema

import (
	"entgo.io/ent"

	"github.com/agentuity/auth-go/mixins"
)

// JWKS is the schema of the auth table "jwks".
type JWKS struct{ ent.Schema }

// Mixin of the JWKS.
func (JWKS) Mixin() []ent.Mixin {
	return []ent.Mixin{mixins.JWKS{}}
}
