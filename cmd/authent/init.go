package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/spf13/cobra"
)

//go:embed init/*.tmpl
var initTemplates embed.FS

// tables are the types of the auth tables in the order of the file, with the feature that
// they belong to; the others are in every app.
var tables = []struct{ name, feature string }{
	{"Session", ""},
	{"Account", ""},
	{"Verification", ""},
	{"Organization", "organizations"},
	{"Member", "organizations"},
	{"Invitation", "organizations"},
	{"JWKS", "jwt"},
	{"APIKey", "api-keys"},
}

var features = []string{"organizations", "api-keys", "jwt"}

func newInitCommand() *cobra.Command {
	var without []string
	cmd := &cobra.Command{
		Use:   "init [directory]",
		Short: "Write the schema and the generator of an app",
		Long: `Writes into the Go module in the directory (default: the current one):

  ent/schema/auth.go   the auth tables, for the app to add fields and edges to
  ent/entc.go          the code generation, with the auth extension
  ent/generate.go      the line that "go generate" runs

It overwrites nothing. Files that exist are left as they are, and types that the schema
has already are not declared again.`,
		Example: "  authent init\n  authent init --without organizations,api-keys",
		Args:    atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			for _, feature := range without {
				if !slices.Contains(features, feature) {
					return usageError{fmt.Errorf("--without %q: want one of %s", feature, strings.Join(features, ", "))}
				}
			}
			return initApp(dir, without, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringSliceVar(&without, "without", nil, "features whose tables to leave out: "+strings.Join(features, ", "))
	return cmd
}

// mentions reports whether a file has a text.
func mentions(path, text string) bool {
	content, err := os.ReadFile(path) //nolint:gosec // A file of the app that is prepared.
	return err == nil && strings.Contains(string(content), text)
}

// initApp writes the files of an app and says what is left to do.
func initApp(dir string, without []string, out io.Writer) error {
	if err := inModule(dir); err != nil {
		return err
	}
	app, err := newApp(dir, without)
	if err != nil {
		return err
	}
	files := []struct{ path, template string }{
		{"ent/schema/auth.go", "auth.go.tmpl"},
		{"ent/entc.go", "entc.go.tmpl"},
		{"ent/generate.go", "generate.go.tmpl"},
	}
	app.Workspace = workspace(dir)
	// All files are rendered before the first is written.
	contents := make([][]byte, len(files))
	for i, f := range files {
		if contents[i], err = app.render(f.template); err != nil {
			return err
		}
	}
	var exist []string
	for i, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.path))
		switch err := create(path, contents[i]); {
		case errors.Is(err, fs.ErrExist):
			exist = append(exist, f.path)
			fmt.Fprintf(out, "exists, left as it is:  %s\n", f.path)
		case err != nil:
			return fmt.Errorf("write %s: %w", path, err)
		default:
			fmt.Fprintf(out, "wrote:                  %s\n", f.path)
		}
	}
	if len(app.Declared) > 0 {
		fmt.Fprintf(out, "declared by the app:    %s\n", strings.Join(app.Declared, ", "))
		fmt.Fprintf(out, "\nThe types that the app declares itself need the mixin of their table, for example\n\n\tfunc (%s) Mixin() []ent.Mixin { return []ent.Mixin{mixins.%[1]s{}} }\n", app.Declared[0])
	}
	if slices.Contains(exist, "ent/entc.go") && !mentions(filepath.Join(dir, "ent", "entc.go"), "authent/entauth") {
		fmt.Fprint(out, "\nAdd the extension to ent/entc.go:\n\n\tex, err := entauth.NewExtension() // github.com/agentuity/auth-go/authent/entauth\n\tentc.Generate(\"./schema\", &gen.Config{}, entc.Extensions(ex))\n")
	}
	if slices.Contains(exist, "ent/generate.go") {
		fmt.Fprintf(out, "\nIf ent/generate.go does not run ent/entc.go, make it:\n\n\t//go:generate %s\n", app.Run())
	}
	fmt.Fprintf(out, `
Next, in %s:

	go generate ./ent    # generates the typed client
	go mod tidy          # adds what it imports to go.mod

Then the option authent.CreateTables() of ent.OpenAuth creates the tables, or client.Schema.Create(ctx);
"authent setup" creates the auth tables alone.
`, dir)
	return nil
}

// create writes a file that does not exist yet, and its directory.
func create(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		return errors.Join(err, f.Close(), os.Remove(path))
	}
	return f.Close()
}

// app is what the templates say about an app.
type app struct {
	Package   string   // The name of the schema package.
	Plain     []string // The tables that are taken as they are.
	User      bool     // Whether User is to be declared.
	Omit      []string // The edges of User that lead nowhere.
	Declared  []string // The auth tables that the app declares itself.
	Workspace bool     // Whether the module is part of a workspace.
}

// Run returns the command that generates the code. In a workspace, Go refuses -mod=mod.
func (a app) Run() string {
	if a.Workspace {
		return "go run entc.go"
	}
	return "go run -mod=mod entc.go"
}

// newApp describes the app in dir, without the tables of some features.
func newApp(dir string, without []string) (*app, error) {
	pkg, declared, err := parseSchema(filepath.Join(dir, "ent", "schema"))
	if err != nil {
		return nil, err
	}
	a := &app{Package: pkg, User: !declared["User"]}
	if declared["User"] {
		a.Declared = append(a.Declared, "User")
	}
	for _, t := range tables {
		switch {
		case declared[t.name]:
			a.Declared = append(a.Declared, t.name)
		case !slices.Contains(without, t.feature):
			a.Plain = append(a.Plain, t.name)
		}
	}
	if slices.Contains(without, "organizations") {
		a.Omit = append(a.Omit, "Members", "Invitations")
	}
	if slices.Contains(without, "api-keys") {
		a.Omit = append(a.Omit, "APIKeys")
	}
	return a, nil
}

// render executes a template and formats the Go code that it makes.
func (a *app) render(name string) ([]byte, error) {
	tmpl, err := template.ParseFS(initTemplates, "init/"+name)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if err := tmpl.Execute(&buf, a); err != nil {
		return nil, err
	}
	code, err := format.Source(buf.Bytes())
	if err != nil {
		return nil, fmt.Errorf("format %s: %w", name, err)
	}
	return code, nil
}
