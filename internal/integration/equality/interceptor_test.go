package equality_test

import (
	"context"
	"fmt"
	"reflect"

	"entgo.io/ent"

	"github.com/agentuity/auth-go/internal/integration/equality/catalog"
)

// interceptor is one that a client has for the queries of a type.
type interceptor struct {
	typ   *catalog.Type
	kind  string
	where *predicate
}

// inner marks the context of a query of an interceptor.
type inner struct{}

// String says what it does.
func (i *interceptor) String() string {
	return fmt.Sprintf("client.%s.Intercept(%s %v)", i.typ.Name, i.kind, i.where)
}

// interceptor makes an interceptor.
func (g *generator) interceptor() *interceptor {
	t := g.subject.types[pick(g, g.subject.names...)]
	return &interceptor{
		typ:   t,
		kind:  pick(g, "traverse", "pass on", "reverse", "drop", "query first"),
		where: g.predicate(t, 1),
	}
}

// build makes the interceptor of a client.
func (i *interceptor) build(client reflect.Value) ent.Interceptor {
	if i.kind == "traverse" {
		return ent.TraverseFunc(func(_ context.Context, q ent.Query) error {
			filter(reflect.ValueOf(q), []*predicate{i.where})
			return nil
		})
	}
	return ent.InterceptFunc(func(next ent.Querier) ent.Querier {
		return ent.QuerierFunc(func(ctx context.Context, q ent.Query) (ent.Value, error) {
			if i.kind == "query first" && ctx.Value(inner{}) == nil { // Another query, in the context of this one.
				other := typeClient(client, i.typ.Name).MethodByName("Query").Call(nil)[0]
				if err := errorOf(call(other, "All", context.WithValue(ctx, inner{}, true))[1]); err != nil {
					return nil, err
				}
			}
			v, err := next.Query(ctx, q)
			nodes := reflect.ValueOf(v)
			if err != nil || nodes.Kind() != reflect.Slice || nodes.Len() == 0 {
				return v, err
			}
			switch i.kind {
			case "reverse":
				nodes = nodes.Slice(0, nodes.Len())
				swap := reflect.Swapper(nodes.Interface())
				for a, b := 0, nodes.Len()-1; a < b; a, b = a+1, b-1 {
					swap(a, b)
				}
			case "drop":
				return nodes.Slice(0, 0).Interface(), nil
			}
			return v, nil
		})
	})
}

// hook is one that a client has for all mutations: it asks for the old value of a field that
// is changed, and keeps what it saw.
type hook struct {
	saw []string
}

func (h *hook) build(p func() *printer) ent.Hook {
	return func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
			if m.Op().Is(ent.OpUpdateOne) {
				for _, name := range m.Fields() {
					old, err := m.OldField(ctx, name)
					if err != nil {
						h.saw = append(h.saw, name+": "+err.Error())
						continue
					}
					h.saw = append(h.saw, name+": "+p().value(reflect.ValueOf(old)))
				}
			}
			return next.Mutate(ctx, m)
		})
	}
}
