package equality_test

import (
	"context"

	"entgo.io/ent/dialect"

	"github.com/agentuity/auth-go/internal/integration/equality/catalog"
	"github.com/agentuity/auth-go/internal/integration/equality/ent"
	hard "github.com/agentuity/auth-go/internal/integration/hard/ent"
)

// newSubject describes the client of this package's schema.
func newSubject() *subject {
	return withCatalog(&subject{
		namedEdges: true,
		newClient:  func(drv dialect.Driver) any { return ent.NewClient(ent.Driver(drv)) },
		create: func(ctx context.Context, drv dialect.Driver) error {
			return ent.NewClient(ent.Driver(drv)).Schema.Create(ctx)
		},
		kind: func(err error) string {
			switch {
			case ent.IsNotFound(err):
				return "not found"
			case ent.IsNotSingular(err):
				return "not singular"
			case ent.IsConstraintError(err):
				return "constraint"
			case ent.IsValidationError(err):
				return "validation"
			case ent.IsNotLoaded(err):
				return "not loaded"
			}
			return ""
		},
		distinct: map[string]bool{"User.email": true, "Session.token": true},
		conflict: map[string]string{"User": "email", "Session": "token", "Card": "number", "Thing": "nick", "Group": "name"},
		always:   map[string]bool{"created_at": true, "updated_at": true, "expires_at": true},
	}, ent.Catalog)
}

// newHardSubject describes the client of the package hard: with every feature of Ent, and keys that are keys of other
// tables, of other tables' keys, and of tables that know nothing of it.
func newHardSubject() *subject {
	return withCatalog(&subject{
		namedEdges: true,
		newClient:  func(drv dialect.Driver) any { return hard.NewClient(hard.Driver(drv)) },
		create: func(ctx context.Context, drv dialect.Driver) error {
			return hard.NewClient(hard.Driver(drv)).Schema.Create(ctx)
		},
		kind: func(err error) string {
			switch {
			case hard.IsNotFound(err):
				return "not found"
			case hard.IsNotSingular(err):
				return "not singular"
			case hard.IsConstraintError(err):
				return "constraint"
			case hard.IsValidationError(err):
				return "validation"
			case hard.IsNotLoaded(err):
				return "not loaded"
			}
			return ""
		},
		distinct: map[string]bool{"User.email": true, "Session.token": true, "Organization.slug": true},
		conflict: map[string]string{"User": "email", "Session": "token", "Organization": "slug"},
		always:   map[string]bool{"created_at": true, "updated_at": true, "expires_at": true, "time": true},
	}, hard.Catalog)
}

// withCatalog adds the types of a client to a subject.
func withCatalog(s *subject, types []catalog.Type) *subject {
	s.types = make(map[string]*catalog.Type)
	for i := range types {
		s.types[types[i].Name] = &types[i]
		s.names = append(s.names, types[i].Name)
	}
	return s
}
