package social_test

import (
	"os"
	"testing"

	"github.com/agentuity/auth-go/internal/pgtest"
)

// TestMain gives the example what it has in an app: a database that DATABASE_URL names.
func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
