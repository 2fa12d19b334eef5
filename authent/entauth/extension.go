// Package entauth is the Ent extension of authent. It checks the schema that an app
// composes from the auth tables and its own, and adds to the client that is generated
// from it:
//
//   - shared primary keys: a table whose id is the foreign key of a one-to-one edge,
//   - secrets: columns that an ordinary query does not select,
//   - prepared queries, updates of one row in one statement, and reading with less work,
//   - inputs: a struct for creating and one for updating each type, with SetInput,
//   - joins: eager loading in one round trip,
//   - the auth service on the client: AuthStore, OpenAuth, and the user of a request in UserFromContext,
//   - unique constraints: unique indexes that Postgres keeps as constraints of the table.
//
// An app generates its client with it in ent/entc.go:
//
//	ex, err := entauth.NewExtension()
//	if err != nil {
//		log.Fatalf("creating the auth extension: %v", err)
//	}
//	err = entc.Generate("./schema", &gen.Config{}, entc.Extensions(ex))
//	if err != nil {
//		log.Fatalf("running ent codegen: %v", err)
//	}
//
// The package is used at build time only. What schemas refer to is in package mixins.
package entauth

import (
	"fmt"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
)

// Extension is the Ent extension of authent. Create it with NewExtension.
type Extension struct {
	entc.DefaultExtension

	schemaPath string
	noTables   bool
	noInputs   bool
	noService  bool
	noJoins    bool
}

// ExtensionOption configures an Extension.
type ExtensionOption func(*Extension) error

// NewExtension returns the extension, configured by opts. It fails if an option does.
func NewExtension(opts ...ExtensionOption) (*Extension, error) {
	ex := &Extension{}
	for _, opt := range opts {
		if err := opt(ex); err != nil {
			return nil, fmt.Errorf("entauth: %w", err)
		}
	}
	return ex, nil
}

// WithSchemaPath names the directory of the app's schema, for the errors that can be told
// from its source before Ent loads it. Defaults to the directory "schema" in the target of
// the code generation, which is where it is unless gen.Config.Target is set.
func WithSchemaPath(path string) ExtensionOption {
	return func(ex *Extension) error {
		ex.schemaPath = path
		return nil
	}
}

// WithAuthTables says whether the schema has auth tables. Defaults to true, and a schema without them is
// refused. With false the extension is one for any schema of Ent's: it takes no type for an auth table,
// whatever its name, and adds what has nothing to do with authentication: joins, prepared queries,
// updates in one statement, inputs, secrets and shared primary keys. A type that has the mixin of an
// auth table is refused then.
func WithAuthTables(on bool) ExtensionOption {
	return func(ex *Extension) error {
		ex.noTables = !on
		return nil
	}
}

// WithInputs says whether the input types are generated. Defaults to true.
func WithInputs(on bool) ExtensionOption {
	return func(ex *Extension) error {
		ex.noInputs = !on
		return nil
	}
}

// WithService says whether the client gets what the auth service needs: AuthStore and OpenAuth. Defaults
// to true; an app that only uses the tables may turn it off.
func WithService(on bool) ExtensionOption {
	return func(ex *Extension) error {
		ex.noService = !on
		return nil
	}
}

// WithJoins says whether queries load their edges in one round trip on package pgxdriver. Defaults
// to true. At run time, pgxdriver.WithJoins turns it off.
func WithJoins(on bool) ExtensionOption {
	return func(ex *Extension) error {
		ex.noJoins = !on
		return nil
	}
}

// Options of the extension. They run before the schema is loaded.
func (ex *Extension) Options() []entc.Option {
	return []entc.Option{ex.checkSource}
}

// Hooks of the extension. They run on the loaded graph, around the code generation.
func (ex *Extension) Hooks() []gen.Hook {
	return []gen.Hook{
		func(next gen.Generator) gen.Generator {
			return gen.GenerateFunc(func(g *gen.Graph) error {
				if err := ex.prepare(g); err != nil {
					return err
				}
				if err := next.Generate(g); err != nil {
					return err
				}
				return loadOldSecrets(g)
			})
		},
	}
}

// prepare checks the graph and changes what the templates build on.
func (ex *Extension) prepare(g *gen.Graph) error {
	if err := checkGraph(g, !ex.noTables); err != nil {
		return err
	}
	if err := markSecrets(g); err != nil {
		return err
	}
	if err := shareIDs(g); err != nil {
		return err
	}
	if err := fixThrough(g); err != nil {
		return err
	}
	dropTextIncrements(g)
	return checkInputs(g)
}

// Templates of the extension.
func (ex *Extension) Templates() []*gen.Template {
	all := []*gen.Template{clientTemplate, statementsTemplate}
	if !ex.noJoins {
		all = append(all, joinsTemplate)
	}
	if !ex.noInputs {
		all = append(all, inputTemplate)
	}
	if !ex.noService {
		all = append(all, storeTemplate)
	}
	return all
}

var _ entc.Extension = (*Extension)(nil)
