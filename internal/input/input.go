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
//	check:"list"           a []string that does not take a text alone
//	check:"union"          a text whose type is called "Invalid input" alone if it is another
//	rest:"true"            a map that takes the members that no other field has; rest:"record" and rest:"object,record"
//	                       say what the body is called in the message for one that is no object
//	unused:"name"          on a blank field: the member must have this type if it is there, and is not kept
//
// A []string takes a text or a list of texts. A json.RawMessage takes any value as it was sent, without the space around
// its parts: the order of its members is that of the client. Members that the struct does not have are ignored. Without
// a body, all fields that are in the body alone are wrong, optional ones too.
package input

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/url"
	"reflect"
	"slices"
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

// problem is what is wrong with a value, and where: "body.email", or ".token" within a value.
type problem struct{ at, text string }

func wrong(text string) []problem { return []problem{{text: text}} }

// within returns problems of a part as problems of the whole.
func within(at string, problems []problem) []problem {
	for i := range problems {
		problems[i].at = at + problems[i].at
	}
	return problems
}

// Decode fills dst, a pointer to a struct, and returns an *Invalid if it cannot.
func Decode(dst any, src Source) error {
	v := reflect.ValueOf(dst).Elem()
	problems := decode(v, fieldsOf(v.Type()), src)
	if problems == nil {
		return nil
	}
	invalid := &Invalid{}
	for _, p := range problems {
		invalid.Problems = append(invalid.Problems, "["+p.at+"] "+p.text)
	}
	return invalid
}

func decode(dst reflect.Value, fields []field, src Source) (problems []problem) {
	var body map[string]any
	if !src.InQuery && inBody(fields) {
		var ok bool
		if body, ok = src.Body.(map[string]any); !ok && (src.HasBody || needsBody(fields)) {
			return noObject(fields, src)
		}
	}
	var raw map[string]json.RawMessage
	if body != nil && len(src.Raw) > 0 && hasRaw(fields) {
		if err := json.Unmarshal(src.Raw, &raw); err != nil {
			return []problem{{"body", "Invalid input: expected object"}}
		}
	}
	for _, f := range fields {
		if f.rest != "" {
			setRest(dst.FieldByIndex(f.index), fields, body)
			continue
		}
		target := dst.FieldByIndex(f.index)
		if f.unused {
			target = reflect.New(target.Type()).Elem()
		}
		where, value, present := f.find(src, body)
		found := f.set(target, value, present, where != "body" || src.Form, raw[f.name])
		problems = append(problems, within(where+"."+f.name, found)...)
	}
	return problems
}

// inBody tells whether any field may be in the body.
func inBody(fields []field) bool {
	return slices.ContainsFunc(fields, func(f field) bool { return f.in == "" || strings.HasPrefix(f.in, "body") })
}

// needsBody tells whether any field can be nowhere else.
func needsBody(fields []field) bool {
	return slices.ContainsFunc(fields, func(f field) bool { return f.in == "" })
}

// noObject says that the body is something else.
func noObject(fields []field, src Source) (problems []problem) {
	received := "undefined"
	if src.HasBody {
		received = typeName(src.Body)
	}
	names := "object"
	for _, f := range fields {
		if f.rest != "" && f.rest != "true" {
			names = f.rest
		}
	}
	for _, name := range strings.Split(names, ",") {
		problems = append(problems, problem{"body", "Invalid input: expected " + name + ", received " + received})
	}
	return problems
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
	unused   bool
	rest     string
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
		if sf.Anonymous || sf.Name == "_" {
			continue
		}
		name, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
		f := field{index: sf.Index, name: name, in: sf.Tag.Get("in"), rest: sf.Tag.Get("rest"), check: parseCheck(sf.Tag.Get("check"))}
		if f.rest == "" && (name == "" || name == "-") {
			continue
		}
		_, tri := reflect.New(sf.Type).Interface().(optional)
		f.optional = tri || strings.Contains(options, "omitempty") || sf.Type.Kind() == reflect.Pointer || sf.Type.Kind() == reflect.Interface
		f.raw = holdsRaw(sf.Type)
		fields = append(fields, f)
	}
	for i := range t.NumField() {
		sf := t.Field(i)
		if name := sf.Tag.Get("unused"); name != "" {
			fields = append(fields, field{index: sf.Index, name: name, unused: true, optional: true, check: parseCheck(sf.Tag.Get("check"))})
		}
	}
	cache.Store(t, fields)
	return fields
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
			known = known || f.name == name && f.rest == "" && (f.in == "" || strings.HasPrefix(f.in, "body"))
		}
		if !known {
			rest[name] = value
		}
	}
	dst.Set(reflect.ValueOf(rest))
}

// set stores a value in a field, and returns what is wrong with it.
func (f field) set(dst reflect.Value, value any, present, text bool, raw json.RawMessage) []problem {
	if o, ok := dst.Addr().Interface().(optional); ok {
		if !present {
			return nil
		}
		target := o.present(value == nil)
		if target == nil {
			return nil
		}
		return f.assign(reflect.ValueOf(target).Elem(), value, text, raw)
	}
	if f.optional && value == nil {
		return nil
	}
	if !present {
		return wrong(f.unlike(dst.Type(), "undefined"))
	}
	if dst.Kind() == reflect.Pointer {
		dst.Set(reflect.New(dst.Type().Elem()))
		dst = dst.Elem()
	}
	return f.assign(dst, value, text, raw)
}

