//go:build ignore

package main

import (
	"log"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"

	"github.com/agentuity/auth-go/authent/entauth"
)

func main() {
	ex, err := entauth.NewExtension()
	if err != nil {
		log.Fatalf("creating the auth extension: %v", err)
	}
	err = entc.Generate("./schema",
		&gen.Config{
			Features: []gen.Feature{gen.FeatureNamedEdges, gen.FeatureIntercept, gen.FeatureLock, gen.FeatureModifier, gen.FeatureExecQuery, gen.FeatureUpsert},
		},
		entc.Extensions(ex),
		entc.TemplateFiles("../catalog/catalog.tmpl"),
	)
	if err != nil {
		log.Fatalf("running ent codegen: %v", err)
	}
}
