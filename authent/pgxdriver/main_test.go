package pgxdriver_test

import (
	"os"
	"testing"

	"github.com/agentuity/auth-go/internal/pgtest"
)

// TestMain gives the examples what they have in an app: a database that DATABASE_URL names.
func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
