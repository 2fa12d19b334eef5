package param

import (
	"bytes"
	"crypto/rand"
	"database/sql/driver"
	"fmt"
	"hash/maphash"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

var (
	seed = maphash.MakeSeed()

	// mark is in every placeholder that is a text. Postgres refuses a text with a zero byte, so a
	// placeholder that is not prepared is an error there.
	mark = "\x00param " + rand.Text() + " "

	// names are the names of the placeholders, by their value: as many as a program names.
	names sync.Map
)

type timeKey struct {
	seconds int64
	nanos   int
}

func hash(name, kind string) uint64 {
	return maphash.String(seed, kind+"\x00"+name)
}

// register remembers the name of a placeholder.
func register(value any, name string) {
	if _, ok := names.Load(value); !ok {
		names.Store(value, name)
	}
}

// textOf returns the placeholder of a name among the texts.
func textOf(name string) string { return mark + name + "\x00" }

// Lookup returns the name of the placeholder that an argument of a statement is. It returns "" if the argument
// is none, and an error if it was made from one. Generated code calls it.
func Lookup(arg any) (name string, err error) {
	switch v := arg.(type) {
	case nil:
		return "", nil
	case string:
		return lookupText(v)
	case []byte:
		if !bytes.Contains(v, []byte(mark)) {
			return "", nil
		}
		return lookupText(string(v))
	case time.Time:
		return lookup(timeKey{v.Unix(), v.Nanosecond()}), nil
	case uuid.UUID:
		return lookup(v), nil
	}
	switch rv := reflect.ValueOf(arg); {
	case rv.Kind() == reflect.Pointer && rv.IsNil():
		return "", nil
	case rv.Kind() == reflect.String:
		return lookupText(rv.String())
	case rv.CanInt():
		return lookup(uint64(rv.Int())), nil
	case rv.CanUint():
		return lookup(rv.Uint()), nil
	case rv.CanFloat():
		return lookup(rv.Float()), nil
	}
	if valuer, ok := arg.(driver.Valuer); ok {
		v, err := valuer.Value()
		if err != nil {
			return "", nil //nolint:nilerr // It is reported when the statement runs.
		}
		name, err := Lookup(v)
		if err != nil {
			return "", err
		}
		if name != "" {
			return "", fmt.Errorf("placeholder %q is in a %T: only a value of its own type can be replaced", name, arg)
		}
	}
	return "", nil
}

// Within returns the name of a placeholder in a text that is not one as a whole, or "".
func Within(text string) string {
	_, rest, ok := strings.Cut(text, mark)
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "\x00")
	return name
}

func lookup(key any) string {
	if name, ok := names.Load(key); ok {
		s, _ := name.(string)
		return s
	}
	return ""
}

func lookupText(text string) (string, error) {
	name := Within(text)
	if name == "" || text == textOf(name) {
		return name, nil
	}
	return "", fmt.Errorf("placeholder %q becomes part of another value: a pattern such as that of Contains or HasPrefix is made from its argument, so give the whole pattern as the argument of a predicate that takes it", name)
}
