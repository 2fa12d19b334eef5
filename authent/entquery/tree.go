package entquery

import (
	"context"
	"slices"
	"sync"

	"entgo.io/ent/dialect/sql"

	"github.com/agentuity/auth-go/authent/eager"
)

// tree is a statement of a prepared query with edges, on one driver.
type tree struct {
	*statement
	once sync.Once
	plan *eager.Tree // with the queries of the driver
}

// plan finds the placeholders in the plans of the statements that run with edges. It returns false
// if not all is planned.
func (p *prepared[T, Tx]) plan(statements []statement) bool {
	if len(statements) < 3 {
		return false
	}
	for i := range 3 {
		s := &statements[i]
		if s.tree == nil || !s.tree.Whole() {
			return false
		}
		s.makes = p.Attach != nil && s.tree.Makes()
		s.nodes = [][]int{s.numbers}
		s.tree.Root.Args = s.args
		for _, n := range s.tree.Nodes {
			numbers, err := p.params.add(n.SQL, n.Args)
			if err != nil {
				return false
			}
			if slices.Max(append(numbers, -1)) < 0 {
				numbers = nil
			}
			s.nodes = append(s.nodes, numbers)
		}
	}
	p.all, p.first, p.only = statements[0], statements[1], statements[2]
	return !slices.ContainsFunc(p.params, func(param *placeholder) bool { return param.typ == nil })
}

// runTree runs a statement and those of its edges, and returns its entities. logged says that the statements of edges
// are to be logged.
func (p *Prepared[T, Tx]) runTree(ctx context.Context, t *tree, logged bool, args []any) ([]*T, error) {
	if err := p.params.check(args); err != nil {
		return nil, p.failed(err)
	}
	bind := func(i int) ([]any, error) {
		n := t.tree.Root
		if i > 0 {
			n = t.tree.Nodes[i-1]
		}
		if t.nodes[i] == nil {
			return n.Args, nil
		}
		return p.params.bind(n.Args, t.nodes[i], args)
	}
	if !logged && t.makes {
		nodes, ok, err := p.runMade(ctx, t, bind)
		if ok || err != nil {
			return nodes, err
		}
		// The statement of an edge failed, or may have found other parents. Ent's loaders know what is to be said.
	}
	plan, err := t.tree.Instance(bind)
	if err != nil {
		return nil, p.failed(err)
	}
	plan.Logged = logged
	return p.Load(plan.Context(ctx), p.driver, &Binding{name: p.prepared.Name, params: p.params, args: args}, plan.Root)
}

// runMade is runTree for a tree in which the entities of all edges are made without Ent's loaders. It returns false
// if some were not.
func (p *Prepared[T, Tx]) runMade(ctx context.Context, t *tree, bind func(i int) ([]any, error)) (nodes []*T, ok bool, err error) {
	t.once.Do(func() {
		// Its queries are never run: they say what the entities of the edges belong to.
		t.plan, _ = t.tree.Instance(func(int) ([]any, error) { return nil, nil })
		p.Bind(p.driver, t.plan.Root)
	})
	plan, err := t.plan.Instance(bind)
	if err != nil {
		return nil, false, p.failed(err)
	}
	var rows sql.Rows
	if err := p.driver.Query(plan.Context(ctx), t.query, plan.Root.Args, &rows); err != nil {
		return nil, false, err
	}
	if nodes, err = p.entities(&rows); err != nil {
		return nil, false, err
	}
	if len(nodes) == 0 {
		return nodes, true, nil
	}
	if !plan.Loaded() {
		return nil, false, nil
	}
	if err := p.Attach(plan.Root, nodes); err != nil {
		return nil, false, err
	}
	return nodes, true, nil
}
