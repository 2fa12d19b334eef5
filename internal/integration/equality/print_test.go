package equality_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/google/uuid"
)

// printer writes answers as text, so that they can be compared and read: all fields of
// entities, the unexported ones too, which edges are loaded, nil and empty apart, the types
// of what is in interfaces, and the zones of times. What has no order is sorted.
type printer struct {
	// loose leaves out what dialects do not agree on: zones, and the types of columns that
	// are no fields.
	loose bool
	// nodes are the entities that were seen, by type: many rows can have one object.
	nodes map[string]map[uintptr]bool
	path  []uintptr
}

func newPrinter(r *run) *printer {
	return &printer{loose: r.loose, nodes: make(map[string]map[uintptr]bool)}
}

// objects tells how many objects there are of each type.
func (p *printer) objects() string {
	var all []string
	for name, nodes := range p.nodes {
		all = append(all, fmt.Sprintf("%s: %d", name, len(nodes)))
	}
	slices.Sort(all)
	return "\nobjects " + strings.Join(all, ", ")
}

// list prints a slice of entities.
func (p *printer) list(v reflect.Value, q *query) string {
	if v.IsNil() {
		return "nil"
	}
	all := make([]string, v.Len())
	for i := range all {
		all[i] = p.entity(v.Index(i), q)
	}
	if q == nil || !q.total {
		slices.Sort(all)
	}
	return "[" + indent(strings.Join(all, "\n")) + "]"
}

// values prints a slice of values.
func (p *printer) values(v reflect.Value, ordered bool) string {
	if v.IsNil() {
		return "nil"
	}
	all := make([]string, v.Len())
	for i := range all {
		all[i] = p.value(v.Index(i))
	}
	if !ordered {
		slices.Sort(all)
	}
	return "[" + indent(strings.Join(all, "\n")) + "]"
}

func indent(s string) string {
	if s == "" {
		return ""
	}
	return "\n  " + strings.ReplaceAll(s, "\n", "\n  ") + "\n"
}

// entity prints an entity, a pointer to a struct.
func (p *printer) entity(v reflect.Value, q *query) string {
	if v.IsNil() {
		return "nil"
	}
	name := v.Type().Elem().Name()
	if slices.Contains(p.path, v.Pointer()) {
		return "^" + name
	}
	p.path = append(p.path, v.Pointer())
	defer func() { p.path = p.path[:len(p.path)-1] }()
	if p.nodes[name] == nil {
		p.nodes[name] = make(map[uintptr]bool)
	}
	p.nodes[name][v.Pointer()] = true

	var b strings.Builder
	b.WriteString(name + "{")
	v = v.Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch f.Name {
		case "config":
			continue
		case "Edges":
			b.WriteString(p.edges(v.Field(i), q))
			continue
		case "selectValues":
			b.WriteString(p.selected(readable(v.Field(i))))
			continue
		}
		field := readable(v.Field(i))
		if field.IsZero() && field.Kind() != reflect.Slice {
			continue // Short, and as clear.
		}
		fmt.Fprintf(&b, " %s=%s", f.Name, p.value(field))
	}
	b.WriteString(" }")
	return b.String()
}

// selected prints the values of columns that are no fields.
func (p *printer) selected(v reflect.Value) string {
	var all []string
	for it := v.MapRange(); it.Next(); {
		if p.loose {
			all = append(all, it.Key().String())
			continue
		}
		all = append(all, it.Key().String()+":"+p.value(it.Value()))
	}
	slices.Sort(all)
	if v.IsNil() {
		return ""
	}
	return fmt.Sprintf(" selectValues=%v", all)
}

// readable returns a field that can be read, though it may be unexported.
func readable(v reflect.Value) reflect.Value {
	if v.CanInterface() {
		return v
	}
	return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
}

