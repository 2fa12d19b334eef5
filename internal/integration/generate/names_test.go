package generate_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"

	"github.com/agentuity/auth-go/authent/entauth"
)

// localNames are types whose packages have the names of variables in generated code. Ent's own compiles with them.
var localNames = []string{"Parent", "Plan", "Key", "Load", "At", "Plain", "Named"}

// TestLocalNames compiles a client with types that are named like variables of generated code.
func TestLocalNames(t *testing.T) {
	repository, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile("../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := strings.Replace(string(mod), "module github.com/agentuity/auth-go/internal/integration", "module example.com/names", 1)
	write("go.mod", strings.ReplaceAll(text, "=> ../..", "=> "+repository))
	write("go.sum", string(sum))
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
	write("ent/schema/schema.go", `package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
)

type Hub struct{ ent.Schema }

func (Hub) Edges() []ent.Edge {
	return []ent.Edge{
`+edges.String()+"\t}\n}\n"+types.String())
	t.Setenv("GOFLAGS", "-mod=mod")
	ex, err := entauth.NewExtension(entauth.WithAuthTables(false))
	if err != nil {
		t.Fatal(err)
	}
	features := []gen.Feature{gen.FeatureNamedEdges, gen.FeatureModifier, gen.FeatureLock, gen.FeatureUpsert}
	for _, opts := range [][]entc.Option{nil, {entc.Extensions(ex)}} {
		if err := entc.Generate("./ent/schema", &gen.Config{Features: features}, opts...); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-gcflags=-e", "./...").CombinedOutput(); err != nil {
			t.Fatalf("with the extension: %t: %v\n%s", opts != nil, err, out)
		}
	}
}
