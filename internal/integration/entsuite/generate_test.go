package entsuite_test

import (
	"net/http"
	"testing"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
	"entgo.io/ent/schema/field"
	"golang.org/x/tools/txtar"

	"github.com/agentuity/auth-go/authent/entauth"
)

// client is a client that is generated: what Ent's generate.go and entc.go say of it.
type client struct {
	dir       string
	features  []string
	templates string // a directory
	idType    *field.TypeInfo
	options   []entc.Option
	// twice says that the schema imports the client that is generated from it, for its hooks,
	// interceptors and policies: it is generated without them first.
	twice bool
}

var clients = []client{
	{
		dir:       "ent",
		features:  []string{"entql", "sql/modifier", "sql/lock", "sql/upsert", "sql/execquery", "namedges", "bidiedges", "sql/globalid"},
		templates: "ent/template",
	},
	{dir: "cascadelete/ent"},
	{dir: "config/ent"},
	{dir: "customid/ent", features: []string{"sql/upsert", "privacy", "entql"}},
	{dir: "edgefield/ent", features: []string{"namedges"}},
	{dir: "hooks/ent", features: []string{"intercept", "schema/snapshot"}, twice: true},
	{dir: "idtype/ent", idType: &field.TypeInfo{Type: field.TypeUint64}},
	{dir: "json/ent", features: []string{"sql/modifier"}},
	{dir: "migrate/entv1"},
	{dir: "migrate/entv2", features: []string{"sql/versioned-migration"}},
	{dir: "migrate/versioned", features: []string{"sql/versioned-migration"}},
	{dir: "multischema/ent", features: []string{"sql/modifier", "sql/schemaconfig"}, templates: "multischema/ent/template"},
	{
		dir:      "privacy/ent",
		features: []string{"privacy", "entql", "schema/snapshot"},
		options:  []entc.Option{entc.Dependency(entc.DependencyType(&http.Client{}))},
		twice:    true,
	},
	// Its schema imports that of privacy.
	{dir: "edgeschema/ent", features: []string{"entql", "sql/upsert", "privacy", "schema/snapshot"}, twice: true},
	{dir: "template/ent", templates: "template/ent/template"},
}

// generate generates the client, in the current directory.
func (c client) generate(t *testing.T, a *txtar.Archive) {
	t.Helper()
	ex, err := entauth.NewExtension(entauth.WithAuthTables(false))
	if err != nil {
		t.Fatal(err)
	}
	options := append([]entc.Option{entc.Extensions(ex), entc.FeatureNames(c.features...)}, c.options...)
	if c.templates != "" {
		options = append(options, entc.TemplateDir("./"+c.templates))
	}
	schema := c.dir + "/schema/"
	run := func() {
		if err := entc.Generate("./"+schema, &gen.Config{IDType: c.idType}, options...); err != nil {
			t.Fatalf("%s: %v", c.dir, err)
		}
	}
	if c.twice {
		writeFiles(t, a, schema, editSchema)
		run()
		writeFiles(t, a, schema, editFile)
	}
	run()
}
