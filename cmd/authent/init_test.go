package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// program is what an app's author writes first.
const program = `package main

import (
	"context"

	"example.com/app/ent"
)

func main() {
	var client *ent.Client
	_ = func(ctx context.Context) {
		u := client.User.Create().SetName("Ada").SaveX(ctx)
		client.Session.Create().SetUser(u).SaveX(ctx)
		client.User.Query().WithSessions().AllX(ctx)
	}
}
`

// The files that init writes generate and compile, for every choice of features.
func TestInitGenerates(t *testing.T) {
	for name, args := range map[string][]string{
		"all":    nil,
		"subset": {"--without", "organizations,api-keys,jwt"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := newModule(t)
			out := mustAuthent(t, append([]string{"init", dir}, args...)...)
			if !strings.Contains(out, "go generate ./ent") {
				t.Errorf("the next step is missing:\n%s", out)
			}
			goCommand(t, dir, "generate", "./ent")
			writeFile(t, filepath.Join(dir, "main.go"), program)
			goCommand(t, dir, "mod", "tidy")
			goCommand(t, dir, "vet", "./...")
			// The generator runs again on what "go mod tidy" left.
			goCommand(t, dir, "generate", "./ent")
			if _, err := os.Stat(filepath.Join(dir, "ent", "organization")); (err == nil) != (name == "all") {
				t.Errorf("organization: %v", err)
			}
		})
	}
}

func TestInitOverwritesNothing(t *testing.T) {
	t.Parallel()
	dir := newModule(t)
	mine := map[string]string{
		"ent/entc.go":         "//go:build ignore\n\npackage main\n",
		"ent/schema/user.go":  "package appschema\n\nimport \"entgo.io/ent\"\n\ntype User struct{ ent.Schema }\n",
		"ent/schema/other.go": "package appschema\n\ntype Session struct{}\n",
	}
	for path, content := range mine {
		writeFile(t, filepath.Join(dir, path), content)
	}
	out := mustAuthent(t, "init", dir)
	for _, text := range []string{"exists, left as it is:  ent/entc.go", "entauth.NewExtension()", "declared by the app:    User, Session", "mixins.User{}"} {
		if !strings.Contains(out, text) {
			t.Errorf("want %q in\n%s", text, out)
		}
	}
	for path, content := range mine {
		if got, _ := os.ReadFile(filepath.Join(dir, path)); string(got) != content {
			t.Errorf("%s was changed:\n%s", path, got)
		}
	}
	auth, err := os.ReadFile(filepath.Join(dir, "ent/schema/auth.go"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(auth), "User below") {
		t.Errorf("there is no User below:\n%s", auth)
	}
	if s := string(auth); !strings.HasPrefix(s, "package appschema") || strings.Contains(s, "type User") || strings.Contains(s, "Session") || !strings.Contains(s, "Account") {
		t.Errorf("auth.go:\n%s", s)
	}
	again := mustAuthent(t, "init", dir)
	if strings.Contains(again, "wrote:") {
		t.Errorf("a second init writes:\n%s", again)
	}
}

// A second run has nothing to say about a generator that has the extension.
func TestInitTwice(t *testing.T) {
	t.Parallel()
	dir := newModule(t)
	mustAuthent(t, "init", dir)
	out := mustAuthent(t, "init", dir)
	if !strings.Contains(out, "exists, left as it is:  ent/entc.go") || strings.Contains(out, "Add the extension") {
		t.Error(out)
	}
}

func TestInitElsewhere(t *testing.T) {
	t.Parallel()
	if code, _, stderr := authent(t, "init", t.TempDir()); code != exitError || !strings.Contains(stderr, "go mod init") {
		t.Errorf("no module: exit %d, %s", code, stderr)
	}
	if code, _, stderr := authent(t, "init", filepath.Join(t.TempDir(), "none")); code != exitError || !strings.Contains(stderr, "not a directory") {
		t.Errorf("no directory: exit %d, %s", code, stderr)
	}
	dir := newModule(t)
	writeFile(t, filepath.Join(dir, "ent"), "a file")
	if code, _, stderr := authent(t, "init", dir); code != exitError || !strings.Contains(stderr, "ent") {
		t.Errorf("a file in the way: exit %d, %s", code, stderr)
	}
}

// newModule makes a Go module that uses this repository.
func newModule(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "go.mod"), "module example.com/app\n\ngo 1.26.0\n\nreplace github.com/agentuity/auth-go => "+root+"\n")
	return dir
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func goCommand(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
