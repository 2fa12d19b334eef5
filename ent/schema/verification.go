package schema

import (
	"entgo.io/ent"

	"github.com/agentuity/auth-go/mixins"
)

// Verification is the schema of the auth table "verification".
type Verification struct{ ent.Schema }

// Mixin of the Verification.
func (Verification) Mixin() []ent.Mixin {
	return []ent.Mixin{mixins.Verification{}}
}
