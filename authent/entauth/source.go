package entauth

import (
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"entgo.io/ent"
	"entgo.io/ent/entc/gen"

	"github.com/agentuity/auth-go/mixins"
)

// The packages whose names the source of a schema uses.
const (
	mixinsPkg = "github.com/agentuity/auth-go/mixins"
	schemaPkg = "github.com/agentuity/auth-go/ent/schema"
)

// checkSource reports what can be told from the source of the schema, and what Ent would
// stop at with an error that names neither the schema nor a fix: an auth table that is
// missing, and a field or edge that an auth table has already. It is silent about what it
// cannot read, for Ent to report.
func (ex *Extension) checkSource(cfg *gen.Config) error {
	dir := ex.schemaPath
	if dir == "" {
		dir = filepath.Join(cfg.Target, "schema")
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		if ex.schemaPath != "" {
			return fmt.Errorf("entauth: WithSchemaPath(%q): not a directory", ex.schemaPath)
		}
		return nil
	}
	types, err := parseSchema(dir)
	if err != nil {
		types = nil // Not valid Go: the compiler, which Ent runs next, says it better.
	}
	var problems problems
	for _, name := range slices.Sorted(maps.Keys(types)) {
		types[name].check(&problems, types)
	}
	return problems.err()
}

// sourceType is a type of the schema package, as far as its source tells.
type sourceType struct {
	name     string
	pos      token.Position
	mixin    ent.Mixin // The auth table's mixin with the options that the app gave, or nil.
	label    string    // How the mixin stands in the source: "mixins.User".
	embedded string    // The mixin that the type embeds by mistake: "User".
	fields   map[string]token.Position
	edges    map[string]token.Position
}

// check reports the problems of one type.
func (t *sourceType) check(problems *problems, types map[string]*sourceType) {
	if t.embedded != "" {
		problems.addAt(t.pos.String(), t.name, "embeds mixins.%[1]s, which is a mixin and not a schema: embed authschema.%[1]s (import authschema %[2]q), or embed ent.Schema and return mixins.%[1]s{} from Mixin", t.embedded, schemaPkg)
	}
	if t.mixin == nil {
		return
	}
	for _, f := range t.mixin.Fields() {
		name := f.Descriptor().Name
		if pos, ok := t.fields[name]; ok {
			problems.addAt(pos.String(), t.name, "field %q is declared by %s already: remove it, or give the app's own field another name", name, t.label)
		}
		if pos, ok := t.edges[name]; ok {
			problems.addAt(pos.String(), t.name, "edge %q has the name of a field that %s declares: give it another name", name, t.label)
		}
	}
	for _, e := range edgesOf(t.mixin) {
		if pos, ok := t.edges[e.Name]; ok {
			fix := "remove it, or give the app's own edge another name"
			if option := t.option(e.Name, `"..."`); option != "" {
				fix += ", or the mixin's with " + option
			}
			problems.addAt(pos.String(), t.name, "edge %q is declared by %s already: %s", e.Name, t.label, fix)
		}
		if pos, ok := t.fields[e.Name]; ok {
			problems.addAt(pos.String(), t.name, "field %q has the name of an edge that %s declares: give it another name", e.Name, t.label)
		}
		if types[e.Type] == nil {
			fix := fmt.Sprintf("add \"type %s struct{ authschema.%s }\"", e.Type, e.Type)
			if option := t.option(e.Name, "mixins.Omit"); option != "" {
				fix += ", or leave the edge out with " + option
			}
			problems.addAt(t.pos.String(), t.name, "edge %q of %s leads to %s, which is not in the schema: %s", e.Name, t.label, e.Type, fix)
		}
	}
}

// option returns the option of the mixin that gives one of its edges the value, or "".
func (t *sourceType) option(edge, value string) string {
	names := reflect.ValueOf(t.mixin).FieldByName("EdgeNames")
	if !names.IsValid() {
		return ""
	}
	for i := range names.NumField() {
		m := reflect.New(reflect.TypeOf(t.mixin)).Elem()
		m.Set(reflect.ValueOf(t.mixin))
		m.FieldByName("EdgeNames").Field(i).SetString(mixins.Omit)
		without, ok := m.Interface().(ent.Mixin)
		if ok && !slices.ContainsFunc(without.Edges(), func(e ent.Edge) bool { return e.Descriptor().Name == edge }) {
			return fmt.Sprintf("mixins.%s{EdgeNames: mixins.%s{%s: %s}}", t.name, names.Type().Name(), names.Type().Field(i).Name, value)
		}
	}
	return ""
}

