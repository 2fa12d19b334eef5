package equality_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"net"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agentuity/auth-go/internal/integration/equality/catalog"
	"github.com/agentuity/auth-go/internal/integration/equality/shapes"
)

// generator makes what is asked of the clients.
type generator struct {
	*rand.Rand
	subject *subject
	// agree is for all dialects: nothing that means another thing on SQLite.
	agree bool
	// ids of the rows that there are, by type.
	ids map[string][]any
	// writing is set while a mutation is made.
	writing bool
	// fresh numbers the ids of new rows.
	fresh int
}

// chance is true in p of 100 cases.
func (g *generator) chance(p int) bool { return g.IntN(100) < p }

// pick returns one of the values.
func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

var (
	plainStrings = []string{"", "a", "b", "ab", "abc", "B", "Ab", "a_b", "100%", "x y", `back\slash`, "it's", `"q"`}
	wideStrings  = []string{"é", "ß", "Ünï", "日本", "😀", "tab\there", "line\nbreak", "$1", "?", ":name", "{a,b}", "NULL", strings.Repeat("long ", 60)}
)

func (g *generator) text() string {
	if !g.agree && g.chance(30) {
		return pick(g, wideStrings...)
	}
	return pick(g, plainStrings...)
}

func (g *generator) time() time.Time {
	day := time.Date(2024, time.Month(1+g.IntN(3)), 1+g.IntN(4), 0, 0, 0, 0, time.UTC)
	if g.agree { // SQLite compares times as text.
		return day
	}
	t := day.Add(time.Duration(g.IntN(86400)) * time.Second)
	switch g.IntN(8) {
	case 0:
		t = t.Add(time.Duration(g.IntN(1e6)) * time.Microsecond)
	case 1:
		t = t.Add(time.Duration(g.IntN(1e9))) // Postgres keeps microseconds.
	case 2:
		t = t.In(time.FixedZone("", -g.IntN(12)*1800))
	case 3:
		t = t.In(time.FixedZone("X", 5*3600+1800))
	case 4:
		t = t.In(time.Local)
	case 5:
		t = pick(g, time.Time{}, time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
	}
	return t
}

func (g *generator) address() shapes.Address {
	a := shapes.Address{Street: g.text(), Number: g.IntN(4)}
	switch g.IntN(4) {
	case 0:
		a.Notes = []string{}
	case 1:
		a.Notes = []string{g.text(), g.text()}
	case 2:
		a.More = map[string]string{"k": g.text()}
	case 3:
		a.Next = &shapes.Address{Number: g.IntN(3)}
	}
	return a
}

// anything is what a JSON field of any type may hold.
func (g *generator) anything() any {
	return pick[any](g, "text", 1.0, -2.5, true, []any{1.0, "b", nil}, map[string]any{"a": 1.0, "b": []any{}, "c": map[string]any{"d": nil}}, map[string]any{})
}

// uuids are few, so that some are there twice.
func smallUUID(n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("%08x-0000-4000-8000-%012x", n*7919, n))
}

// value returns a value of a field.
func (g *generator) value(t *catalog.Type, f *catalog.Field) any {
	if len(f.Enums) > 0 {
		return pick(g, f.Enums...)
	}
	if f == t.ID {
		return g.id(t.Name)
	}
	if f.EdgeField {
		for _, e := range t.Edges {
			if e.Field == f.GoName && e.OwnFK {
				return g.id(e.Target)
			}
		}
	}
	if f.Unique || g.subject.distinct[t.Name+"."+f.Name] {
		if _, ok := f.Value.(string); ok {
			return fmt.Sprintf("%s-%d", f.Name, g.IntN(60))
		}
	}
	return g.valueOf(reflect.TypeOf(f.Value))
}

