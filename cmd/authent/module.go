package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// inModule returns an error if dir belongs to no Go module.
func inModule(dir string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if info, err := os.Stat(abs); err != nil || !info.IsDir() {
		return fmt.Errorf("%s is not a directory", dir)
	}
	for at := abs; ; at = filepath.Dir(at) {
		_, err := os.Stat(filepath.Join(at, "go.mod"))
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, fs.ErrNotExist):
			return err
		case at == filepath.Dir(at):
			return fmt.Errorf("%s is in no Go module: run \"go mod init example.com/app\" there first", abs)
		}
	}
}

// workspace reports whether Go works in a workspace (go.work) in dir.
func workspace(dir string) bool {
	cmd := exec.Command("go", "env", "GOWORK")
	cmd.Dir = dir
	out, err := cmd.Output()
	path := strings.TrimSpace(string(out))
	return err == nil && path != "" && path != "off"
}

// parseSchema returns the name of the package in dir and the types that it declares. A
// directory that is not there is the package "schema" without types.
func parseSchema(dir string) (pkg string, types map[string]bool, err error) {
	pkg, types = "schema", make(map[string]bool)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return pkg, types, nil
	}
	if err != nil {
		return "", nil, err
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return "", nil, fmt.Errorf("read the schema: %w", err)
		}
		// What this command wrote before is not declared by the app.
		if name == "auth.go" {
			continue
		}
		pkg = file.Name.Name
		for _, decl := range file.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok || d.Tok != token.TYPE {
				continue
			}
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok {
					types[t.Name.Name] = true
				}
			}
		}
	}
	return pkg, types, nil
}
