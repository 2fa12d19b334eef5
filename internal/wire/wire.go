// Package wire writes values as the JSON of the auth endpoints: what encoding/json writes, but times have exactly
// three digits of a second and are in UTC (2006-01-02T15:04:05.000Z), characters of HTML are not escaped, and a field
// with the tag `wire:"extra"`, a map, adds its entries to the object that it stands in; one with the tag `wire:"json"`, a
// *string of JSON text, is written as the value that it says; and one with `wire:"after=name"` is the member behind that one.
package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// TimeFormat is how times are written, in UTC.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// Marshal returns the JSON of a value.
func Marshal(v any) ([]byte, error) { return Append(make([]byte, 0, 512), v) }

// Append appends the JSON of a value to b, and returns nil with an error.
func Append(b []byte, v any) ([]byte, error) { return appendValue(b, reflect.ValueOf(v)) }

var (
	timeType      = reflect.TypeFor[time.Time]()
	rawType       = reflect.TypeFor[json.RawMessage]()
	numberType    = reflect.TypeFor[json.Number]()
	marshalerType = reflect.TypeFor[Marshaler]()
	standardType  = reflect.TypeFor[json.Marshaler]()
)

// Marshaler is a value with a wire form of its own: the one that MarshalWire returns is written in its place.
type Marshaler interface{ MarshalWire() any }

func appendValue(b []byte, v reflect.Value) ([]byte, error) {
	if !v.IsValid() {
		return append(b, "null"...), nil
	}
	return encoderOf(v.Type())(b, v)
}

// An encoder writes the values of one type.
type encoder func(b []byte, v reflect.Value) ([]byte, error)

var encoders sync.Map // reflect.Type -> encoder

// encoderOf returns the encoder of a type, which is made once.
func encoderOf(t reflect.Type) encoder {
	if known, ok := encoders.Load(t); ok {
		return known.(encoder)
	}
	// The type may contain itself: until its encoder is there, this one stands in.
	var made encoder
	var ready sync.WaitGroup
	ready.Add(1)
	known, loaded := encoders.LoadOrStore(t, encoder(func(b []byte, v reflect.Value) ([]byte, error) {
		ready.Wait()
		return made(b, v)
	}))
	if loaded {
		return known.(encoder)
	}
	made = newEncoder(t)
	ready.Done()
	encoders.Store(t, made)
	return made
}

func newEncoder(t reflect.Type) encoder {
	switch {
	case t == timeType:
		return appendTime
	case t == numberType:
		return appendStandard
	case t == rawType:
		return appendRaw
	case t.Implements(marshalerType):
		return func(b []byte, v reflect.Value) ([]byte, error) {
			if t.Kind() == reflect.Pointer && v.IsNil() {
				return append(b, "null"...), nil
			}
			return appendValue(b, reflect.ValueOf(v.Interface().(Marshaler).MarshalWire()))
		}
	}
	if t.PkgPath() == "" { // No type of somebody who may have an idea of how it is written.
		switch {
		case reflect.Int <= t.Kind() && t.Kind() <= reflect.Int64:
			return func(b []byte, v reflect.Value) ([]byte, error) { return strconv.AppendInt(b, v.Int(), 10), nil }
		case reflect.Uint <= t.Kind() && t.Kind() <= reflect.Uint64:
			return func(b []byte, v reflect.Value) ([]byte, error) { return strconv.AppendUint(b, v.Uint(), 10), nil }
		}
	}
	switch t.Kind() {
	case reflect.Pointer:
		elem := encoderOf(t.Elem())
		return orNull(func(b []byte, v reflect.Value) ([]byte, error) { return elem(b, v.Elem()) })
	case reflect.Interface:
		return orNull(func(b []byte, v reflect.Value) ([]byte, error) { return appendValue(b, v.Elem()) })
	case reflect.String:
		return func(b []byte, v reflect.Value) ([]byte, error) { return appendString(b, v.String()) }
	case reflect.Bool:
		return func(b []byte, v reflect.Value) ([]byte, error) { return strconv.AppendBool(b, v.Bool()), nil }
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return appendStandard
		}
		return orNull(arrayEncoder(t))
	case reflect.Array:
		return arrayEncoder(t)
	case reflect.Map:
		return orNull(appendMap)
	case reflect.Struct:
		if fields := fieldsOf(t); fields != nil {
			return func(b []byte, v reflect.Value) ([]byte, error) { return appendStruct(b, v, fields) }
		}
	}
	return appendStandard
}

// orNull returns an encoder that writes null for nil.
func orNull(encode encoder) encoder {
	return func(b []byte, v reflect.Value) ([]byte, error) {
		if v.IsNil() {
			return append(b, "null"...), nil
		}
		return encode(b, v)
	}
}

func appendTime(b []byte, v reflect.Value) ([]byte, error) {
	var at time.Time
	if v.CanAddr() {
		at = *v.Addr().Interface().(*time.Time) // Without a copy on the heap.
	} else {
		at = v.Interface().(time.Time)
	}
	b = append(b, '"')
	b = at.UTC().AppendFormat(b, TimeFormat)
	return append(b, '"'), nil
}

