package entquery

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"entgo.io/ent/dialect/sql"

	"github.com/agentuity/auth-go/authent/eager"
)

// tree is a statement of a prepared query with edges, on one driver.
type tree struct {
	*statement
	once  sync.Once
	plan  *eager.Tree // with the queries of the driver
	nests atomic.Bool // the rows of all edges came in those of the root when it ran last, and will again
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

// loads reports whether the query runs with its plan: whether the driver loads edges in one round trip.
func (p *Prepared[T, Tx]) loads(ctx context.Context) bool {
	return p.Tree && eager.LoadsTrees(ctx, p.driver)
}

// runTree runs a statement and those of its edges, and returns its entities.
func (p *Prepared[T, Tx]) runTree(ctx context.Context, t *tree, args []any) ([]*T, error) {
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
	if p.Attach != nil && t.nests.Load() {
		nodes, ok, err := p.runNested(ctx, t, bind)
		if ok || err != nil {
			return nodes, err
		}
		// The edges came otherwise this time: there are many rows. It is read again.
		t.nests.Store(false)
	}
	plan, err := t.tree.Instance(bind)
	if err != nil {
		return nil, p.failed(err)
	}
	nodes, err := p.Load(plan.Context(ctx), p.driver, &Binding{name: p.prepared.Name, params: p.params, args: args}, plan.Root)
	if err == nil && len(nodes) > 0 && plan.NestsAgain() {
		t.nests.Store(true)
	}
	return nodes, err
}

// runNested is runTree for a statement in whose rows those of all edges come. It returns false if they did
// not.
func (p *Prepared[T, Tx]) runNested(ctx context.Context, t *tree, bind func(i int) ([]any, error)) (nodes []*T, ok bool, err error) {
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
		return []*T{}, true, nil
	}
	if !plan.AllNested() {
		return nil, false, nil
	}
	t.nests.Store(plan.NestsAgain())
	return nodes, true, p.Attach(plan.Root, nodes)
}
