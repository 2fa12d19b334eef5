package authent

import (
	"errors"
	"net/http"
	"time"

	"github.com/agentuity/auth-go/internal/wire"
)

// Error is an error that a caller of an endpoint sees: a stable code, an HTTP status and a message
// that leaks nothing. Its wire form is {"message":"...","code":"..."}. Errors of the database and
// of other systems are no Error; the handler answers them with status 500 and logs them.
//
// Errors with one code match each other with errors.Is: errors.Is(err, authent.ErrInvalidPassword).
type Error struct {
	// Status is the HTTP status.
	Status int
	// Code is stable, such as "INVALID_PASSWORD". A few measured errors have none.
	Code string
	// Message is for people.
	Message string
	// RetryAfter is when to try again, for errors that pass; zero otherwise.
	RetryAfter time.Duration
	// Details is the member details of the wire form, such as {"tryAgainIn":1000}. Usually nil.
	Details map[string]any
}

// Error returns the message and the code.
func (e *Error) Error() string {
	switch {
	case e.Message == "" && e.Code == "":
		return http.StatusText(e.Status)
	case e.Code == "":
		return e.Message
	case e.Message == "":
		return e.Code
	}
	return e.Message + " (" + e.Code + ")"
}

// Is reports whether target is an Error with the same code; without codes, with the same status and message.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	if !ok {
		return false
	}
	if e.Code != "" || t.Code != "" {
		return e.Code == t.Code
	}
	return e.Status == t.Status && e.Message == t.Message
}

// newError returns an Error with a code.
func newError(status int, code, message string) *Error {
	return &Error{Status: status, Code: code, Message: message}
}

// MarshalJSON returns the wire form: message, code and the details.
func (e *Error) MarshalJSON() ([]byte, error) {
	return wire.Marshal(struct {
		Message string         `json:"message"`
		Code    string         `json:"code,omitempty"`
		Details map[string]any `json:"details,omitempty"`
	}{e.Message, e.Code, e.Details})
}

// retrySeconds returns RetryAfter in whole seconds, rounded up.
func (e *Error) retrySeconds() int {
	return int((e.RetryAfter + time.Second - 1) / time.Second)
}

// ErrConflict is matched by the errors of a store for a row that breaks a unique constraint.
var ErrConflict = errors.New("authent: a row with this unique value exists")

// ErrMissingTables is matched by the error of a store's Check, and so of OpenAuth, for a database without all tables and
// columns of the schema.
var ErrMissingTables = errors.New("authent: the database does not have the tables of the schema")

// ConflictError is the error of a store for a row that breaks a unique constraint. It matches ErrConflict.
type ConflictError struct {
	// Err is the error of the database.
	Err error
}

// Error returns the error of the database.
func (e *ConflictError) Error() string { return ErrConflict.Error() + ": " + e.Err.Error() }

// Unwrap returns the error of the database.
func (e *ConflictError) Unwrap() error { return e.Err }

// Is makes errors.Is(err, ErrConflict) true.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// ErrReferenced is matched by the errors of a store for a row that cannot be deleted because others refer to it.
var ErrReferenced = errors.New("authent: other rows refer to this row")

// ReferencedError is the error of a store for a row that cannot be deleted because others refer to it, by a foreign key
// that neither deletes them too nor lets go of the row. It matches ErrReferenced.
type ReferencedError struct {
	// Err is the error of the database.
	Err error
}

// Error returns the error of the database.
func (e *ReferencedError) Error() string { return ErrReferenced.Error() + ": " + e.Err.Error() }

// Unwrap returns the error of the database.
func (e *ReferencedError) Unwrap() error { return e.Err }

// Is makes errors.Is(err, ErrReferenced) true.
func (e *ReferencedError) Is(target error) bool { return target == ErrReferenced }

// FieldError is the error of a store for a value that a validator of the schema refused, or for a
// field that the schema requires and that was not given.
type FieldError struct {
	// Field is the name of the field in the schema.
	Field string
	// Err is the error of the validator.
	Err error
}

// Error returns the error of the validator.
func (e *FieldError) Error() string { return e.Err.Error() }

// Unwrap returns the error of the validator.
func (e *FieldError) Unwrap() error { return e.Err }