// valueOf returns a value of a Go type. A nil type stands for an interface.
func (g *generator) valueOf(t reflect.Type) any {
	if t == nil {
		return g.anything()
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return g.time()
	case reflect.TypeFor[uuid.UUID]():
		return smallUUID(g.IntN(8))
	case reflect.TypeFor[[]byte]():
		return pick(g, []byte("x"), []byte{0, 1, 255}, []byte("abc"), []byte(`\x41`))
	case reflect.TypeFor[net.IP]():
		return pick(g, net.IPv4(127, 0, 0, 1), net.ParseIP("::1"))
	case reflect.TypeFor[*url.URL]():
		return pick(g, &url.URL{Scheme: "https", Host: "example.com", Path: "/" + pick(g, "a", "b")}, &url.URL{Path: "x y"})
	case reflect.TypeFor[*big.Int]():
		return new(big.Int).Exp(big.NewInt(int64(g.IntN(5))), big.NewInt(70), nil)
	case reflect.TypeFor[*sql.NullString]():
		return &sql.NullString{String: g.text(), Valid: true}
	case reflect.TypeFor[sql.NullInt64]():
		return sql.NullInt64{Int64: int64(g.IntN(5)), Valid: true}
	case reflect.TypeFor[shapes.Code]():
		return shapes.Code{Number: int64(g.IntN(9))}
	case reflect.TypeFor[shapes.Point]():
		return shapes.Point{X: g.IntN(3), Y: -g.IntN(3)}
	case reflect.TypeFor[shapes.Words]():
		return pick(g, shapes.Words{}, shapes.Words{"a"}, shapes.Words{"b", "a", "b"})
	case reflect.TypeFor[shapes.Decimal]():
		if g.agree {
			return pick[shapes.Decimal](g, "1.50", "2.25", "3.00")
		}
		return pick[shapes.Decimal](g, "0", "-1.50", "2.25", "123456789012345678901234567890.123456789", "NaN")
	case reflect.TypeFor[json.RawMessage]():
		if g.agree { // jsonb has a normal form, text has not.
			return json.RawMessage(`{"a": 1}`)
		}
		return json.RawMessage(pick(g, `{"b":1, "a":[1,2, 3]}`, `null`, `[]`, `"x"`, `1.50`))
	case reflect.TypeFor[shapes.Address]():
		return g.address()
	case reflect.TypeFor[*shapes.Address]():
		a := g.address()
		return &a
	case reflect.TypeFor[[]shapes.Address]():
		return pick(g, []shapes.Address{}, []shapes.Address{g.address()}, []shapes.Address{g.address(), {}})
	case reflect.TypeFor[map[string]any]():
		return pick(g, map[string]any{}, map[string]any{"a": g.anything()}, map[string]any{"a": 1.0, "b": g.text()})
	case reflect.TypeFor[map[string]int]():
		return pick(g, map[string]int{}, map[string]int{"a": 1}, map[string]int{"b": -2, "": g.IntN(3)})
	case reflect.TypeFor[[]string]():
		return pick(g, []string{}, []string{"a"}, []string{"b", "", g.text()})
	case reflect.TypeFor[[]int]():
		return pick(g, []int{}, []int{3}, []int{2, -1, 2})
	case reflect.TypeFor[[]float64]():
		return pick(g, []float64{}, []float64{1.5, -0.25})
	}
	return g.basic(t)
}

// basic returns a value of a type whose kind is that of a basic type.
func (g *generator) basic(t reflect.Type) any {
	v := reflect.New(t).Elem()
	switch {
	case t.Kind() == reflect.Bool:
		v.SetBool(g.chance(50))
	case v.CanInt():
		n := int64(g.IntN(8) - 2)
		if !g.agree && g.chance(4) {
			n = pick[int64](g, 0, math.MaxInt64>>(64-t.Bits()), math.MinInt64>>(64-t.Bits()))
		}
		v.SetInt(n)
	case v.CanUint():
		n := uint64(g.IntN(6))
		if !g.agree && g.chance(4) {
			n = math.MaxInt64 >> (64 - t.Bits())
		}
		v.SetUint(n)
	case v.CanFloat():
		n := pick(g, 0, 1.5, -2.25, 3, 0.125)
		if !g.agree && g.chance(6) {
			n = pick(g, 1e30, -1e-30, math.Inf(1), math.NaN(), math.Copysign(0, -1), 0.1)
		}
		v.SetFloat(n)
	case t.Kind() == reflect.String:
		v.SetString(g.text())
	default:
		panic(fmt.Sprintf("no values of %s", t))
	}
	return v.Interface()
}

// id returns an id of a type: mostly of a row that there is.
func (g *generator) id(name string) any {
	if ids := g.ids[name]; len(ids) > 0 && !g.chance(4) {
		return pick(g, ids...)
	}
	return g.newID(name)
}

// newID returns an id that no row has yet.
func (g *generator) newID(name string) any {
	t := g.subject.types[name]
	// A row that shares its id with another one needs that one's.
	for _, e := range t.Edges {
		if e.SharedID && len(g.ids[e.Target]) > 0 {
			return pick(g, g.ids[e.Target]...)
		}
	}
	g.fresh++
	switch id := t.ID.Value.(type) {
	case uuid.UUID:
		return smallUUID(100 + g.fresh)
	case shapes.Code:
		return shapes.Code{Number: int64(1000 + g.fresh)}
	default:
		v := reflect.New(reflect.TypeOf(id)).Elem()
		switch {
		case v.CanInt():
			v.SetInt(int64(1000 + g.fresh))
		case v.Kind() == reflect.String:
			v.SetString(fmt.Sprintf("%s%03d", strings.ToLower(name[:2]), (g.fresh*37)%1000))
		default:
			panic(fmt.Sprintf("no ids of %T", id))
		}
		return v.Interface()
	}
}

// nillable returns a pointer to a copy of v.
func nillable(v any) any {
	p := reflect.New(reflect.TypeOf(v))
	p.Elem().Set(reflect.ValueOf(v))
	return p.Interface()
}
