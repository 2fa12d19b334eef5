// Package input decodes the body and the query of a request into the input of an endpoint, and says what is wrong with
// it in the words that clients know: "[body.email] Invalid input: expected string, received undefined".
//
// The input is a struct. Its fields have these tags:
//
//	json:"name"            the member of the body, or the parameter of the query for a GET; required
//	json:"name,omitempty"  optional; null counts as absent. Pointers, any and [Optional] are optional without it
//	in:"query", in:"path"  where the field is, if not in the usual place
//	in:"body,query"        in the body or, if it is not there, in the query
//	check:"min=1,max=32"   the bounds of a text's length in UTF-16 units, or of a number
//	check:"email"          an e-mail address
//	check:"option=a|b"     one of some texts
//	check:"nul"            the text may contain U+0000, which a database refuses
//	check:"object,max=9"   a json.RawMessage that is an object, and of how many bytes at most
//	rest:"true"            a map that takes the members that no other field has
//
// A []string takes a text or a list of texts. A json.RawMessage takes any value as it was sent, without the space around
// its parts: the order of its members is that of the client. Members that the struct does not have are ignored.
package input

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// Invalid is the error of an input that is not as it must be.
type Invalid struct {
	// Problems has one entry for each wrong field, in the order of the struct.
	Problems []string
}

// Error returns all problems.
func (e *Invalid) Error() string { return strings.Join(e.Problems, "; ") }

// Source is where the values of an input come from.
type Source struct {
	// Body is the decoded JSON of the body with numbers as json.Number. HasBody is false without one.
	Body    any
	HasBody bool
	// Raw is the JSON of the body, for fields of the type json.RawMessage. Without it they are encoded anew.
	Raw json.RawMessage
	// Form tells that the body was a form: its values are texts.
	Form bool
	// Query is the query of the URL.
	Query url.Values
	// Path are the parameters of the path.
	Path map[string]string
	// InQuery tells that fields are in the query unless their tag says otherwise: the request is a GET.
	InQuery bool
}

// Decode fills dst, a pointer to a struct, and returns an *Invalid if it cannot.
func Decode(dst any, src Source) error {
	v := reflect.ValueOf(dst).Elem()
	fields := fieldsOf(v.Type())
	var body map[string]any
	if !src.InQuery {
		var ok bool
		body, ok = src.Body.(map[string]any)
		required := false
		for _, f := range fields {
			required = required || f.in == "" && !f.optional && !f.rest
		}
		switch {
		case !src.HasBody && !required:
		case !src.HasBody:
			return &Invalid{Problems: []string{"[body] Invalid input: expected object, received undefined"}}
		case !ok:
			want := "object"
			if len(fields) > 0 && fields[0].record {
				want = "record"
			}
			return &Invalid{Problems: []string{fmt.Sprintf("[body] Invalid input: expected %s, received %s", want, typeName(src.Body))}}
		}
	}
	var raw map[string]json.RawMessage
	if body != nil && len(src.Raw) > 0 && hasRaw(fields) {
		if err := json.Unmarshal(src.Raw, &raw); err != nil {
			return &Invalid{Problems: []string{"[body] Invalid input: expected object"}}
		}
	}
	var problems []string
	for _, f := range fields {
		if f.rest {
			setRest(v.FieldByIndex(f.index), fields, body)
			continue
		}
		where, value, present := f.find(src, body)
		if problem := f.set(v.FieldByIndex(f.index), value, present, where != "body" || src.Form, raw[f.name]); problem != "" {
			problems = append(problems, "["+where+"."+f.name+"] "+problem)
		}
	}
	if problems != nil {
		return &Invalid{Problems: problems}
	}
	return nil
}

// Optional is a field that tells absent, null and a value apart.
type Optional[T any] struct {
	// Set tells that the field was given, as null or with a value.
	Set bool
	// Value is nil for null.
	Value *T
}

func (o *Optional[T]) present(null bool) any {
	o.Set = true
	if null {
		o.Value = nil
		return nil
	}
	o.Value = new(T)
	return o.Value
}

type optional interface{ present(null bool) any }

type field struct {
	index    []int
	name     string
	in       string
	optional bool
	rest     bool
	record   bool
	raw      bool // It is a json.RawMessage or has one in it.
	check    check
}

var cache sync.Map // reflect.Type -> []field

