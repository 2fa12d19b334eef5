package generate_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
	"golang.org/x/tools/txtar"

	"github.com/agentuity/auth-go/authent/entauth"
)

// TestGolden compares what the extension adds to the code that Ent generates with
// testdata/golden.txtar: new files whole, and the lines that are added to the others. The
// archive holds the schema too.
func TestGolden(t *testing.T) {
	golden := readGolden(t, "testdata/golden.txtar")
	dir := writeSchema(t, &golden.schema)
	stock, extended := t.TempDir(), t.TempDir()
	generateTo(t, dir, stock)
	ex, err := entauth.NewExtension()
	if err != nil {
		t.Fatal(err)
	}
	generateTo(t, dir, extended, entc.Extensions(ex))
	got := added(t, stock, extended)
	compareLines(t, lines(t, stock), lines(t, extended))
	golden.compare(t, got)
}

// TestGoldenStore compares the store of the auth service with testdata/store.txtar.
func TestGoldenStore(t *testing.T) {
	golden := readGolden(t, "testdata/store.txtar")
	dir, target := writeSchema(t, &golden.schema), t.TempDir()
	ex, err := entauth.NewExtension()
	if err != nil {
		t.Fatal(err)
	}
	generateTo(t, dir, target, entc.Extensions(ex))
	text, err := os.ReadFile(filepath.Join(target, "auth_store.go"))
	if err != nil {
		t.Fatal(err)
	}
	golden.compare(t, &txtar.Archive{Files: []txtar.File{{Name: "auth_store.go", Data: text}}})
}

// golden is an archive of a schema, in the directory "schema", and of what is generated from it.
type golden struct {
	file         string
	comment      []byte
	schema, want txtar.Archive
}

func readGolden(t *testing.T, file string) *golden {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	g := &golden{file: file, comment: archive.Comment}
	for _, f := range archive.Files {
		if name, ok := strings.CutPrefix(f.Name, "schema/"); ok {
			g.schema.Files = append(g.schema.Files, txtar.File{Name: name, Data: f.Data})
		} else {
			g.want.Files = append(g.want.Files, f)
		}
	}
	return g
}

// compare fails the test if got is not what the archive has, or writes it into the archive with -update.
func (g *golden) compare(t *testing.T, got *txtar.Archive) {
	t.Helper()
	if *update {
		for _, f := range g.schema.Files {
			f.Name = "schema/" + f.Name
			got.Files = append(got.Files, f)
		}
		got.Comment = g.comment
		if err := os.WriteFile(g.file, txtar.Format(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if g, w := txtar.Format(got), txtar.Format(&g.want); !bytes.Equal(g, w) {
		t.Errorf("the generated code changed: see \"go test ./internal/integration/generate -update\" and \"git diff\"\ngot:\n%s", g)
	}
}

// lines returns the number of lines in the Go files of a directory.
func lines(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		text, err := os.ReadFile(path) //nolint:gosec // A file that the test generated.
		n += bytes.Count(text, []byte("\n"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func generateTo(t *testing.T, schema, target string, opts ...entc.Option) {
	t.Helper()
	if err := entc.Generate("./"+schema, config(target), opts...); err != nil {
		t.Fatal(err)
	}
}

func config(target string) *gen.Config {
	return &gen.Config{Target: target, Package: "example.com/app/ent", Features: []gen.Feature{gen.FeatureUpsert}}
}

// added returns the files of b that a does not have, and of the others the lines that a
// does not have.
func added(t *testing.T, a, b string) *txtar.Archive {
	t.Helper()
	out := &txtar.Archive{}
	err := filepath.WalkDir(b, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(b, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		before, err := os.ReadFile(filepath.Join(a, name))
		switch {
		case os.IsNotExist(err):
			out.Files = append(out.Files, txtar.File{Name: name, Data: text})
			return nil
		case err != nil:
			return err
		}
		if lines := addedLines(string(before), string(text)); lines != "" {
			out.Files = append(out.Files, txtar.File{Name: name + " (added lines)", Data: []byte(lines)})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// addedLines returns the lines of after that before has fewer of, in order.
func addedLines(before, after string) string {
	count := make(map[string]int)
	for line := range strings.Lines(before) {
		count[line]++
	}
	var added strings.Builder
	for line := range strings.Lines(after) {
		if count[line]--; count[line] < 0 && strings.TrimSpace(line) != "" {
			added.WriteString(line)
		}
	}
	return added.String()
}
