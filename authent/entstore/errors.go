package entstore

import (
	"entgo.io/ent/dialect/sql/sqlgraph"

	"github.com/agentuity/auth-go/authent"
)

// Error returns an error of Ent as the service knows it: one that matches authent.ErrConflict if a
// unique constraint was violated, and a FieldError if a validator of the field refused its value.
// invalid is the name of that field, or empty.
func Error(err error, invalid string) error {
	switch {
	case err == nil:
		return nil
	case sqlgraph.IsUniqueConstraintError(err):
		return &authent.ConflictError{Err: err}
	case invalid != "":
		return &authent.FieldError{Field: invalid, Err: err}
	}
	return err
}
