package entauth

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"entgo.io/ent/entc/gen"

	"github.com/agentuity/auth-go/mixins"
)

// isSecret reports whether a field is marked with mixins.Secret.
func isSecret(f *gen.Field) bool {
	_, ok := f.Annotations[mixins.Secret().Name()]
	return ok
}

// hasSecrets reports whether a type has a field that is marked with mixins.Secret.
func hasSecrets(t *gen.Type) bool {
	for _, f := range t.Fields {
		if isSecret(f) {
			return true
		}
	}
	return false
}

// markSecrets makes every secret field Sensitive, as if its schema said so.
func markSecrets(g *gen.Graph) error {
	var problems problems
	for _, n := range g.Nodes {
		if n.ID != nil && isSecret(n.ID) {
			problems.add(n, "the id is marked with mixins.Secret, but every query needs it: remove the annotation")
		}
		for _, f := range n.Fields {
			if !isSecret(f) {
				continue
			}
			switch {
			case f.IsEdgeField():
				problems.add(n, "field %q is marked with mixins.Secret, but it is the foreign key of an edge, which eager loading needs: remove the annotation", f.Name)
			case f.Sensitive():
			case f.StructTag != `json:"`+f.Name+`,omitempty"`:
				problems.add(n, "field %q is marked with mixins.Secret and has a struct tag: remove StructTag, a secret is never part of JSON", f.Name)
			default:
				setSensitive(g, n.Name, f.Name)
			}
		}
	}
	return problems.err()
}

// setSensitive changes the definition that gen.Field.Sensitive reads. The field shares it
// with the graph's schemas.
func setSensitive(g *gen.Graph, schema, field string) {
	for _, s := range g.Schemas {
		if s.Name != schema {
			continue
		}
		for _, f := range s.Fields {
			if f.Name == field {
				f.Sensitive = true
			}
		}
	}
}

// loadOldSecrets makes the Old methods of a mutation (OldKey) load the secret that they
// return. Ent loads the old entity with an ordinary query, which would leave it empty, and
// its template of mutations has no place for another one.
func loadOldSecrets(g *gen.Graph) error {
	var replace []string
	for _, n := range g.MutableNodes() {
		if !hasSecrets(n) || !n.HasOneFieldID() {
			continue
		}
		replace = append(replace,
			fmt.Sprintf("m.Client().%s.Get(ctx, id)", n.Name),
			fmt.Sprintf("m.Client().%s.Query().Where(%s.%s(id)).IncludeSecrets().Only(ctx)", n.Name, n.Package(), n.ID.StructField()),
		)
	}
	if len(replace) == 0 {
		return nil
	}
	path := filepath.Join(g.Target, "mutation.go")
	code, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("entauth: load old secrets: %w", err)
	}
	for i := 0; i < len(replace); i += 2 {
		if n := strings.Count(string(code), replace[i]); n != 1 {
			return fmt.Errorf("entauth: load old secrets: found %q %d times in %s, want once: this version of Ent (%s) is not supported", replace[i], n, path, g.ModuleInfo().Version)
		}
	}
	code = []byte(strings.NewReplacer(replace...).Replace(string(code)))
	if err := os.WriteFile(path, code, 0o644); err != nil {
		return fmt.Errorf("entauth: load old secrets: %w", err)
	}
	return nil
}
