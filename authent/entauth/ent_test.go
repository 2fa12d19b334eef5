package entauth

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// overridden are the templates of Ent that this package replaces, with the hash of the
// version that the replacement was written from.
var overridden = map[string]string{
	"entc/gen/template/migrate/migrate.tmpl":                 "673a55a04ab20dcae1a353b1d196ed8b8c063335ecd038dcde01c589ea773982",
	"entc/gen/template/dialect/sql/feature/migratediff.tmpl": "389fa6e2fd39e8c5acb827fb614bfbc4dfef6942fc3a2520b0fc5b52ae93ddcb",
}

// TestOverriddenTemplates fails when Ent changes a template that this package replaces. Take
// the change over into template/migrate.tmpl, then the new hash into this file.
func TestOverriddenTemplates(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}} {{.Version}}", "entgo.io/ent").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir, version, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	for name, want := range overridden {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatalf("Ent %s has no %s, which template/migrate.tmpl replaces: %v", version, name, err)
		}
		sum := sha256.Sum256(text)
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("Ent %s changed %s: compare it with template/migrate.tmpl, which replaces it, then set its hash here to %s", version, name, got)
		}
	}
}
