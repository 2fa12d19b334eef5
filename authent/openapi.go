package authent

import (
	"context"
	"encoding/json"
	"html/template"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/agentuity/auth-go/internal/input"
)

// documentEndpoints are the documents that describe the endpoints.
func documentEndpoints() []Endpoint {
	return []Endpoint{
		plain(http.MethodGet, "/openapi.json", "openAPI", "The OpenAPI 3.1 document of these endpoints.", (*Auth).OpenAPI),
		plain(http.MethodGet, "/reference", "reference", "A page that describes these endpoints.", (*Auth).ReferencePage),
	}
}

// OpenAPI returns the OpenAPI 3.1 document of all endpoints of the service, from their table.
func (a *Auth) OpenAPI(context.Context) (map[string]any, error) {
	schemas := map[string]any{
		"Error": map[string]any{
			"type": "object", "required": []string{"message"},
			"properties": map[string]any{"message": map[string]any{"type": "string"}, "code": map[string]any{"type": "string"}},
		},
	}
	paths := map[string]any{}
	for _, e := range a.endpoints {
		path := openAPIPath(e.Path)
		methods, _ := paths[path].(map[string]any)
		if methods == nil {
			methods = map[string]any{}
			paths[path] = methods
		}
		methods[strings.ToLower(e.Method)] = operation(e, schemas)
	}
	return map[string]any{
		"openapi": "3.1.0",
		"info":    map[string]any{"title": "Authentication", "version": "1.0.0", "description": "Accounts, sessions, organizations and API keys."},
		"servers": []any{map[string]any{"url": a.baseURL + a.config.BasePath}},
		"paths":   paths,
		"components": map[string]any{
			"schemas": schemas,
			"securitySchemes": map[string]any{
				"cookie": map[string]any{"type": "apiKey", "in": "cookie", "name": a.cookieName(sessionCookie)},
				"bearer": map[string]any{"type": "http", "scheme": "bearer"},
			},
		},
		"security": []any{map[string]any{}, map[string]any{"cookie": []string{}}, map[string]any{"bearer": []string{}}},
	}, nil
}

// cookieName returns the name that a cookie has on the wire.
func (s *service) cookieName(name string) string {
	name = s.config.Cookies.Prefix + "." + name
	if s.secure {
		name = "__Secure-" + name
	}
	return name
}

// openAPIPath writes the parameters of a path in braces.
func openAPIPath(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if name, ok := strings.CutPrefix(p, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

// operation describes an endpoint, and adds the types of its output to the schemas.
func operation(e Endpoint, schemas map[string]any) map[string]any {
	content := map[string]any{"application/json": map[string]any{"schema": outputSchema(e.Output, schemas)}}
	if e.Output == reflect.TypeFor[HTML]() {
		content = map[string]any{"text/html": map[string]any{}}
	}
	failed := map[string]any{"description": "An error", "content": map[string]any{
		"application/json": map[string]any{"schema": map[string]any{"$ref": "#/components/schemas/Error"}},
	}}
	op := map[string]any{
		"operationId": e.Name, "summary": e.Summary, "tags": []string{e.Group},
		"responses": map[string]any{
			"200": map[string]any{"description": "Success", "content": content}, "4XX": failed, "5XX": failed,
		},
	}
	var parameters []any
	properties, required := map[string]any{}, []string{}
	for _, p := range input.Parameters(e.Input, e.Method == http.MethodGet) {
		if p.In == "body" {
			properties[p.Name] = p.Schema
			if p.Required {
				required = append(required, p.Name)
			}
			continue
		}
		parameters = append(parameters, map[string]any{"name": p.Name, "in": p.In, "required": p.Required || p.In == "path", "schema": p.Schema})
	}
	if parameters != nil {
		op["parameters"] = parameters
	}
	if e.Method == http.MethodPost && len(properties) > 0 {
		object := map[string]any{"schema": map[string]any{"type": "object", "properties": properties, "required": required}}
		body := map[string]any{"application/json": object}
		if e.Form {
			body["application/x-www-form-urlencoded"] = object
		}
		op["requestBody"] = map[string]any{"required": len(required) > 0, "content": body}
	}
	return op
}

// outputSchema describes the type of an output. Named structs become schemas of the document.
func outputSchema(t reflect.Type, schemas map[string]any) map[string]any {
	switch t {
	case reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case reflect.TypeFor[json.RawMessage]():
		return map[string]any{}
	}
	switch t.Kind() {
	case reflect.Pointer:
		s := outputSchema(t.Elem(), schemas)
		if kind, ok := s["type"].(string); ok {
			s["type"] = []string{kind, "null"}
			return s
		}
		return map[string]any{"anyOf": []any{s, map[string]any{"type": "null"}}}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": outputSchema(t.Elem(), schemas)}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": true}
	case reflect.Struct:
		if t.Name() == "" {
			return objectSchema(t, schemas)
		}
		if _, known := schemas[t.Name()]; !known {
			schemas[t.Name()] = map[string]any{} // A type that refers to itself ends here.
			schemas[t.Name()] = objectSchema(t, schemas)
		}
		return map[string]any{"$ref": "#/components/schemas/" + t.Name()}
	}
	return map[string]any{}
}

func objectSchema(t reflect.Type, schemas map[string]any) map[string]any {
	properties := map[string]any{}
	more := false
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		more = more || f.Tag.Get("wire") == "extra"
		if f.Anonymous || !f.IsExported() || name == "" || name == "-" {
			continue
		}
		properties[name] = outputSchema(f.Type, schemas)
	}
	return map[string]any{"type": "object", "properties": properties, "additionalProperties": more}
}

// ReferencePage returns a page that describes all endpoints of the service, from their table.
func (a *Auth) ReferencePage(context.Context) (HTML, error) {
	type row struct {
		Endpoint
		Title      string
		Parameters []input.Parameter
	}
	type group struct {
		Name string
		Rows []row
	}
	var groups []group
	for _, e := range a.endpoints {
		if len(groups) == 0 || groups[len(groups)-1].Name != e.Group {
			groups = append(groups, group{Name: e.Group})
		}
		g := &groups[len(groups)-1]
		g.Rows = append(g.Rows, row{e, input.Title(e.Name), input.Parameters(e.Input, e.Method == http.MethodGet)})
	}
	var page strings.Builder
	err := referencePage.Execute(&page, map[string]any{"Base": a.baseURL + a.config.BasePath, "Groups": groups})
	return HTML(page.String()), err
}

// referencePage has no script and no style of its own, as errorPage.
var referencePage = template.Must(template.New("reference").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<title>Authentication endpoints</title>
</head>
<body>
<h1>Authentication endpoints</h1>
<p>All are below <code>{{ .Base }}</code>. The same as an <a href="openapi.json">OpenAPI document</a>.</p>
{{ range .Groups }}
<h2>{{ .Name }}</h2>
{{ range .Rows }}
<h3>{{ .Method }} {{ .Path }}</h3>
<p>{{ .Summary }}</p>
{{ with .Parameters }}
<table>
<tr><th align="left">field</th><th align="left">in</th><th align="left">type</th><th align="left">required</th></tr>
{{ range . }}<tr><td><code>{{ .Name }}</code></td><td>{{ .In }}</td><td>{{ with index .Schema "type" }}{{ . }}{{ else }}any{{ end }}</td><td>{{ if .Required }}yes{{ end }}</td></tr>
{{ end }}</table>
{{ end }}
{{ end }}
{{ end }}
</body>
</html>
`))
