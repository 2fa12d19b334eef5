package schema

import (
	"entgo.io/ent"

	"github.com/agentuity/auth-go/mixins"
)

// User is the schema of the auth table "user".
type User struct{ ent.Schema }

// Mixin of the User.
func (User) Mixin() []ent.Mixin {
	return []ent.Mixin{mixins.User{}}
}
