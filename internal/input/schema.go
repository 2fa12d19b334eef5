package input

import (
	"reflect"
	"strings"
	"unicode"
)

// Parameter is a field of an input as documentation has it.
type Parameter struct {
	Name     string
	In       string // body, query or path.
	Required bool
	Schema   map[string]any // A JSON Schema.
}

// Parameters describes the fields of an input type; inQuery is that of [Source].
func Parameters(t reflect.Type, inQuery bool) []Parameter {
	if t == nil {
		return nil
	}
	var parameters []Parameter
	for _, f := range fieldsOf(t) {
		if f.rest != "" || f.unused {
			continue
		}
		p := Parameter{Name: f.name, In: f.in, Required: !f.optional}
		if p.In == "" {
			p.In = "body"
			if inQuery {
				p.In = "query"
			}
		}
		p.Schema = schema(t.FieldByIndex(f.index).Type)
		f.check.describe(p.Schema)
		parameters = append(parameters, p)
	}
	return parameters
}

func schema(t reflect.Type) map[string]any {
	if o, ok := reflect.New(t).Interface().(optional); ok {
		s := schema(reflect.TypeOf(o.present(false)).Elem())
		if kind, ok := s["type"].(string); ok {
			s["type"] = []string{kind, "null"}
		}
		return s
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schema(t.Elem())
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Slice:
		return map[string]any{"type": []string{"string", "array"}, "items": map[string]any{"type": "string"}}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": true}
	case reflect.Struct:
		properties, required := map[string]any{}, []string{}
		for _, p := range Parameters(t, false) {
			properties[p.Name] = p.Schema
			if p.Required {
				required = append(required, p.Name)
			}
		}
		return map[string]any{"type": "object", "properties": properties, "required": required}
	}
	return map[string]any{}
}

// describe adds what a tag asks for to a schema.
func (c check) describe(s map[string]any) {
	low, high := "minimum", "maximum"
	if s["type"] == "string" {
		low, high = "minLength", "maxLength"
	}
	if c.min != nil {
		s[low] = *c.min
	}
	if c.max != nil {
		s[high] = *c.max
	}
	if c.email {
		s["format"] = "email"
	}
	if c.list {
		s["type"] = "array"
	}
	if c.options != nil {
		s["enum"] = c.options
	}
}

// Title returns the words of a name such as signInEmail: "Sign in email".
func Title(name string) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case i == 0:
			b.WriteRune(unicode.ToUpper(r))
		case unicode.IsUpper(r):
			b.WriteRune(' ')
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
