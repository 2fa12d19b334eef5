package generate_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
	"golang.org/x/tools/txtar"

	"github.com/agentuity/auth-go/authent/entauth"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestErrors generates from the wrong schemas in testdata/errors. Each archive holds the
// files of a schema package, and in its comment the error that the app's author gets.
func TestErrors(t *testing.T) {
	archives, err := filepath.Glob("testdata/errors/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			dir := writeSchema(t, archive)
			target := t.TempDir()
			keep := filepath.Join(target, "client.go")
			if err := os.WriteFile(keep, []byte("package ent\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			ex, err := entauth.NewExtension(entauth.WithSchemaPath(dir))
			if err != nil {
				t.Fatal(err)
			}
			err = entc.Generate("./"+dir, &gen.Config{Target: target, Package: "example.com/app/ent"}, entc.Extensions(ex))
			if err == nil {
				t.Fatal("the code was generated")
			}
			// What was there before is still there.
			if kept, readErr := os.ReadFile(keep); readErr != nil || string(kept) != "package ent\n" {
				t.Errorf("the generated code of before was changed: %q, %v", kept, readErr)
			}
			got := readable(err, dir)
			if *update {
				archive.Comment = []byte(got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if want := string(archive.Comment); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// writeSchema writes the files of a schema to a package of this module.
func writeSchema(t *testing.T, archive *txtar.Archive) string {
	t.Helper()
	root, err := os.MkdirTemp("testdata", "app-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(root); err != nil {
			t.Error(err)
		}
	})
	dir := filepath.Join(root, "schema")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var position = regexp.MustCompile(`(?m)\S*/schema/(\w+\.go:\d+)`)

// readable leaves the names of temporary directories out of an error.
func readable(err error, dir string) string {
	text := position.ReplaceAllString(err.Error(), "schema/$1")
	return strings.ReplaceAll(text, dir, "schema") + "\n"
}
