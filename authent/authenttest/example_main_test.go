package authenttest_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/agentuity/auth-go/internal/pgtest"
)

// TestMain gives the examples what they have in an app: a server that DATABASE_URL names.
func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// exampleT is what stands for a *testing.T in an example.
type exampleT struct{ failing }

func newT() *exampleT { return &exampleT{} }

// end ends the example as a test ends.
func (t *exampleT) end() {
	t.clean()
	if t.message != "" {
		fmt.Fprintln(os.Stderr, t.message)
		fmt.Println("FAIL")
	}
}
