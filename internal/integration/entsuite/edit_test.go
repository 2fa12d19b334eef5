package entsuite_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// edit replaces the text from the one place of from to the end of the first place of to after
// it, or only from without a to.
type edit struct{ from, to, with string }

// module is the one that the tests are in.
const module = "entgo.io/ent/entc/integration"

var (
	openClient = regexp.MustCompile(`\bent\.Open\((?:dialect\.SQLite|"sqlite3"), "[^"]*"\)`)
	openTest   = regexp.MustCompile(`\benttest\.Open\(t, (?:dialect\.SQLite|"sqlite3"),\s*"[^"]*",?\s*`)
	// refusal is an error in the words of SQLite.
	refusal = regexp.MustCompile(`require\.EqualError\(t, errors\.Unwrap\(err\), "(add m2m edge for table \w+): UNIQUE constraint failed: [^"]*"\)`)
	// unordered are queries whose rows are expected in the order that SQLite has them in.
	unordered = regexp.MustCompile(`(\.Query(?:Fi|Files|Tweet)\(\))(\.IDsX\(ctx\)\))`)
)

// editFile returns a file as it is used.
func editFile(name, text string) (string, error) {
	isTest := strings.HasSuffix(name, "_test.go")
	if !isTest && edits[name] == nil {
		return text, nil
	}
	var err error
	if isTest {
		names, ok := removed[name]
		if !ok {
			names = otherDatabases
		}
		text, err = without(text, func(f *ast.FuncDecl) bool { return slices.Contains(names, f.Name.Name) })
	}
	for _, e := range edits[name] {
		if err == nil {
			text, err = e.apply(text)
		}
	}
	if err == nil && isTest {
		text = openClient.ReplaceAllString(text, "ent.NewClient(ent.Driver(native.Open(t))), error(nil)")
		text = openTest.ReplaceAllString(text, "enttest.NewClient(t, enttest.WithOptions(ent.Driver(native.Open(t))), ")
		text = unordered.ReplaceAllString(text, `$1.Order(ent.Asc("id"))$2`)
		text = refusal.ReplaceAllString(text, `require.ErrorContains(t, errors.Unwrap(err), "$1: ERROR: duplicate key value")`)
		text = strings.ReplaceAll(text, "drv *sql.Driver", "drv sql.ExecQuerier")
		text, err = withImports(text, append(imports[name], module+"/native"))
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return text, nil
}

// editSchema returns a file of a schema without what needs the client that is generated from it.
func editSchema(name, text string) (string, error) {
	text, err := without(text, func(f *ast.FuncDecl) bool {
		return f.Recv != nil && slices.Contains([]string{"Hooks", "Interceptors", "Policy"}, f.Name.Name)
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return withImports(text, nil)
}

func (e edit) apply(text string) (string, error) {
	if n := strings.Count(text, e.from); n != 1 {
		return "", fmt.Errorf("%d places have %q", n, e.from)
	}
	start := strings.Index(text, e.from)
	end := start + len(e.from)
	if e.to != "" {
		i := strings.Index(text[end:], e.to)
		if i < 0 {
			return "", fmt.Errorf("nothing after %q has %q", e.from, e.to)
		}
		end += i + len(e.to)
	}
	return text[:start] + e.with + text[end:], nil
}

// without removes functions.
func without(text string, remove func(*ast.FuncDecl) bool) (string, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", text, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	for _, d := range slices.Backward(file.Decls) {
		if f, ok := d.(*ast.FuncDecl); ok && remove(f) {
			text = text[:files.Position(f.Pos()).Offset] + text[files.Position(f.End()).Offset:]
		}
	}
	return text, nil
}

// withImports removes the imports that a file does not use, and adds those of paths that it does.
func withImports(text string, paths []string) (string, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", text, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	used := make(map[string]bool)
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok {
				used[x.Name] = true
			}
		}
		return true
	})
	for _, spec := range slices.Backward(file.Imports) {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return "", err
		}
		name := path.Base(p)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if !used[name] && name != "_" || slices.Contains(drivers, p) {
			text = text[:files.Position(spec.Pos()).Offset] + text[files.Position(spec.End()).Offset:]
		} else {
			delete(used, name)
		}
	}
	var added strings.Builder
	for _, p := range paths {
		if used[path.Base(p)] {
			fmt.Fprintf(&added, "\n\nimport %q", p)
		}
	}
	end := files.Position(file.Name.End()).Offset
	return text[:end] + added.String() + text[end:], nil
}