// unlike says that a field has another type.
func (f field) unlike(t reflect.Type, received string) string {
	if f.check.union || t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String && !f.check.list {
		return "Invalid input"
	}
	return "Invalid input: expected " + wanted(t) + ", received " + received
}

func (f field) assign(dst reflect.Value, value any, text bool, raw json.RawMessage) []problem {
	unlike := f.unlike(dst.Type(), typeName(value))
	if dst.Type() == rawType {
		return some(f.json(dst, value, raw, unlike))
	}
	switch dst.Kind() {
	case reflect.Interface:
		dst.Set(reflect.ValueOf(&value).Elem())
		return nil
	case reflect.String:
		s, ok := value.(string)
		if !ok {
			return wrong(unlike)
		}
		dst.SetString(s)
		return some(f.check.text(s))
	case reflect.Bool:
		if s, ok := value.(string); ok && text {
			if s != "true" && s != "false" {
				return wrong(unlike)
			}
			value = s == "true"
		}
		b, ok := value.(bool)
		if !ok {
			return wrong(unlike)
		}
		dst.SetBool(b)
		return nil
	case reflect.Int, reflect.Float64:
		return some(f.number(dst, value, text, unlike))
	case reflect.Slice:
		return f.list(dst, value, unlike)
	case reflect.Map:
		return setMap(dst, value, unlike)
	case reflect.Struct:
		object, ok := value.(map[string]any)
		if !ok {
			return wrong(unlike)
		}
		problems := decode(dst, fieldsOf(dst.Type()), Source{Body: object, HasBody: true, Raw: raw})
		for i := range problems {
			problems[i].at = strings.TrimPrefix(problems[i].at, "body")
		}
		return problems
	}
	return wrong(unlike)
}

// some returns a problem if there is one.
func some(text string) []problem {
	if text == "" {
		return nil
	}
	return wrong(text)
}

// json takes any value as it was sent.
func (f field) json(dst reflect.Value, value any, raw json.RawMessage, unlike string) string {
	if _, ok := value.(map[string]any); !ok && f.check.object {
		return unlike
	}
	var text bytes.Buffer
	if raw == nil {
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(value); err != nil {
			return unlike
		}
		text.Truncate(text.Len() - 1) // The newline.
	} else if err := json.Compact(&text, raw); err != nil {
		return unlike
	}
	if f.check.max != nil && float64(text.Len()) > *f.check.max {
		return fmt.Sprintf("Too big: expected JSON of <=%v bytes", *f.check.max)
	}
	dst.SetBytes(text.Bytes())
	return ""
}

func (f field) number(dst reflect.Value, value any, text bool, unlike string) string {
	var n float64
	switch x := value.(type) {
	case json.Number:
		var err error
		if n, err = x.Float64(); err != nil {
			return unlike
		}
	case string:
		if !text {
			return unlike
		}
		var err error
		if n, err = strconv.ParseFloat(strings.TrimSpace(x), 64); err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return "Invalid input: expected " + wanted(dst.Type()) + ", received NaN"
		}
	default:
		return unlike
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

// list takes a list of texts or, if it may, a text.
func (f field) list(dst reflect.Value, value any, unlike string) []problem {
	if one, ok := value.(string); ok && !f.check.list {
		value = []any{one}
	}
	items, ok := value.([]any)
	if !ok || dst.Type().Elem().Kind() != reflect.String {
		return wrong(unlike)
	}
	list, problems := texts(items)
	switch {
	case problems != nil && !f.check.list:
		return wrong(unlike)
	case problems != nil:
		return problems
	}
	for _, s := range list {
		if problem := f.check.text(s); problem != "" {
			return wrong(problem)
		}
	}
	dst.Set(reflect.ValueOf(list).Convert(dst.Type()))
	return nil
}

// texts returns a list whose items are all texts.
func texts(items []any) (list []string, problems []problem) {
	list = make([]string, len(items))
	for i, item := range items {
		var ok bool
		if list[i], ok = item.(string); !ok {
			problems = append(problems, problem{"." + strconv.Itoa(i), "Invalid input: expected string, received " + typeName(item)})
		}
	}
	return list, problems
}

// setMap takes an object: any values, or lists of texts.
func setMap(dst reflect.Value, value any, unlike string) (problems []problem) {
	object, ok := value.(map[string]any)
	if !ok {
		return wrong(unlike)
	}
	if _, ok := dst.Interface().(map[string]any); ok {
		dst.Set(reflect.ValueOf(object))
		return nil
	}
	lists := reflect.MakeMapWithSize(dst.Type(), len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		items, ok := object[name].([]any)
		if !ok {
			problems = append(problems, problem{"." + name, "Invalid input: expected array, received " + typeName(object[name])})
			continue
		}
		list, wrong := texts(items)
		problems = append(problems, within("."+name, wrong)...)
		lists.SetMapIndex(reflect.ValueOf(name), reflect.ValueOf(list).Convert(dst.Type().Elem()))
	}
	dst.Set(lists)
	return problems
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
