package schema

import (
	"entgo.io/ent"

	"github.com/agentuity/auth-go/mixins"
)

// Session is the schema of the auth table "session".
type Session struct{ ent.Schema }

// Mixin of the Session.
func (Session) Mixin() []ent.Mixin {
	return []ent.Mixin{mixins.Session{}}
}