// fieldsOf returns the fields of an input type.
func fieldsOf(t reflect.Type) []field {
	if cached, ok := cache.Load(t); ok {
		return cached.([]field)
	}
	fields := []field{}
	for _, sf := range reflect.VisibleFields(t) {
		if sf.Anonymous {
			continue
		}
		name, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
		f := field{index: sf.Index, name: name, in: sf.Tag.Get("in"), rest: sf.Tag.Get("rest") != "", check: parseCheck(sf.Tag.Get("check"))}
		if !f.rest && (name == "" || name == "-") {
			continue
		}
		_, tri := reflect.New(sf.Type).Interface().(optional)
		f.optional = tri || strings.Contains(options, "omitempty") || sf.Type.Kind() == reflect.Pointer || sf.Type.Kind() == reflect.Interface
		f.raw = holdsRaw(sf.Type)
		fields = append(fields, f)
	}
	if len(fields) > 0 {
		fields[0].record = hasRest(fields)
	}
	cache.Store(t, fields)
	return fields
}

func hasRest(fields []field) bool {
	for _, f := range fields {
		if f.rest {
			return true
		}
	}
	return false
}

func hasRaw(fields []field) bool {
	for _, f := range fields {
		if f.raw {
			return true
		}
	}
	return false
}

var rawType = reflect.TypeFor[json.RawMessage]()

// holdsRaw tells whether a type is json.RawMessage or a struct with a field of it.
func holdsRaw(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == rawType {
		return true
	}
	if t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			if holdsRaw(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}

// find returns the value of a field and where it was looked for.
func (f field) find(src Source, body map[string]any) (where string, value any, present bool) {
	in := f.in
	if in == "" {
		in = "body"
		if src.InQuery {
			in = "query"
		}
	}
	switch in {
	case "body,query":
		if value, present = body[f.name]; present {
			return "body", value, present
		}
		return field{name: f.name, in: "query"}.find(src, nil)
	case "path":
		value, present = src.Path[f.name]
		return "params", value, present
	case "query":
		values := src.Query[f.name]
		switch len(values) {
		case 0:
			return in, nil, false
		case 1:
			return in, values[0], true
		}
		list := make([]any, len(values))
		for i, v := range values {
			list[i] = v
		}
		return in, list, true
	}
	value, present = body[f.name]
	return in, value, present
}

func setRest(dst reflect.Value, fields []field, body map[string]any) {
	rest := map[string]any{}
	for name, value := range body {
		known := false
		for _, f := range fields {
			known = known || f.name == name && !f.rest && (f.in == "" || strings.HasPrefix(f.in, "body"))
		}
		if !known {
			rest[name] = value
		}
	}
	dst.Set(reflect.ValueOf(rest))
}

// set stores a value in a field, and returns what is wrong with it.
func (f field) set(dst reflect.Value, value any, present, text bool, raw json.RawMessage) (problem string) {
	if o, ok := dst.Addr().Interface().(optional); ok {
		if !present {
			return ""
		}
		target := o.present(value == nil)
		if target == nil {
			return ""
		}
		return f.assign(reflect.ValueOf(target).Elem(), value, text, raw)
	}
	if f.optional && value == nil {
		return ""
	}
	if !present {
		if dst.Kind() == reflect.Slice && dst.Type().Elem().Kind() == reflect.String {
			return "Invalid input"
		}
		return "Invalid input: expected " + wanted(dst.Type()) + ", received undefined"
	}
	if dst.Kind() == reflect.Pointer {
		dst.Set(reflect.New(dst.Type().Elem()))
		dst = dst.Elem()
	}
	return f.assign(dst, value, text, raw)
}

func (f field) assign(dst reflect.Value, value any, text bool, raw json.RawMessage) (problem string) {
	wrong := "Invalid input: expected " + wanted(dst.Type()) + ", received " + typeName(value)
	if dst.Type() == rawType {
		return f.json(dst, value, raw, wrong)
	}
	switch dst.Kind() {
	case reflect.Interface:
		dst.Set(reflect.ValueOf(&value).Elem())
		return ""
	case reflect.String:
		s, ok := value.(string)
		if !ok {
			return wrong
		}
		dst.SetString(s)
		return f.check.text(s)
	case reflect.Bool:
		if s, ok := value.(string); ok && text {
			if s != "true" && s != "false" {
				return wrong
			}
			value = s == "true"
		}
		b, ok := value.(bool)
		if !ok {
			return wrong
		}
		dst.SetBool(b)
		return ""
	case reflect.Int, reflect.Float64:
		return f.number(dst, value, text, wrong)
	case reflect.Slice:
		return f.list(dst, value)
	case reflect.Map:
		if problem := setMap(dst, value); problem != "" {
			return problem
		}
		return ""
	case reflect.Struct:
		object, ok := value.(map[string]any)
		if !ok {
			return wrong
		}
		err := Decode(dst.Addr().Interface(), Source{Body: object, HasBody: true, Raw: raw})
		if invalid, ok := err.(*Invalid); ok { //nolint:errorlint // Decode returns nothing else.
			first := strings.TrimPrefix(invalid.Problems[0], "[body.")
			name, rest, _ := strings.Cut(first, "] ")
			return rest + " at " + name
		}
		return ""
	}
	return wrong
}

// json takes any value as it was sent.
func (f field) json(dst reflect.Value, value any, raw json.RawMessage, wrong string) string {
	if _, ok := value.(map[string]any); !ok && f.check.object {
		return wrong
	}
	var text bytes.Buffer
	if raw == nil {
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(value); err != nil {
			return wrong
		}
		text.Truncate(text.Len() - 1) // The newline.
	} else if err := json.Compact(&text, raw); err != nil {
		return wrong
	}
	if f.check.max != nil && float64(text.Len()) > *f.check.max {
		return fmt.Sprintf("Too big: expected JSON of <=%v bytes", *f.check.max)
	}
	dst.SetBytes(text.Bytes())
	return ""
}

func (f field) number(dst reflect.Value, value any, text bool, wrong string) string {
	var n float64
	switch x := value.(type) {
	case json.Number:
		var err error
		if n, err = x.Float64(); err != nil {
			return wrong
		}
	case string:
		if !text {
			return wrong
		}
		var err error
		if n, err = strconv.ParseFloat(strings.TrimSpace(x), 64); err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return "Invalid input: expected " + wanted(dst.Type()) + ", received NaN"
		}
	default:
		return wrong
	}
	if dst.Kind() == reflect.Int {
		if n != math.Trunc(n) {
			return "Invalid input: expected int, received number"
		}
		if math.Abs(n) > math.MaxInt32 {
			if n > 0 {
				return fmt.Sprintf("Too big: expected int to be <=%d", math.MaxInt32)
			}
			return fmt.Sprintf("Too small: expected int to be >=%d", -math.MaxInt32)
		}
		dst.SetInt(int64(n))
	} else {
		dst.SetFloat(n)
	}
	return f.check.number(n)
}