func appendRaw(b []byte, v reflect.Value) ([]byte, error) {
	if v.Len() == 0 {
		return append(b, "null"...), nil
	}
	return append(b, v.Bytes()...), nil
}

func arrayEncoder(t reflect.Type) encoder {
	elem := encoderOf(t.Elem())
	return func(b []byte, v reflect.Value) (_ []byte, err error) {
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = elem(b, v.Index(i)); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	}
}

func appendMap(b []byte, v reflect.Value) (_ []byte, err error) {
	if v.Type().Key().Kind() != reflect.String {
		return appendStandard(b, v)
	}
	b = append(b, '{')
	if b, err = appendEntries(b, v, false); err != nil {
		return nil, err
	}
	return append(b, '}'), nil
}

// appendEntries writes the entries of a map in the order of their keys.
func appendEntries(b []byte, v reflect.Value, comma bool) (_ []byte, err error) {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(x, y reflect.Value) int { return strings.Compare(x.String(), y.String()) })
	for _, k := range keys {
		if comma {
			b = append(b, ',')
		}
		comma = true
		if b, err = appendString(b, k.String()); err != nil {
			return nil, err
		}
		b = append(b, ':')
		if b, err = appendValue(b, v.MapIndex(k)); err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
	}
	return b, nil
}

func appendStruct(b []byte, v reflect.Value, fields []field) (_ []byte, err error) {
	b = append(b, '{')
	comma := false
	for i := range fields {
		f := &fields[i]
		var value reflect.Value
		if len(f.index) == 1 {
			value = v.Field(f.index[0])
		} else if value, err = v.FieldByIndexErr(f.index); err != nil {
			continue // A nil embedded pointer.
		}
		if f.omitEmpty && value.IsZero() {
			continue
		}
		if f.extra {
			if value.Len() > 0 {
				if b, err = appendEntries(b, value, comma); err != nil {
					return nil, err
				}
				comma = true
			}
			continue
		}
		if comma {
			b = append(b, ',')
		}
		comma = true
		b = append(b, f.quoted...)
		if f.json {
			b, err = appendValue(b, textOf(value))
		} else {
			b, err = f.encode(b, value)
		}
		if err != nil {
			return nil, fmt.Errorf("%s %w", f.quoted, err)
		}
	}
	return append(b, '}'), nil
}

// appendString writes a text as JSON. Bytes that are not UTF-8 become U+FFFD.
func appendString(b []byte, s string) ([]byte, error) {
	plain := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			plain = false
			break
		}
	}
	if plain {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"'), nil
	}
	return appendStandard(b, reflect.ValueOf(s))
}

// appendStandard writes a value as encoding/json does.
func appendStandard(b []byte, v reflect.Value) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v.Interface()); err != nil {
		return nil, err
	}
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...), nil
}

// field is a member of a struct's JSON object.
type field struct {
	index     []int
	quoted    string // "name":
	omitEmpty bool
	extra     bool
	json      bool
	encode    encoder // Of the field's type.
}

// textOf returns the value of a *string of JSON text. A text that is no JSON stays one.
func textOf(v reflect.Value) reflect.Value {
	if text, ok := v.Interface().(*string); ok && text != nil && json.Valid([]byte(*text)) {
		return reflect.ValueOf(json.RawMessage(*text))
	}
	return v
}

// fieldsOf returns the members of a struct type in their order, or nil if its JSON is its own affair.
func fieldsOf(t reflect.Type) []field {
	// Records have a MarshalJSON that calls this package: only the types of others write themselves.
	if t.Implements(standardType) && !strings.HasPrefix(t.PkgPath(), "github.com/agentuity/auth-go/") {
		return nil
	}
	return appendFields([]field{}, t, nil)
}

func appendFields(fields []field, t reflect.Type, index []int) []field {
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(slices.Clone(index), i)
		if f.Tag.Get("wire") == "extra" {
			fields = append(fields, field{index: at, extra: true})
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		if f.Anonymous && name == "" {
			if embedded := f.Type; embedded.Kind() == reflect.Struct {
				fields = appendFields(fields, embedded, at)
				continue
			} else if embedded.Kind() == reflect.Pointer && embedded.Elem().Kind() == reflect.Struct {
				fields = appendFields(fields, embedded.Elem(), at)
				continue
			}
		}
		if !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		place := len(fields)
		if before, ok := strings.CutPrefix(f.Tag.Get("wire"), "after="); ok {
			place = 1 + slices.IndexFunc(fields, func(f field) bool { return f.quoted == `"`+before+`":` })
		}
		fields = slices.Insert(fields, place, field{index: at, quoted: `"` + name + `":`, omitEmpty: strings.Contains(options, "omitempty"), json: f.Tag.Get("wire") == "json", encode: encoderOf(f.Type)})
	}
	return fields
}
