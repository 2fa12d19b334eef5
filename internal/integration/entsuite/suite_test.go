package entsuite_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
	"golang.org/x/tools/txtar"

	"github.com/agentuity/auth-go/internal/pgtest"
)

var keep = flag.String("keep", "", "make the module of Ent's tests in this directory, and leave it")

// modes are what Ent's tests run on: see testdata/native.
var modes = []string{"joins", "separate"}

// TestEnt generates the clients of Ent's tests with the extension, builds the tests and runs them in every mode.
func TestEnt(t *testing.T) {
	if raceDetector {
		t.Skip("Ent's tests are programs of their own, without the race detector: they run where this one has none")
	}
	a := readArchive(t)
	unpack(t, a)
	// Without the path of the directory in them, packages are built once for all runs.
	t.Setenv("GOFLAGS", "-trimpath")
	t.Setenv("GOPROXY", "off") // What Ent's tests import is in go.mod.
	var builds errgroup.Group
	for i, c := range clients {
		c.generate(t, a)
		if i+1 < len(clients) && clients[i+1].suite() == c.suite() {
			continue
		}
		builds.Go(func() error { return build(t, c.suite()) }) // While the next client is generated.
	}
	if err := builds.Wait(); err != nil {
		t.Fatal(err)
	}
	postgres := pgtest.New(t)
	for _, mode := range modes {
		for i, c := range clients {
			if i == 0 || clients[i-1].suite() != c.suite() {
				t.Run(mode+"/"+c.name(), func(t *testing.T) { runSuite(t, c, mode, postgres) })
			}
		}
	}
}

// suite returns the directory of the tests of a client.
func (c client) suite() string {
	dir, _, below := strings.Cut(c.dir, "/")
	if !below {
		return "." // The client "ent" is that of the tests in the root.
	}
	return dir
}

// name returns the name of the tests of a client.
func (c client) name() string {
	if c.suite() == "." {
		return "integration"
	}
	return c.suite()
}

// build makes the program of a directory of tests, in that directory. It is compiled fast, for it runs once.
func build(t *testing.T, dir string) error {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-gcflags="+module+"/...=-N -l", "-c", "-o", filepath.Join(dir, "suite.test"), "./"+dir) //nolint:gosec // The command is go.
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the tests in %s: %w\n%s", dir, err, out)
	}
	return nil
}

var (
	passed  = regexp.MustCompile(`(?m)^ *--- PASS: `)
	skipped = regexp.MustCompile(`(?m)^ *--- SKIP: .*`)
)

// runSuite runs the program of the tests of a client.
func runSuite(t *testing.T, c client, mode, postgres string) {
	t.Helper()
	program, err := filepath.Abs(filepath.Join(c.suite(), "suite.test"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.v", "-test.timeout=5m") //nolint:gosec // The program is the one built above.
	cmd.Dir = c.suite()
	cmd.Env = append(os.Environ(), "ENTSUITE_MODE="+mode, "ENTSUITE_POSTGRES="+postgres)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if names := skipped.FindAll(out, -1); names != nil {
		t.Errorf("tests were skipped:\n%s", bytes.Join(names, []byte("\n")))
	}
	n := len(passed.FindAll(out, -1))
	if n == 0 {
		t.Errorf("no test ran:\n%s", out)
	}
	t.Logf("%d tests passed", n)
}

// unpack makes the module of Ent's tests, and changes to its directory.
func unpack(t *testing.T, a *txtar.Archive) {
	t.Helper()
	repository, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	mod := strings.Replace(readFile(t, "../go.mod"), "module github.com/agentuity/auth-go/internal/integration", "module "+module, 1)
	mod = strings.ReplaceAll(mod, "=> ../..", "=> "+repository)
	sum, native := readFile(t, "../go.sum"), readFile(t, "testdata/native/native.go")
	dir := *keep
	if dir == "" {
		dir = t.TempDir()
	}
	t.Chdir(dir)
	writeFile(t, "go.mod", mod)
	writeFile(t, "go.sum", sum)
	writeFile(t, "native/native.go", native)
	writeFiles(t, a, "", editFile)
}

// writeFiles writes the files of the archive whose names begin with prefix.
func writeFiles(t *testing.T, a *txtar.Archive, prefix string, edit func(name, text string) (string, error)) {
	t.Helper()
	for _, f := range a.Files {
		if !strings.HasPrefix(f.Name, prefix) {
			continue
		}
		text, err := edit(f.Name, string(f.Data))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.FromSlash(f.Name), text)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name) //nolint:gosec // A file of the test.
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
