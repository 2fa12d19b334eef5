// Package param has the placeholders of prepared queries:
//
//	getUser, err := client.User.Query().Where(user.ID(param.String("id"))).Prepare("getUserById")
//	...
//	u, err := getUser.Only(ctx, id)
//
// A placeholder is an ordinary value of its type, so that it fits Ent's typed predicates, and one that no app
// uses: Prepare finds it among the arguments of the statement. It must get there as it is. What a predicate
// makes another value of, such as the pattern of Contains or HasPrefix, cannot be prepared, and Prepare says so.
//
// There is no placeholder for a bool, which has no value to spare, nor for Limit and Offset, which Ent writes
// into the statement.
package param

import (
	"math"
	"reflect"
	"time"

	"github.com/google/uuid"
)

// Value is what a placeholder can be, beside times, UUIDs and bytes.
type Value interface {
	~string | ~int | ~int32 | ~int64 | ~uint | ~uint32 | ~uint64 | ~float64
}

// Of returns the placeholder of a name as a value of any type that is a string or a number, an enum for
// example: device.KindEQ(param.Of[device.Kind]("kind")).
func Of[T Value](name string) T {
	var v T
	rv := reflect.ValueOf(&v).Elem()
	switch {
	case rv.CanInt():
		rv.SetInt(int64(number(name, rv.Type().Bits())))
	case rv.CanUint():
		rv.SetUint(number(name, rv.Type().Bits()))
	case rv.CanFloat():
		rv.SetFloat(float(name))
	default:
		rv.SetString(textOf(name))
	}
	return v
}

// String returns the placeholder of a name as a string.
func String(name string) string { return Of[string](name) }

// Int returns the placeholder of a name as an int.
func Int(name string) int { return Of[int](name) }

// Int64 returns the placeholder of a name as an int64.
func Int64(name string) int64 { return Of[int64](name) }

// Float64 returns the placeholder of a name as a float64.
func Float64(name string) float64 { return Of[float64](name) }

// Bytes returns the placeholder of a name as bytes.
func Bytes(name string) []byte { return []byte(textOf(name)) }

// Time returns the placeholder of a name as a time, in the tenth millennium.
func Time(name string) time.Time {
	const start, span = 221845132800, 31000000000 // from the year 9000, seconds
	h := hash(name, "time")
	t := time.Unix(start+int64(h%span), int64(h>>40)*1000).UTC()
	register(timeKey{t.Unix(), t.Nanosecond()}, name)
	return t
}

// UUID returns the placeholder of a name as a UUID.
func UUID(name string) uuid.UUID {
	var id uuid.UUID
	for i := range 8 {
		id[i] = byte(hash(name, "uuid") >> (8 * i))
		id[8+i] = byte(hash(name, "uuid, the rest") >> (8 * i))
	}
	register(id, name)
	return id
}

// number returns the placeholder of a name among the numbers of a size.
func number(name string, bits int) uint64 {
	n := hash(name, "number")
	switch bits {
	case 32:
		n = n>>34 | 1<<30
	default:
		n = n>>2 | 1<<62
	}
	register(n, name)
	return n
}

// float returns the placeholder of a name among the floats: near the largest.
func float(name string) float64 {
	f := math.Float64frombits(0x7FE<<52 | hash(name, "float")>>12)
	register(f, name)
	return f
}
