package schema

import (
	"entgo.io/ent"

	"github.com/agentuity/auth-go/mixins"
)

// Account is the schema of the auth table "account".
type Account struct{ ent.Schema }

// Mixin of the Account.
func (Account) Mixin() []ent.Mixin {
	return []ent.Mixin{mixins.Account{}}
}