// list takes a text or a list of texts.
func (f field) list(dst reflect.Value, value any) string {
	if dst.Type().Elem().Kind() != reflect.String {
		return "Invalid input"
	}
	var list []string
	switch x := value.(type) {
	case string:
		list = []string{x}
	case []any:
		list = make([]string, len(x))
		for i, e := range x {
			s, ok := e.(string)
			if !ok {
				return "Invalid input"
			}
			list[i] = s
		}
	default:
		return "Invalid input"
	}
	for _, s := range list {
		if problem := f.check.text(s); problem != "" {
			return problem
		}
	}
	dst.Set(reflect.ValueOf(list).Convert(dst.Type()))
	return ""
}

// setMap takes an object: any values, or lists of texts.
func setMap(dst reflect.Value, value any) string {
	object, ok := value.(map[string]any)
	if !ok {
		return "Invalid input: expected " + wanted(dst.Type()) + ", received " + typeName(value)
	}
	if _, ok := dst.Interface().(map[string]any); ok {
		dst.Set(reflect.ValueOf(object))
		return ""
	}
	lists := reflect.MakeMapWithSize(dst.Type(), len(object))
	for name, value := range object {
		items, ok := value.([]any)
		if !ok {
			return "Invalid input: expected array, received " + typeName(value)
		}
		list := make([]string, len(items))
		for i, item := range items {
			if list[i], ok = item.(string); !ok {
				return "Invalid input: expected string, received " + typeName(item)
			}
		}
		lists.SetMapIndex(reflect.ValueOf(name), reflect.ValueOf(list).Convert(dst.Type().Elem()))
	}
	dst.Set(lists)
	return ""
}

// wanted is the name that a type has in messages.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return wanted(t.Elem())
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Float64:
		return "number"
	case reflect.Slice:
		if t == rawType {
			return "record"
		}
		return "array"
	case reflect.Map:
		return "record"
	}
	return "object"
}

// typeName is the name that the type of a value has in messages.
func typeName(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case json.Number:
		return "number"
	case []any:
		return "array"
	}
	return "object"
}
