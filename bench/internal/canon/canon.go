// Package canon writes the results of contenders in one form, so that they can be compared:
// structs of Ent, GORM, Bun and of hand-written code, and the objects of Drizzle.
package canon

import (
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Text writes a value: fields by name in lower case, in order, without what is empty or
// ignored. The edges of an entity of Ent are written as its fields. Times are in
// milliseconds.
func Text(v any, ignore []string) string {
	var b strings.Builder
	write(&b, reflect.ValueOf(v), ignore)
	return b.String()
}

// Sum is a short checksum of Text.
func Sum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// unsaid are the fields that never count: secrets, which one contender selects and another
// does not.
var unsaid = []string{"token"}

func write(b *strings.Builder, v reflect.Value, ignore []string) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	if !v.IsValid() {
		return
	}
	switch x := v.Interface().(type) {
	case time.Time:
		if !x.IsZero() {
			b.WriteString(strconv.FormatInt(x.UnixMilli(), 10))
		}
		return
	case driver.Valuer: // sql.NullString, pgtype.Text, ...
		value, err := x.Value()
		if err == nil && value != nil {
			write(b, reflect.ValueOf(value), ignore)
		}
		return
	case json.Number:
		b.WriteString(x.String())
		return
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			b.WriteString("[")
			write(b, v.Index(i), ignore)
			b.WriteString("]")
		}
	case reflect.Struct, reflect.Map:
		fields := map[string]string{}
		collect(fields, v, ignore)
		names := make([]string, 0, len(fields))
		for name := range fields {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			fmt.Fprintf(b, "%s={%s}", name, fields[name])
		}
	case reflect.String:
		// A time of JSON.
		if t, err := time.Parse(time.RFC3339Nano, v.String()); err == nil {
			b.WriteString(strconv.FormatInt(t.UnixMilli(), 10))
			return
		}
		b.WriteString(v.String())
	default:
		if !v.IsZero() {
			fmt.Fprint(b, v.Interface())
		}
	}
}

func collect(fields map[string]string, v reflect.Value, ignore []string) {
	add := func(name string, value reflect.Value) {
		name = strings.ToLower(strings.ReplaceAll(name, "_", ""))
		if slices.Contains(ignore, name) || slices.Contains(unsaid, name) {
			return
		}
		var b strings.Builder
		write(&b, value, ignore)
		if b.Len() > 0 {
			fields[name] = b.String()
		}
	}
	if v.Kind() == reflect.Map {
		for it := v.MapRange(); it.Next(); {
			add(it.Key().String(), it.Value())
		}
		return
	}
	for i := range v.NumField() {
		switch f := v.Type().Field(i); {
		case !f.IsExported():
		case f.Name == "Edges", f.Anonymous:
			collect(fields, v.Field(i), ignore)
		default:
			add(f.Name, v.Field(i))
		}
	}
}