// parseSchema reads the types of the schema package in dir.
func parseSchema(dir string) (map[string]*sourceType, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var (
		fset  = token.NewFileSet()
		types = make(map[string]*sourceType)
		files []*ast.File
	)
	for _, entry := range entries {
		if name := entry.Name(); entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, filepath.Join(dir, entry.Name()), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		if !ignored(file) {
			files = append(files, file)
		}
	}
	for _, file := range files {
		for _, decl := range file.Decls {
			if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.TYPE {
				for _, spec := range d.Specs {
					t := newSourceType(fset, file, spec.(*ast.TypeSpec))
					types[t.name] = t
				}
			}
		}
	}
	for _, file := range files {
		for _, decl := range file.Decls {
			if d, ok := decl.(*ast.FuncDecl); ok && d.Recv != nil && d.Body != nil {
				if t := types[receiver(d)]; t != nil {
					t.addMethod(fset, file, d)
				}
			}
		}
	}
	return types, nil
}

// newSourceType reads a type declaration: an auth table may be embedded in it.
func newSourceType(fset *token.FileSet, file *ast.File, spec *ast.TypeSpec) *sourceType {
	t := &sourceType{
		name:   spec.Name.Name,
		pos:    fset.Position(spec.Pos()),
		fields: make(map[string]token.Position),
		edges:  make(map[string]token.Position),
	}
	st, ok := spec.Type.(*ast.StructType)
	if !ok {
		return t
	}
	for _, f := range st.Fields.List {
		if len(f.Names) > 0 {
			continue
		}
		if name := selected(file, f.Type, schemaPkg); name != "" {
			if table, ok := authTables[name]; ok {
				t.mixin, t.label = table.mixin, "authschema."+name
			}
		}
		if name := selected(file, f.Type, mixinsPkg); authTables[name].mixin != nil {
			t.embedded = name
		}
	}
	return t
}

// addMethod reads a method: the mixins, fields and edges that it names literally.
func (t *sourceType) addMethod(fset *token.FileSet, file *ast.File, d *ast.FuncDecl) {
	ast.Inspect(d.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if name := selected(file, n.Type, mixinsPkg); d.Name.Name == "Mixin" && name != "" {
				if table, ok := authTables[name]; ok {
					t.mixin, t.label = configured(table.mixin, n), "mixins."+name
				}
			}
		case *ast.CallExpr:
			if len(n.Args) == 0 {
				return true
			}
			lit, ok := n.Args[0].(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			name, err := strconv.Unquote(lit.Value)
			if err != nil {
				return true
			}
			switch {
			case d.Name.Name == "Fields" && selected(file, n.Fun, "entgo.io/ent/schema/field") != "":
				t.fields[name] = fset.Position(n.Pos())
			case d.Name.Name == "Edges" && selected(file, n.Fun, "entgo.io/ent/schema/edge") != "":
				t.edges[name] = fset.Position(n.Pos())
			}
		}
		return true
	})
}

// configured returns the mixin with the names of edges that the literal gives it. It
// returns nil, for no check, if the names are not written out.
func configured(m ent.Mixin, lit *ast.CompositeLit) ent.Mixin {
	v := reflect.New(reflect.TypeOf(m)).Elem()
	for _, elt := range lit.Elts {
		key, value := keyValue(elt)
		if key != "EdgeNames" {
			continue
		}
		names, ok := value.(*ast.CompositeLit)
		if !ok {
			return nil
		}
		for _, elt := range names.Elts {
			key, value := keyValue(elt)
			field := v.FieldByName("EdgeNames").FieldByName(key)
			if !field.IsValid() {
				return nil
			}
			switch value := value.(type) {
			case *ast.BasicLit:
				name, err := strconv.Unquote(value.Value)
				if err != nil {
					return nil
				}
				field.SetString(name)
			case *ast.SelectorExpr:
				if value.Sel.Name != "Omit" {
					return nil
				}
				field.SetString(mixins.Omit)
			default:
				return nil
			}
		}
	}
	configured, _ := v.Interface().(ent.Mixin)
	return configured
}

func keyValue(elt ast.Expr) (string, ast.Expr) {
	kv, ok := elt.(*ast.KeyValueExpr)
	if !ok {
		return "", nil
	}
	key, ok := kv.Key.(*ast.Ident)
	if !ok {
		return "", nil
	}
	return key.Name, kv.Value
}

// selected returns the name that expr selects from the package with the given path, or "".
func selected(file *ast.File, expr ast.Expr, pkgPath string) string {
	sel, ok := expr.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok {
		return ""
	}
	for _, spec := range file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil || p != pkgPath {
			continue
		}
		name := path.Base(p)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == x.Name {
			return sel.Sel.Name
		}
	}
	return ""
}

// receiver returns the name of the type of a method.
func receiver(d *ast.FuncDecl) string {
	expr := d.Recv.List[0].Type
	if star, ok := expr.(*ast.StarExpr); ok {
		expr = star.X
	}
	if id, ok := expr.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// ignored reports whether a file is left out of the build in every case ("//go:build ignore").
func ignored(file *ast.File) bool {
	for _, group := range file.Comments {
		if group.Pos() > file.Package {
			break
		}
		for _, c := range group.List {
			if expr, err := constraint.Parse(c.Text); err == nil && !expr.Eval(func(tag string) bool { return tag != "ignore" }) {
				return true
			}
		}
	}
	return false
}
