package eager

import (
	"context"

	"entgo.io/ent"
)

// Plannable reports whether an edge's query can be planned with its interceptors: whether
// each only looks at the query before it runs, and leaves the execution alone.
func (n *Node) Plannable(inters []ent.Interceptor) bool {
	ok := plannable(inters)
	n.Partial = n.Partial || !ok
	return ok
}

func plannable(inters []ent.Interceptor) bool {
	for _, inter := range inters {
		if inter == nil {
			return false
		}
		probe := &querier{}
		if next, ok := inter.Intercept(probe).(*querier); !ok || next != probe {
			return false
		}
	}
	return true
}

// Remaining returns the interceptors without those that ran when the query was planned.
func Remaining(inters []ent.Interceptor) []ent.Interceptor {
	var remaining []ent.Interceptor
	for _, inter := range inters {
		if _, ok := inter.(ent.Traverser); !ok {
			remaining = append(remaining, inter)
		}
	}
	return remaining
}

// querier is what an interceptor must hand back unchanged.
type querier struct{ _ byte }

func (*querier) Query(context.Context, ent.Query) (ent.Value, error) { return nil, errStop{} }
