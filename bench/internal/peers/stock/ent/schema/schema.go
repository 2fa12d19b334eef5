// Package schema is the schema of the example app, for a client that Ent generates without
// the extension of this project: the same fields, edges, indexes and names, by embedding.
package schema

import appschema "github.com/agentuity/auth-go/examples/app-schema/ent/schema"

// The types of the example app.
type (
	User         struct{ appschema.User }
	Session      struct{ appschema.Session }
	Account      struct{ appschema.Account }
	Verification struct{ appschema.Verification }
	Organization struct{ appschema.Organization }
	Member       struct{ appschema.Member }
	Invitation   struct{ appschema.Invitation }
	JWKS         struct{ appschema.JWKS }
	APIKey       struct{ appschema.APIKey }
	Project      struct{ appschema.Project }
	Task         struct{ appschema.Task }
	UserProfile  struct{ appschema.UserProfile }
)
