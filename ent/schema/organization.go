package schema

import (
	"entgo.io/ent"

	"github.com/agentuity/auth-go/mixins"
)

// Organization is the schema of the auth table "organization".
type Organization struct{ ent.Schema }

// Mixin of the Organization.
func (Organization) Mixin() []ent.Mixin {
	return []ent.Mixin{mixins.Organization{}}
}
