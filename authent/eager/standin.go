package eager

import (
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"reflect"
	"sync"
)

// standIns are the stand-ins of the types that were asked for.
var standIns sync.Map // reflect.Type to any

// text stands in for text keys.
var text = "authent:" + rand.Text()

var anyText any = text

// StandIn returns a value of a type of keys that no row has: the same one each time. ok is
// false if there is none for the type.
func StandIn[T comparable]() (key T, ok bool) {
	if s, isText := any(&key).(*string); isText {
		*s = text
		return key, true
	}
	t := reflect.TypeFor[T]()
	v, known := standIns.Load(t)
	if !known {
		v = nil
		if fill(reflect.ValueOf(&key)) {
			v = key
		}
		v, _ = standIns.LoadOrStore(t, v)
	}
	key, ok = v.(T)
	return key, ok
}

// fill fills what a pointer points to with a value that is not in use.
func fill(p reflect.Value) bool {
	v := p.Elem()
	var random [8]byte
	_, _ = rand.Read(random[:]) // It never fails.
	n := binary.BigEndian.Uint64(random[:])
	switch v.Kind() {
	case reflect.String:
		if _, ok := p.Interface().(sql.Scanner); ok {
			break
		}
		v.SetString(text)
		return true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		// Negative, and far from small.
		bits := v.Type().Bits()
		v.SetInt(-1<<(bits-1) + int64(n>>(64-bits+2)) + 1)
		return true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		bits := v.Type().Bits()
		v.SetUint((1<<(bits-1) | n>>(64-bits+1)) &^ (1 << 63))
		return true
	case reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 && v.Len() >= len(random) {
			_, _ = rand.Read(v.Slice(0, v.Len()).Bytes())
			return true
		}
	}
	scanner, ok := p.Interface().(sql.Scanner)
	if !ok {
		return false
	}
	const uuid = "5d7ae7a4-3f0c-4a7b-9d0e-6b0f7c1a9e35"
	for _, candidate := range []any{text, uuid, int64(n >> 2), []byte(text)} {
		if scanner.Scan(candidate) == nil && !v.IsZero() {
			return true
		}
	}
	return false
}
