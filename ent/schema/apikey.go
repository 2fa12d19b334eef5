package schema

import (
	"entgo.io/ent"

	"github.com/agentuity/auth-go/mixins"
)

// APIKey is the schema of the auth table "apikey".
type APIKey struct{ ent.Schema }

// Mixin of the APIKey.
func (APIKey) Mixin() []ent.Mixin {
	return []ent.Mixin{mixins.APIKey{}}
}
