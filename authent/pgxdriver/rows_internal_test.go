package pgxdriver

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/agentuity/auth-go/internal/pgtest"
)

// TestPanicWhileEdgesAreRead: a type of the app that panics over a row of an edge, which is read when the rows
// of the query end, does not keep the connection.
func TestPanicWhileEdgesAreRead(t *testing.T) {
	t.Parallel()
	pool, err := pgxpool.New(t.Context(), pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	result, err := conn.Conn().Query(t.Context(), "SELECT 1")
	if err != nil {
		t.Fatal(err)
	}
	after := func(error) error { panic("not a color") } //nolint:forbidigo // It stands for one of the app.
	rows, err := newRows(result, rowsOwner{conn: conn, after: after})
	if err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if p := recover(); p != "not a color" {
				t.Errorf("recovered %v", p)
			}
		}()
		for rows.Next() {
			continue
		}
	}()
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
	if n := pool.Stat().AcquiredConns(); n != 0 {
		t.Errorf("%d connections are in use", n)
	}
}
