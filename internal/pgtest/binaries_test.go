package pgtest

import (
	"os"
	"strings"
	"testing"
)

// A machine without Postgres gets a sentence that says what to do.
func TestNoBinaries(t *testing.T) {
	was := installations
	t.Cleanup(func() { installations = was })
	installations = []string{t.TempDir() + "/*/bin"}
	t.Setenv("PATH", t.TempDir())
	t.Setenv(EnvURL, "")
	_, err := Start()
	if err == nil {
		t.Fatal("a cluster was started")
	}
	for _, want := range []string{"apt-get install postgresql", "make test-deps", EnvURL} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("want %q in %q", want, err)
		}
	}
}

// Of several installations, the newest is taken, and one without a server is not.
func TestBinaries(t *testing.T) {
	was := installations
	t.Cleanup(func() { installations = was })
	root := t.TempDir()
	installations = []string{root + "/*/bin"}
	t.Setenv("PATH", t.TempDir())
	for dir, programs := range map[string][]string{"9": {"initdb", "postgres"}, "15": {"initdb", "postgres"}, "17": {"initdb"}} {
		if err := os.MkdirAll(root+"/"+dir+"/bin", 0o700); err != nil {
			t.Fatal(err)
		}
		for _, program := range programs {
			if err := os.WriteFile(root+"/"+dir+"/bin/"+program, nil, 0o700); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, err := binaries(); err != nil || got != root+"/15/bin" {
		t.Errorf("binaries: %q, %v", got, err)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]int{
		"/usr/lib/postgresql/17/bin":                           17,
		"/usr/lib/postgresql/9.6/bin":                          9,
		"/usr/pgsql-16/bin":                                    16,
		"/usr/libexec/postgresql18":                            18,
		"/opt/homebrew/opt/postgresql@14/bin":                  14,
		"/opt/homebrew/opt/postgresql/bin":                     0,
		"/Applications/Postgres.app/Contents/Versions/15/bin":  15,
		"/Applications/Postgres.app/Contents/Versions/9.5/bin": 9,
	} {
		if got := version(dir); got != want {
			t.Errorf("%s: %d, want %d", dir, got, want)
		}
	}
}
