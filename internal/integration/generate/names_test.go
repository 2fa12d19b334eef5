package generate_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
	"golang.org/x/tools/txtar"

	"github.com/agentuity/auth-go/authent/entauth"
)

// localNames are types whose packages have the names of variables in generated code. Ent's own compiles with them.
var localNames = []string{"Parent", "Plan", "Key", "Load", "At", "Plain", "Named"}

// TestLocalNames compiles a client with types that are named like variables of generated code.
func TestLocalNames(t *testing.T) {
	var edges, types strings.Builder
	for _, name := range localNames {
		edge := strings.ToLower(name)
		fmt.Fprintf(&edges, "\t\tedge.To(\"many_%s\", %s.Type),\n\t\tedge.To(\"one_%s\", %s.Type).Unique(),\n", edge, name, edge, name)
		fmt.Fprintf(&types, `
type %[1]s struct{ ent.Schema }

func (%[1]s) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("hub", Hub.Type).Ref("many_%[2]s").Unique(),
		edge.To("below", %[1]s.Type).From("above").Unique(),
		edge.To("others", %[1]s.Type),
	}
}
`, name, edge)
	}
	dir := writeSchema(t, txtar.Parse([]byte("-- schema.go --\n"+`package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
)

type Hub struct{ ent.Schema }

func (Hub) Edges() []ent.Edge {
	return []ent.Edge{
`+edges.String()+"\t}\n}\n"+types.String())))
	ex, err := entauth.NewExtension(entauth.WithAuthTables(false))
	if err != nil {
		t.Fatal(err)
	}
	target := filepath.ToSlash(filepath.Join(filepath.Dir(dir), "ent"))
	features := []gen.Feature{gen.FeatureNamedEdges, gen.FeatureModifier, gen.FeatureLock, gen.FeatureUpsert}
	for _, opts := range [][]entc.Option{nil, {entc.Extensions(ex)}} {
		if err := entc.Generate("./"+dir, &gen.Config{Target: target, Package: "github.com/agentuity/auth-go/internal/integration/generate/" + target, Features: features}, opts...); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-gcflags=-e", "./"+target+"/...").CombinedOutput(); err != nil { //nolint:gosec // The command is go.
			t.Fatalf("with the extension: %t: %v\n%s", opts != nil, err, out)
		}
	}
}
