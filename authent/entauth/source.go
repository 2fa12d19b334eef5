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
		if cfg.IDType == nil { // Those that Ent makes are numbers.
			types[name].checkID(&problems, types)
		}
	}
	return problems.err()
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
		name:      spec.Name.Name,
		pos:       fset.Position(spec.Pos()),
		fields:    make(map[string]token.Position),
		edges:     make(map[string]*sourceEdge),
		edgesRead: true,
		numericID: true,
	}
	st, ok := spec.Type.(*ast.StructType)
	if !ok {
		if name := selected(file, spec.Type, schemaPkg); authTables[name].mixin != nil {
			t.mistake = fmt.Sprintf("is not a struct of its own, which Ent cannot load: write \"type %s struct{ authschema.%s }\"", t.name, name)
		}
		return t
	}
	for _, f := range st.Fields.List {
		if len(f.Names) > 0 {
			continue
		}
		typ, isPtr := f.Type, false
		if star, ok := typ.(*ast.StarExpr); ok {
			typ, isPtr = star.X, true
		}
		inSchema, inMixins := selected(file, typ, schemaPkg), selected(file, typ, mixinsPkg)
		switch {
		case authTables[inSchema].mixin != nil && isPtr:
			t.mistake = fmt.Sprintf("embeds a pointer, which is nil when Ent loads the schema: write \"type %s struct{ authschema.%s }\"", t.name, inSchema)
		case authTables[inSchema].mixin != nil:
			t.mixins = []sourceMixin{{ent: authTables[inSchema].mixin, table: inSchema, label: "authschema." + inSchema}}
			t.embeds = inSchema
		case authTables[inMixins].mixin != nil:
			t.mistake = fmt.Sprintf("embeds mixins.%[1]s, which is a mixin and not a schema: embed authschema.%[1]s (import authschema %[2]q), or embed ent.Schema and return mixins.%[1]s{} from Mixin", inMixins, schemaPkg)
		case inMixins != "":
			t.mistake = fmt.Sprintf("embeds mixins.%[1]s, which is a mixin and not a schema: embed ent.Schema, and return mixins.%[1]s{} from Mixin", inMixins)
		case selected(file, typ, "entgo.io/ent") == "":
			t.edgesRead = false
		}
		t.numericID = t.numericID && selected(file, typ, "entgo.io/ent") == "Schema"
	}
	return t
}

// addMethod reads a method: the mixins, fields and edges that it names literally.
func (t *sourceType) addMethod(fset *token.FileSet, file *ast.File, d *ast.FuncDecl) {
	switch d.Name.Name {
	case "Mixin":
		t.numericID = t.numericID && returnsLiteral(d) && len(listed(d)) == 0
		t.addMixins(file, d)
	case "Fields":
		t.numericID = t.numericID && returnsLiteral(d)
		ast.Inspect(d.Body, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && selected(file, call.Fun, "entgo.io/ent/schema/field") != "" {
				if name, ok := stringArg(call); ok {
					t.numericID = t.numericID && name != "id"
					t.fields[name] = fset.Position(call.Pos())
				}
			}
			return true
		})
	case "Edges":
		t.edgesRead = t.edgesRead && returnsLiteral(d)
		for _, n := range listed(d) {
			if !t.addEdge(fset, file, n) {
				t.edgesRead = false
			}
		}
	}
}

// addMixins reads the method Mixin.
func (t *sourceType) addMixins(file *ast.File, d *ast.FuncDecl) {
	var (
		all           []sourceMixin
		keeps, writes bool // The embedded auth table: its Mixin is called, or its mixin is in the list.
	)
	ast.Inspect(d.Body, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && t.embeds != "" {
			keeps = keeps || selected(file, e, schemaPkg) == t.embeds
			writes = writes || selected(file, e, mixinsPkg) == t.embeds
		}
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		name := selected(file, lit.Type, mixinsPkg)
		if m := mixinOf(name); m != nil {
			to, configured := configured(m, lit)
			sm := sourceMixin{ent: configured, to: to, label: "mixins." + name}
			if _, ok := authTables[name]; ok {
				sm.table = name
			}
			all = append(all, sm)
		}
		return true
	})
	if !returnsLiteral(d) || len(listed(d)) != len(all) {
		t.edgesRead = false
	}
	switch {
	case keeps:
		all = append(all, t.mixins...)
	case t.embeds != "" && !writes:
		t.mistake = fmt.Sprintf("declares Mixin, which hides that of the embedded authschema.%[1]s: embed ent.Schema, and return mixins.%[1]s{} beside the others", t.embeds)
	}
	t.mixins = all
}

