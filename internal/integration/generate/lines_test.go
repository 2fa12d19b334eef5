package generate_test

import (
	"testing"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"

	"github.com/agentuity/auth-go/authent/entauth"
)

// maxLines is how many lines are generated at most for each line of Ent alone. The store of the auth service,
// which Ent has no counterpart of, counts too.
const maxLines = 1.35

// TestLines compares how much is generated for the schemas of this repository with how much Ent generates.
func TestLines(t *testing.T) {
	for _, schema := range []string{"../../../ent/schema", "../../../examples/app-schema/ent/schema"} {
		t.Run(schema, func(t *testing.T) {
			var n [2]int
			for i := range n {
				var opts []entc.Option
				if i == 1 {
					ex, err := entauth.NewExtension()
					if err != nil {
						t.Fatal(err)
					}
					opts = append(opts, entc.Extensions(ex))
				}
				target := t.TempDir()
				if err := entc.Generate(schema, &gen.Config{Target: target, Package: "example.com/app/ent"}, opts...); err != nil {
					t.Fatal(err)
				}
				n[i] = lines(t, target)
			}
			compareLines(t, n[0], n[1])
		})
	}
}

func compareLines(t *testing.T, stock, extended int) {
	t.Helper()
	t.Logf("%d lines are generated, %.2f times the %d of Ent alone", extended, float64(extended)/float64(stock), stock)
	if float64(extended) > maxLines*float64(stock) {
		t.Errorf("at most %.2f times are wanted", maxLines)
	}
}
