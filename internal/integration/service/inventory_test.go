package service_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// repository is the folder of the repository.
const repository = "../../.."

var (
	testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	namedTest    = regexp.MustCompile("`((?:Test|Fuzz)\\w+)`")
)

// testNames are the tests and fuzz targets of the repository.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names, err := findTests()
	if err != nil {
		t.Fatal(err)
	}
	return names
}

var findTests = sync.OnceValues(func() (map[string]bool, error) {
	names := map[string]bool{}
	err := filepath.WalkDir(repository, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git"):
			return filepath.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		for _, match := range testFunction.FindAllStringSubmatch(string(text), -1) {
			names[match[1]] = true
		}
		return err
	})
	return names, err
})

// TestSecurityPage: each test that docs/security.md names exists, no row is without one, and each test of an advisory is on the page.
func TestSecurityPage(t *testing.T) {
	t.Parallel()
	page := string(must(os.ReadFile(filepath.Join(repository, "docs/security.md")))(t))
	names, onPage := testNames(t), map[string]bool{}
	for _, match := range namedTest.FindAllStringSubmatch(page, -1) {
		if onPage[match[1]] = true; !names[match[1]] {
			t.Errorf("there is no test %s", match[1])
		}
	}
	rows := 0
	for line := range strings.Lines(page) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| case") {
			continue
		}
		if rows++; !namedTest.MatchString(line) {
			t.Errorf("a row without a test: %s", line)
		}
	}
	if rows < 60 {
		t.Errorf("the page has %d rows", rows)
	}
	for name := range names {
		if strings.HasPrefix(name, "TestGHSA_") && !onPage[name] {
			t.Errorf("%s is not on the page", name)
		}
	}
}
