package entquery

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/agentuity/auth-go/authent/param"
)

// placeholder is a placeholder of a prepared query.
type placeholder struct {
	name string
	typ  reflect.Type // of the value that stands for it
}

// convert returns an argument as the type of the placeholder.
func (p *placeholder) convert(arg any) (any, error) {
	t := reflect.TypeOf(arg)
	if t == p.typ {
		return arg, nil
	}
	if t == nil {
		return nil, fmt.Errorf("placeholder %q takes %s, not nil: nothing equals NULL, prepare a query with a predicate such as IsNil", p.name, withArticle(p.typ))
	}
	v, to := reflect.ValueOf(arg), reflect.New(p.typ).Elem()
	switch {
	case v.Kind() == reflect.String && to.Kind() == reflect.String,
		v.CanFloat() && to.CanFloat(),
		v.CanInt() && to.CanInt() && !to.OverflowInt(v.Int()),
		v.CanUint() && to.CanUint() && !to.OverflowUint(v.Uint()):
		return v.Convert(p.typ).Interface(), nil
	}
	return nil, fmt.Errorf("placeholder %q takes %s, not the %T %v", p.name, withArticle(p.typ), arg, arg)
}

// withArticle returns a type as a sentence names it: a string, an int.
func withArticle(t reflect.Type) string {
	name := t.String()
	if strings.ContainsRune("aeio", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

// written finds what Ent writes into a statement as a number.
var written = regexp.MustCompile(`\b(LIMIT|OFFSET) (\d+)`)

// placeholders are those of one prepared query, in the order of its arguments.
type placeholders []*placeholder

func (ps placeholders) names() []string {
	names := make([]string, len(ps))
	for i, p := range ps {
		names[i] = p.name
	}
	return names
}

// check returns an error unless there is one argument for each placeholder.
func (ps placeholders) check(args []any) error {
	if len(args) == len(ps) {
		return nil
	}
	switch len(ps) {
	case 0:
		return fmt.Errorf("it takes no arguments, got %d", len(args))
	case 1:
		return fmt.Errorf("it takes 1 argument (%s), got %d", ps[0].name, len(args))
	}
	return fmt.Errorf("it takes %d arguments (%s), got %d", len(ps), strings.Join(ps.names(), ", "), len(args))
}

// index returns the number of a placeholder, or -1.
func (ps placeholders) index(name string) int {
	return slices.IndexFunc(ps, func(p *placeholder) bool { return p.name == name })
}

// add notes the placeholders among the arguments of a statement, and returns their numbers, -1 for other
// arguments.
func (ps *placeholders) add(query string, args []any) ([]int, error) {
	if name := param.Within(query); name != "" {
		return nil, fmt.Errorf("placeholder %q is in the text of the statement: use it as an argument", name)
	}
	for _, found := range written.FindAllStringSubmatch(query, -1) {
		n, err := strconv.ParseUint(found[2], 10, 64)
		if err != nil {
			continue
		}
		if name, _ := param.Lookup(n); name != "" {
			return nil, fmt.Errorf("placeholder %q is the %s, which Ent writes into the statement: give it a number", name, found[1])
		}
	}
	numbers := make([]int, len(args))
	for i, arg := range args {
		name, err := param.Lookup(arg)
		if err != nil {
			return nil, err
		}
		numbers[i] = -1
		if name == "" {
			continue
		}
		t := reflect.TypeOf(arg)
		n := ps.index(name)
		switch {
		case n < 0:
			n = len(*ps)
			*ps = append(*ps, &placeholder{name: name, typ: t})
		case (*ps)[n].typ == nil:
			(*ps)[n].typ = t
		case (*ps)[n].typ != t:
			return nil, fmt.Errorf("placeholder %q is %s and %s: give them different names", name, withArticle((*ps)[n].typ), withArticle(t))
		}
		numbers[i] = n
	}
	return numbers, nil
}

// bind returns the arguments of a statement: those that it was rendered with, with the placeholders
// replaced.
func (ps placeholders) bind(rendered []any, numbers []int, args []any) ([]any, error) {
	out := make([]any, len(rendered))
	for i, n := range numbers {
		if n < 0 {
			out[i] = rendered[i]
			continue
		}
		v, err := ps[n].convert(args[n])
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}
