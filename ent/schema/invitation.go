package schema

import (
	"entgo.io/ent"

	"github.com/agentuity/auth-go/mixins"
)

// Invitation is the schema of the auth table "invitation".
type Invitation struct{ ent.Schema }

// Mixin of the Invitation.
func (Invitation) Mixin() []ent.Mixin {
	return []ent.Mixin{mixins.Invitation{}}
}