// edges prints the loaded edges of an entity.
func (p *printer) edges(v reflect.Value, q *query) string {
	var b strings.Builder
	for i := range v.NumField() {
		f, field := v.Type().Field(i), readable(v.Field(i))
		switch {
		case f.Name == "loadedTypes":
			loaded := ""
			for j := range field.Len() {
				loaded += strconv.Itoa(map[bool]int{true: 1}[field.Index(j).Bool()])
			}
			fmt.Fprintf(&b, " loaded=%s", loaded)
		case field.Kind() == reflect.Map && strings.HasPrefix(f.Name, "named"):
			var all []string
			for it := field.MapRange(); it.Next(); {
				of := withOf(q, strings.TrimPrefix(f.Name, "named"), it.Key().String())
				all = append(all, fmt.Sprintf("\n  %s[%q]=%s", f.Name, it.Key(), indent(p.list(it.Value(), of))))
			}
			slices.Sort(all)
			b.WriteString(strings.Join(all, ""))
		case field.Kind() == reflect.Map:
			if field.Len() > 0 {
				fmt.Fprintf(&b, " %s=%s", f.Name, p.value(field))
			}
		case field.Kind() == reflect.Slice:
			if !field.IsNil() {
				fmt.Fprintf(&b, "\n  %s=%s", f.Name, indent(p.list(field, withOf(q, f.Name, ""))))
			}
		case !field.IsNil():
			fmt.Fprintf(&b, "\n  %s=%s", f.Name, indent(p.entity(field, withOf(q, f.Name, ""))))
		}
	}
	return b.String()
}

// withOf returns the query of a loaded edge, or nil. The last one counts.
func withOf(q *query, goName, name string) *query {
	if q == nil {
		return nil
	}
	var of *query
	for _, w := range q.with {
		if w.edge.GoName == goName && w.name == name {
			of = w.query
		}
	}
	return of
}

// orErrs prints the errors of the edges that an entity does not have.
func (p *printer) orErrs(entity reflect.Value) string {
	edges := entity.Elem().FieldByName("Edges")
	if !edges.IsValid() {
		return ""
	}
	var b strings.Builder
	for i := range edges.NumMethod() {
		if name := edges.Type().Method(i).Name; strings.HasSuffix(name, "OrErr") {
			out := edges.Method(i).Call(nil)
			if err := errorOf(out[1]); err != nil {
				fmt.Fprintf(&b, "\n%s: %T %v", name, err, err)
			}
		}
	}
	return b.String()
}

// value prints any value.
func (p *printer) value(v reflect.Value) string {
	if !v.IsValid() {
		return "nil"
	}
	if v.CanInterface() {
		switch x := v.Interface().(type) {
		case time.Time:
			if p.loose {
				return x.UTC().Format(time.RFC3339Nano)
			}
			return x.Format(time.RFC3339Nano) + " " + x.Location().String()
		case *url.URL:
			if x != nil {
				return "URL " + strconv.Quote(x.String())
			}
		case *big.Int:
			if x != nil {
				return x.String()
			}
		case uuid.UUID:
			return x.String()
		case json.RawMessage:
			if x != nil {
				if p.loose {
					var b bytes.Buffer
					if json.Compact(&b, x) == nil {
						return b.String()
					}
				}
				return "JSON " + string(x)
			}
		case []byte:
			if x != nil {
				return fmt.Sprintf("bytes %q", x)
			}
		case sql.RawBytes:
			return fmt.Sprintf("raw %q", x)
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return "nil"
		}
		return "&" + p.value(v.Elem())
	case reflect.Interface:
		if v.IsNil() {
			return "nil"
		}
		return v.Elem().Type().String() + " " + p.value(v.Elem())
	case reflect.Struct:
		var all []string
		for i := range v.NumField() {
			all = append(all, v.Type().Field(i).Name+":"+p.value(v.Field(i)))
		}
		return "{" + strings.Join(all, " ") + "}"
	case reflect.Slice:
		if v.IsNil() {
			return "nil"
		}
		fallthrough
	case reflect.Array:
		var all []string
		for i := range v.Len() {
			all = append(all, p.value(v.Index(i)))
		}
		return "[" + strings.Join(all, " ") + "]"
	case reflect.Map:
		if v.IsNil() {
			return "nil"
		}
		var all []string
		for it := v.MapRange(); it.Next(); {
			all = append(all, p.value(it.Key())+":"+p.value(it.Value()))
		}
		slices.Sort(all)
		return "map[" + strings.Join(all, " ") + "]"
	case reflect.String:
		return strconv.Quote(v.String())
	}
	return fmt.Sprint(v)
}
