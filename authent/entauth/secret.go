package entauth

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// anySecrets reports whether one of the types of a graph has secrets.
func anySecrets(g *gen.Graph) bool { return slices.ContainsFunc(g.Nodes, hasSecrets) }

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
// return. Ent takes it from the entity that the mutation was given, or that it loads with an
// ordinary query, which both leave it empty, and its template of mutations has no place for
// another way.
func loadOldSecrets(g *gen.Graph) error {
	path := filepath.Join(g.Target, "mutation.go")
	var code string
	for _, n := range g.MutableNodes() {
		if !hasSecrets(n) || !n.HasOneFieldID() {
			continue
		}
		if code == "" {
			text, err := os.ReadFile(path)
			if err != nil {
				return fmt.Errorf("entauth: load old secrets: %w", err)
			}
			code = string(text)
		}
		for _, f := range n.Fields {
			if !isSecret(f) {
				continue
			}
			edited, ok := loadOldSecret(code, n, f)
			if !ok {
				return fmt.Errorf("entauth: load old secrets: %s in %s is not as expected: this version of Ent (%s) is not supported", f.MutationGetOld(), path, g.ModuleInfo().Version)
			}
			code = edited
		}
	}
	if code == "" {
		return nil
	}
	if err := os.WriteFile(path, []byte(code), 0o644); err != nil {
		return fmt.Errorf("entauth: load old secrets: %w", err)
	}
	return nil
}

// loadOldSecret edits the Old method of one field: the old entity is to come from the method
// of template/secret.tmpl.
func loadOldSecret(code string, t *gen.Type, f *gen.Field) (string, bool) {
	before, method, ok := strings.Cut(code, fmt.Sprintf("\nfunc (m *%s) %s(ctx context.Context)", t.MutationName(), f.MutationGetOld()))
	if !ok {
		return "", false
	}
	body, after, ok := strings.Cut(method, "\n}\n")
	if !ok || strings.Count(body, "m.oldValue(ctx)") != 1 {
		return "", false
	}
	head := code[len(before) : len(code)-len(method)]
	return before + head + strings.Replace(body, "m.oldValue(ctx)", "m.oldWithSecrets(ctx)", 1) + "\n}\n" + after, true
}
