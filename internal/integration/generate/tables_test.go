package generate_test

import (
	"strings"
	"testing"

	"entgo.io/ent/entc"
	"golang.org/x/tools/txtar"

	"github.com/agentuity/auth-go/authent/entauth"
)

// TestWithoutAuthTables generates from schemas that have nothing to do with authentication.
func TestWithoutAuthTables(t *testing.T) {
	ex, err := entauth.NewExtension(entauth.WithAuthTables(false))
	if err != nil {
		t.Fatal(err)
	}
	schema := func(text string) string {
		return writeSchema(t, txtar.Parse([]byte("-- user.go --\npackage schema\n\n"+text)))
	}
	generateTo(t, schema(`import "entgo.io/ent"

type User struct{ ent.Schema }
`), t.TempDir(), entc.Extensions(ex))
	dir := schema(`import (
	"entgo.io/ent"

	"github.com/agentuity/auth-go/mixins"
)

type Key struct{ ent.Schema }

func (Key) Mixin() []ent.Mixin { return []ent.Mixin{mixins.JWKS{}} }
`)
	err = entc.Generate("./"+dir, config(t.TempDir()), entc.Extensions(ex))
	if err == nil || !strings.Contains(err.Error(), `Key: has the mixin of the auth table "jwks", but entauth.WithAuthTables(false)`) {
		t.Errorf("a schema with an auth table: %v", err)
	}
}
