package schema

import authschema "github.com/agentuity/auth-go/ent/schema"

// The auth tables that the app takes as they are: one line each. User and Organization
// have edges of the app's own, in user.go and organization.go.
type (
	Session      struct{ authschema.Session }
	Account      struct{ authschema.Account }
	Verification struct{ authschema.Verification }
	Member       struct{ authschema.Member }
	Invitation   struct{ authschema.Invitation }
	JWKS         struct{ authschema.JWKS }
	APIKey       struct{ authschema.APIKey }
)
