package entstore

import (
	"entgo.io/ent/dialect/sql/sqlgraph"

	"github.com/agentuity/auth-go/authent"
)

// DeleteError returns the error of deleting rows as the service knows it: one that matches authent.ErrReferenced if other
// rows refer to them.
func DeleteError(err error) error {
	if err != nil && sqlgraph.IsForeignKeyConstraintError(err) {
		return &authent.ReferencedError{Err: err}
	}
	return err
}

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
