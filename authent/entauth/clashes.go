package entauth

import (
	"cmp"
	"slices"
	"strings"

	"entgo.io/ent/entc/gen"

	"github.com/agentuity/auth-go/mixins"
)

// checkClashes reports what is there twice though it cannot be: tables, columns, names in Go
// and names of indexes. Ent generates code for it that does not compile, or tables that
// cannot be created.
func checkClashes(problems *problems, g *gen.Graph, auth map[string]*gen.Type) {
	type index struct {
		*gen.Index
		of *gen.Type
	}
	tables, indexes := make(map[string]*gen.Type), make(map[string]index)
	// The auth tables come first: a clash is for the app's own to give way.
	nodes := slices.Clone(g.Nodes)
	slices.SortStableFunc(nodes, func(a, b *gen.Type) int {
		return cmp.Compare(btoi(auth[a.Name] == nil), btoi(auth[b.Name] == nil))
	})
	for _, n := range nodes {
		checkFieldClashes(problems, n)
		if ant := n.EntSQL(); n.IsView() || ant != nil && ant.Skip {
			continue // Not a table of its own.
		}
		schema := schemaOf(n)
		if other := tables[schema+n.Table()]; other != nil {
			problems.add(n, "has the table %q, which is that of %s: give it another with entsql.Table", n.Table(), other.Name)
		}
		tables[schema+n.Table()] = n
		for _, idx := range n.Indexes {
			switch other := indexes[schema+idx.Name]; {
			case other.of == nil:
			case other.of != n:
				problems.add(n, "has an index named %q, as %s has: give it another name with StorageKey", idx.Name, other.of.Name)
			case !slices.Equal(other.Columns, idx.Columns): // Ent adds the index of an edge schema twice.
				problems.add(n, "has two indexes named %q: give one of them another name with StorageKey", idx.Name)
			}
			indexes[schema+idx.Name] = index{idx, n}
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func checkFieldClashes(problems *problems, t *gen.Type) {
	columns, names := make(map[string]*gen.Field), make(map[string]*gen.Field)
	fields := t.Fields
	if t.HasOneFieldID() {
		fields = slices.Concat([]*gen.Field{t.ID}, fields)
	}
	for _, f := range fields {
		other := columns[f.StorageKey()]
		if other != nil {
			problems.add(t, "fields %q and %q have the same column %q: give one of them another with StorageKey", other.Name, f.Name, f.StorageKey())
		}
		if sameName := names[f.StructField()]; sameName != nil && other == nil {
			problems.add(t, "fields %q and %q would both be %s in Go: give one of them another name", sameName.Name, f.Name, f.StructField())
		}
		columns[f.StorageKey()], names[f.StructField()] = f, f
	}
	for _, fk := range t.ForeignKeys {
		if other := columns[fk.Field.StorageKey()]; other != nil && !fk.UserDefined && other != t.ID {
			problems.add(t, "field %q has the column %q, which is the foreign key of edge %q: write Field(%q) on the edge", other.Name, other.StorageKey(), fk.Edge.Name, other.Name)
		}
	}
}

// schemaOf returns the database schema of a type, as part of a key.
func schemaOf(t *gen.Type) string {
	if ant := t.EntSQL(); ant != nil && ant.Schema != "" {
		return ant.Schema + "."
	}
	return ""
}

// checkAnnotations reports annotations of package mixins that have no effect where they are.
func checkAnnotations(problems *problems, g *gen.Graph) {
	secret, inputs, unique := mixins.Secret().Name(), mixins.Inputs().Name(), mixins.UniqueConstraint().Name()
	for _, n := range g.Nodes {
		if n.Annotations[secret] != nil {
			problems.add(n, "mixins.Secret is an annotation of fields: move it to the Annotations of the secret field")
		}
		if n.Annotations[unique] != nil {
			problems.add(n, "mixins.UniqueConstraint is an annotation of unique indexes: move it to the Annotations of the index")
		}
		for _, f := range n.Fields {
			if f.Annotations[inputs] != nil {
				problems.add(n, "field %q has mixins.Inputs, which is an annotation of schemas: move it to the Annotations of %s", f.Name, n.Name)
			}
			if f.Annotations[unique] != nil {
				problems.add(n, "field %q has mixins.UniqueConstraint, which is an annotation of indexes: in place of Unique(), write index.Fields(%q).Unique().Annotations(mixins.UniqueConstraint()) in Indexes", f.Name, f.Name)
			}
		}
		for _, e := range n.Edges {
			if e.Annotations[secret] != nil || e.Annotations[inputs] != nil || e.Annotations[unique] != nil {
				problems.add(n, "edge %q has an annotation of package mixins, of which none is for edges: remove it", e.Name)
			}
		}
		for _, idx := range n.Indexes {
			if idx.Annotations[unique] != nil && !idx.Unique {
				problems.add(n, "the index on %s has mixins.UniqueConstraint and is not unique: add Unique()", strings.Join(idx.Columns, ", "))
			}
		}
	}
}

// generatedName says what else Ent generates under the name of an input, or "".
func generatedName(g *gen.Graph, name string) string {
	if slices.Contains(generatedNames, name) {
		return name
	}
	for _, n := range g.Nodes {
		rest, ok := strings.CutPrefix(name, n.Name)
		if ok && slices.Contains(generatedSuffixes, rest) {
			return name
		}
		if name == "Type"+n.Name || name == plural(n.Name) {
			return name
		}
	}
	return ""
}

// plural is the function of Ent that names the slices of a type.
var plural = gen.Funcs["plural"].(func(string) string)

// generatedNames are the exported names in the package of each client.
var generatedNames = []string{
	"AggregateFunc", "As", "Asc", "Client", "CommitFunc", "CommitHook", "Committer", "ConstraintError", "Count", "Debug", "Desc",
	"Driver", "ErrTxStarted", "FromContext", "Hook", "InterceptFunc", "Interceptor", "IsConstraintError", "IsNotFound", "IsNotLoaded",
	"IsNotSingular", "IsValidationError", "Log", "MaskNotFound", "Max", "Mean", "Min", "MutateFunc", "Mutation", "Mutator", "NewClient",
	"NewContext", "NewTxContext", "NotFoundError", "NotLoadedError", "NotSingularError", "Op", "OpCreate", "OpDelete", "OpDeleteOne",
	"OpUpdate", "OpUpdateOne", "Open", "Option", "OrderFunc", "Policy", "Querier", "QuerierFunc", "Query", "QueryContext", "RollbackFunc",
	"RollbackHook", "Rollbacker", "SchemaConfig", "AlternateSchema", "Sum", "TraverseFunc", "Traverser", "Tx", "TxFromContext",
	"ValidationError", "Value",
}

// generatedSuffixes follow the name of each type in the names of what is generated for it.
var generatedSuffixes = []string{
	"Client", "Create", "CreateBulk", "Delete", "DeleteOne", "Edges", "Filter", "GroupBy", "Mutation", "Query", "Select", "Update",
	"UpdateOne", "Upsert", "UpsertBulk", "UpsertOne",
}
