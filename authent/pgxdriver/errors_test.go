package pgxdriver

import (
	"context"
	"errors"
	"testing"

	"entgo.io/ent/dialect/sql/sqlgraph"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"
)

// TestAdapt checks what becomes of errors: of servers that speak another language than
// English too.
func TestAdapt(t *testing.T) {
	t.Parallel()
	if adapt(nil) != nil {
		t.Error("nil is an error")
	}
	for _, err := range []error{context.Canceled, &pgconn.PgError{Code: "42601", Message: "syntax error"}, &pgconn.PgError{Code: codeUnique, Message: `duplicate key value violates unique constraint "u"`}} {
		if got := adapt(err); got != err { //nolint:errorlint // It must be the same.
			t.Errorf("%v became %v", err, got)
		}
	}
	if err := adapt(puddle.ErrClosedPool); !errors.Is(err, ErrClosed) || !errors.Is(err, puddle.ErrClosedPool) {
		t.Errorf("a closed pool: %v", err)
	}
	for _, tt := range []struct {
		code, message, want string
		is                  func(error) bool
	}{
		{codeUnique, `doppelter Schlüsselwert verletzt Unique-Constraint »u«`, `FEHLER: doppelter Schlüsselwert verletzt Unique-Constraint »u« (SQLSTATE 23505): violates unique constraint "u"`, sqlgraph.IsUniqueConstraintError},
		{codeForeignKey, `viole la contrainte de clé étrangère « u »`, `FEHLER: viole la contrainte de clé étrangère « u » (SQLSTATE 23503): violates foreign key constraint "u"`, sqlgraph.IsForeignKeyConstraintError},
		{codeCheck, `viola la restricción «check» «u»`, `FEHLER: viola la restricción «check» «u» (SQLSTATE 23514): violates check constraint "u"`, sqlgraph.IsCheckConstraintError},
	} {
		err := adapt(&pgconn.PgError{Severity: "FEHLER", Code: tt.code, Message: tt.message, ConstraintName: "u"})
		var pgErr *pgconn.PgError
		if !errors.As(err, &pgErr) || pgErr.Code != tt.code || !tt.is(err) || !sqlgraph.IsConstraintError(err) || err.Error() != tt.want {
			t.Errorf("%s: %v", tt.code, err)
		}
	}
}
