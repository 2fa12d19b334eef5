package pgxdriver

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"
)

// ErrClosed is returned by operations on a driver whose pool was closed.
var ErrClosed = errors.New("pgxdriver: the driver is closed")

// SQLSTATE codes that the driver acts on.
const (
	codeForeignKey      = "23503"
	codeUnique          = "23505"
	codeCheck           = "23514"
	codeProtocol        = "08P01"
	codeFeature         = "0A000"
	classDataException  = "22"
	classIntegrity      = "23"
	classTransactionEnd = "40"
)

// constraintPhrases are the words by which Ent recognizes a violated constraint.
var constraintPhrases = map[string]string{
	codeForeignKey: "violates foreign key constraint",
	codeUnique:     "violates unique constraint",
	codeCheck:      "violates check constraint",
}

// constraintError is a violated constraint that a server reported in another language than
// English, in which Ent would not recognize it.
type constraintError struct {
	err    error
	phrase string
	name   string
}

func (e *constraintError) Error() string {
	return fmt.Sprintf("%v: %s %q", e.err, e.phrase, e.name)
}

func (e *constraintError) Unwrap() error { return e.err }

// adapt returns an error of the server or of the pool in the form that Ent and its users
// expect. It returns nil for nil.
func adapt(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, puddle.ErrClosedPool) {
		return fmt.Errorf("%w: %w", ErrClosed, err)
	}
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) {
		return err
	}
	phrase, ok := constraintPhrases[pgErr.Code]
	if !ok || strings.Contains(pgErr.Message, phrase) {
		return err
	}
	return &constraintError{err: err, phrase: phrase, name: pgErr.ConstraintName}
}

// stalePlan reports whether a statement was refused because the tables changed after it was
// prepared or described. The server refuses it before it runs it. Inside of a function, which
// the error tells by where it was, something may have run.
func stalePlan(err error) bool {
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) || pgErr.Where != "" {
		return false
	}
	switch pgErr.Code {
	case codeFeature:
		return pgErr.Routine == "RevalidateCachedQuery"
	case codeProtocol:
		return pgErr.Routine == "PortalSetResultFormat" || pgErr.Routine == "exec_bind_message"
	}
	return false
}

// keepsPlan reports whether a statement that failed with err can stay prepared: the error
// comes from the rows and not from the statement.
func keepsPlan(err error) bool {
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) || len(pgErr.Code) < 2 {
		return false
	}
	switch pgErr.Code[:2] {
	case classDataException, classIntegrity, classTransactionEnd:
		return true
	}
	return false
}

// asServerError returns the error of the server in err, if there is one that left the
// connection open.
func asServerError(err error) (*pgconn.PgError, bool) {
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) || pgErr.Severity == "FATAL" || pgErr.Severity == "PANIC" {
		return nil, false
	}
	return pgErr, true
}
