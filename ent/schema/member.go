package schema

import (
	"entgo.io/ent"

	"github.com/agentuity/auth-go/mixins"
)

// Member is the schema of the auth table "member".
type Member struct{ ent.Schema }

// Mixin of the Member.
func (Member) Mixin() []ent.Mixin {
	return []ent.Mixin{mixins.Member{}}
}
