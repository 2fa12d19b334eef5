//go:build ignore

package main

import (
	"log"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"

	"github.com/agentuity/auth-go/authent/entauth"
)

// labels is an extension beside the one under test.
type labels struct{ entc.DefaultExtension }

// Templates of the extension.
func (labels) Templates() []*gen.Template {
	return []*gen.Template{
		gen.MustParse(gen.NewTemplate("labels").Parse(`
{{ define "model/additional/labels" }}
	// TypeLabel returns the name of the type.
	func (*{{ $.Name }}) TypeLabel() string { return "{{ $.Name }}" }
{{ end }}
{{ define "dialect/sql/query/spec/labels" }}
	_ = _spec
{{ end }}
`)),
	}
}

func main() {
	ex, err := entauth.NewExtension()
	if err != nil {
		log.Fatalf("creating the auth extension: %v", err)
	}
	err = entc.Generate("./schema", &gen.Config{Features: gen.AllFeatures}, entc.Extensions(ex, labels{}),
		entc.TemplateFiles("../../equality/catalog/catalog.tmpl"))
	if err != nil {
		log.Fatalf("running ent codegen: %v", err)
	}
}
