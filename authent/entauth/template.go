package entauth

import (
	"embed"
	"text/template"

	"entgo.io/ent/entc/gen"
)

//go:embed template/*.tmpl
var templates embed.FS

var (
	// clientTemplate extends the builders that Ent generates.
	clientTemplate = parse("client", "template/secret.tmpl", "template/shared_id.tmpl", "template/migrate.tmpl", "template/update_one.tmpl", "template/read.tmpl", "template/prepare.tmpl", "template/per_parent.tmpl")

	// statementsTemplate generates the file of what queries and updates of the client run on.
	statementsTemplate = parse("auth_statements", "template/statements.tmpl")

	// joinsTemplate makes queries load their edges in one round trip.
	joinsTemplate = parse("joins", "template/joins.tmpl")

	// inputTemplate generates the file of the inputs.
	inputTemplate = parse("mutation_input", "template/mutation_input.tmpl")

	// storeTemplate generates the file of the auth service's store.
	storeTemplate = parse("auth_store", "template/store.tmpl").SkipIf(func(g *gen.Graph) bool {
		ok, err := hasStore(g)
		return err == nil && !ok
	})
)

func parse(name string, files ...string) *gen.Template {
	return gen.MustParse(gen.NewTemplate(name).Funcs(funcs).ParseFS(templates, files...))
}

// funcs are the functions of the templates. Ent keeps one set for all extensions, hence the prefix.
var funcs = template.FuncMap{
	"authHasSecrets":        hasSecrets,
	"authIsSecret":          isSecret,
	"authSharedIDEdge":      sharedIDEdge,
	"authSharesID":          sharesID,
	"authInputs":            inputs,
	"authUniqueConstraints": uniqueConstraints,
	"authEntities":          entities,
	"authColumns":           entityColumns,
	"authStoreTables":       storeTables,
	"authType":              entityType,
	"authFields":            authFields,
	"authExtraFields":       extraFields,
	"authHiddenFields":      hiddenFields,
	"authRecordHasSecrets":  recordHasSecrets,
	"authIsInput":           isInput,
	"authRecordField":       recordField,
	"authEdgeTo":            edgeTo,
	"authEdgeFrom":          edgeFrom,
	"authHasStore":          hasStore,
	"authKeyType":           keyType,
	"authMayRefuseRow":      mayRefuseRow,
	"authReusesScan":        reusesScan,
	"authAnySecrets":        anySecrets,
	"authMakes":             makes,
	"authHasMany":           hasMany,
	"authAttaches":          attaches,
	"authIsMade":            isMade,
	"authQueriesPlainly":    queriesPlainly,
	"authUpdatesPlainly":    updatesPlainly,
}