// addEdge reads an edge, edge.To("name", Type.Type) and the calls on it. It reports whether
// it understands it.
func (t *sourceType) addEdge(fset *token.FileSet, file *ast.File, expr ast.Expr) bool {
	e := &sourceEdge{}
	for {
		call, ok := expr.(*ast.CallExpr)
		if !ok {
			return false
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		arg, isString := stringArg(call)
		if selected(file, sel, "entgo.io/ent/schema/edge") != "" {
			if !isString || len(call.Args) < 2 {
				return false
			}
			e.pos = fset.Position(call.Pos())
			e.to, e.inverse = typeName(call.Args[1]), sel.Sel.Name == "From"
			t.edges[arg] = e
			return true
		}
		switch {
		case sel.Sel.Name == "Ref" && isString:
			e.ref = arg
		case sel.Sel.Name == "Field" && isString:
			e.field = arg
		case sel.Sel.Name == "From" && isString: // edge.To("children", T).From("parent")
			t.edges[arg] = &sourceEdge{pos: fset.Position(sel.Sel.Pos())}
		}
		expr = sel.X
	}
}

// returnsLiteral reports whether a method does nothing but return a list.
func returnsLiteral(d *ast.FuncDecl) bool {
	if len(d.Body.List) != 1 {
		return false
	}
	ret, ok := d.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return false
	}
	_, ok = ret.Results[0].(*ast.CompositeLit)
	return ok
}

// listed returns the elements of the lists that a method has.
func listed(d *ast.FuncDecl) (all []ast.Expr) {
	ast.Inspect(d.Body, func(n ast.Node) bool {
		if lit, ok := n.(*ast.CompositeLit); ok {
			if _, ok := lit.Type.(*ast.ArrayType); ok {
				all = append(all, lit.Elts...)
				return false
			}
		}
		return true
	})
	return all
}

// stringArg returns the first argument of a call if it is a string literal.
func stringArg(call *ast.CallExpr) (string, bool) {
	if len(call.Args) == 0 {
		return "", false
	}
	return stringLit(call.Args[0])
}

func stringLit(expr ast.Expr) (string, bool) {
	lit, ok := expr.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// typeName returns "X" of the expression X.Type, or "".
func typeName(expr ast.Expr) string {
	if sel, ok := expr.(*ast.SelectorExpr); ok && sel.Sel.Name == "Type" {
		if x, ok := sel.X.(*ast.Ident); ok {
			return x.Name
		}
	}
	return ""
}

// configured returns the mixin with the names that the literal gives to its edges and
// fields, and the type that it names in To. It returns nil, for no check, if they are not
// written out.
func configured(m ent.Mixin, lit *ast.CompositeLit) (to string, _ ent.Mixin) {
	v := reflect.New(reflect.TypeOf(m)).Elem()
	for _, elt := range lit.Elts {
		key, value := keyValue(elt)
		switch key {
		case "Table", "NewID", "New", "OnDelete", "CreatedColumn", "UpdatedColumn": // No name of an edge or a field.
		case "To":
			if to = typeName(value); to == "" {
				return "", nil
			}
		case "EdgeNames":
			names, ok := value.(*ast.CompositeLit)
			if !ok {
				return "", nil
			}
			for _, elt := range names.Elts {
				key, value := keyValue(elt)
				if !setLiteral(v.FieldByName("EdgeNames").FieldByName(key), value) {
					return "", nil
				}
			}
		default:
			if !setLiteral(v.FieldByName(key), value) {
				return "", nil
			}
		}
	}
	configured, _ := v.Interface().(ent.Mixin)
	return to, configured
}

// setLiteral sets an option of a mixin to the value in the source. It reports whether it
// understands it.
func setLiteral(option reflect.Value, value ast.Expr) bool {
	if !option.IsValid() {
		return false
	}
	switch value := value.(type) {
	case *ast.BasicLit:
		s, ok := stringLit(value)
		if !ok || option.Kind() != reflect.String {
			return false
		}
		option.SetString(s)
		return true
	case *ast.SelectorExpr:
		if value.Sel.Name != "Omit" || option.Kind() != reflect.String {
			return false
		}
		option.SetString(mixins.Omit)
		return true
	case *ast.Ident:
		if option.Kind() != reflect.Bool || value.Name != "true" && value.Name != "false" {
			return false
		}
		option.SetBool(value.Name == "true")
		return true
	}
	return false
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
