package entquery

import (
	"context"
	"fmt"
	"slices"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/agentuity/auth-go/authent/eager"
)

// Querier is a query of entities of type T.
type Querier[T any] interface {
	All(context.Context) ([]*T, error)
	First(context.Context) (*T, error)
	Only(context.Context) (*T, error)
	Count(context.Context) (int, error)
	Exist(context.Context) (bool, error)
}

// Source is a query of entities of type T that is to be prepared, as generated code describes it. Tx is the
// client's transaction.
type Source[T, Tx any] struct {
	Name        string
	Params      []string // of the arguments in their order, or empty
	Driver      dialect.Driver
	Fixed       bool // the statement depends on nothing but its arguments, and is all that there is
	Tree        bool // the same for a query with edges
	OneID       bool // the type has an id, which is all that Exist selects
	Record      func(*Recorder)
	Query       func(dialect.Driver, *Binding) Querier[T]
	TxDriver    func(Tx) dialect.Driver
	Bind        func(dialect.Driver, *eager.Node)                                          // gives a plan the queries that it is for
	Load        func(context.Context, dialect.Driver, *Binding, *eager.Node) ([]*T, error) // runs the query with a plan
	Attach      func(*eager.Node, []*T) error                                              // sets edges whose rows came in those of entities
	New         func(dialect.Driver) *T
	Scan        func(columns []string) ([]any, error)
	Assign      func(*T, []string, []any) error
	Values      *eager.Values // that rows are scanned into, or nil if entities keep them
	NotFound    error
	NotSingular error
}

// Prepared is a query whose statements were rendered once, and that runs many times with other arguments. It
// is safe for concurrent use.
//
// The arguments of each method are those of the placeholders, in the order in which they are in the
// statement, or that Prepare was given. [Prepared.Params] returns it.
type Prepared[T, Tx any] struct {
	*prepared[T, Tx]
	driver           dialect.Driver
	made             eager.Entities[T]
	all, first, only tree
}

type prepared[T, Tx any] struct {
	Source[T, Tx]
	params                         placeholders
	all, first, only, count, exist statement
}

// Prepare renders the statements of a query.
func Prepare[T, Tx any](src Source[T, Tx]) (*Prepared[T, Tx], error) {
	p := &prepared[T, Tx]{Source: src}
	if err := p.prepare(); err != nil {
		return nil, fmt.Errorf("authent: prepare query %q: %w", src.Name, err)
	}
	return p.on(src.Driver), nil
}

// on returns the query on a driver.
func (p *prepared[T, Tx]) on(drv dialect.Driver) *Prepared[T, Tx] {
	return &Prepared[T, Tx]{
		prepared: p,
		driver:   drv,
		made:     eager.Entities[T]{New: func() *T { return p.New(drv) }, Scan: p.Scan, Assign: p.Assign, Values: p.Values},
		all:      tree{statement: &p.all}, first: tree{statement: &p.first}, only: tree{statement: &p.only},
	}
}

// prepare renders the statements and finds the placeholders.
func (p *prepared[T, Tx]) prepare() error {
	for i, name := range p.Params {
		if name == "" || slices.Contains(p.Params[:i], name) {
			return fmt.Errorf("the placeholder %q is named twice, or has no name", name)
		}
		p.params = append(p.params, &placeholder{name: name})
	}
	loads, _ := eager.LoadsTrees(context.Background(), p.Driver)
	rec := &Recorder{dialect: p.Driver.Dialect(), trees: p.Tree && !p.Fixed && loads}
	p.Record(rec)
	if rec.err != nil {
		return rec.err
	}
	for i := range rec.statements {
		s := &rec.statements[i]
		var err error
		if s.numbers, err = p.params.add(s.query, s.args); err != nil {
			return err
		}
	}
	p.Tree = p.Tree && !p.Fixed && p.plan(rec.statements)
	if n := len(p.Params); n > 0 && len(p.params) > n {
		return fmt.Errorf("the placeholders %v are not among the names %v", p.params[n:].names(), p.Params)
	}
	if !p.Fixed {
		return nil
	}
	for _, param := range p.params {
		if param.typ == nil {
			return fmt.Errorf("no argument of the statement is the placeholder %q: a predicate may have made another value of it", param.name)
		}
	}
	if len(rec.statements) != 5 {
		return fmt.Errorf("%d statements were rendered instead of 5: this version of Ent is not supported", len(rec.statements))
	}
	p.all, p.first, p.only, p.count, p.exist = rec.statements[0], rec.statements[1], rec.statements[2], rec.statements[3], rec.statements[4]
	return nil
}

// Name returns the name that the query was given.
func (p *Prepared[T, Tx]) Name() string { return p.prepared.Name }

// Params returns the names of the placeholders, in the order of the arguments.
func (p *Prepared[T, Tx]) Params() []string { return p.params.names() }

// WithTx returns the query in a transaction.
func (p *Prepared[T, Tx]) WithTx(tx Tx) *Prepared[T, Tx] {
	return p.on(p.TxDriver(tx))
}

// All runs the query and returns its entities.
func (p *Prepared[T, Tx]) All(ctx context.Context, args ...any) ([]*T, error) {
	nodes, ok, err := p.read(ctx, &p.all, args)
	if ok {
		return nodes, err
	}
	q, err := p.query(args)
	if err != nil {
		return nil, err
	}
	return q.All(ctx)
}

// First runs the query and returns its first entity, or a *NotFoundError of the client.
func (p *Prepared[T, Tx]) First(ctx context.Context, args ...any) (*T, error) {
	nodes, ok, err := p.read(ctx, &p.first, args)
	if !ok {
		q, err := p.query(args)
		if err != nil {
			return nil, err
		}
		return q.First(ctx)
	}
	switch {
	case err != nil:
		return nil, err
	case len(nodes) == 0:
		return nil, p.NotFound
	}
	return nodes[0], nil
}

// Only runs the query and returns its only entity. It returns a *NotFoundError of the client if there is none,
// and a *NotSingularError if there are more.
func (p *Prepared[T, Tx]) Only(ctx context.Context, args ...any) (*T, error) {
	nodes, ok, err := p.read(ctx, &p.only, args)
	if !ok {
		q, err := p.query(args)
		if err != nil {
			return nil, err
		}
		return q.Only(ctx)
	}
	switch {
	case err != nil:
		return nil, err
	case len(nodes) == 0:
		return nil, p.NotFound
	case len(nodes) > 1:
		return nil, p.NotSingular
	}
	return nodes[0], nil
}

// read returns the entities that a statement finds, with their edges. ok is false if it is not the statement alone
// that says what they are: then Ent runs the query.
func (p *Prepared[T, Tx]) read(ctx context.Context, t *tree, args []any) (nodes []*T, ok bool, err error) {
	if p.Fixed {
		nodes, err = p.run(ctx, t.statement, args)
		return nodes, true, err
	}
	if !p.Tree {
		return nil, false, nil
	}
	loads, logged := eager.LoadsTrees(ctx, p.driver)
	if !loads {
		return nil, false, nil
	}
	nodes, err = p.runTree(ctx, t, logged, args)
	return nodes, true, err
}

// Count runs the query and returns the number of its entities.
func (p *Prepared[T, Tx]) Count(ctx context.Context, args ...any) (int, error) {
	if !p.Fixed {
		q, err := p.query(args)
		if err != nil {
			return 0, err
		}
		return q.Count(ctx)
	}
	var rows sql.Rows
	if err := p.send(ctx, &p.count, args, &rows); err != nil {
		return 0, err
	}
	n, err := sql.ScanInt(&rows)
	return n, firstError(err, rows.Close())
}

// Exist runs the query and reports whether there is an entity.
func (p *Prepared[T, Tx]) Exist(ctx context.Context, args ...any) (bool, error) {
	if !p.Fixed {
		q, err := p.query(args)
		if err != nil {
			return false, err
		}
		return q.Exist(ctx)
	}
	var rows sql.Rows
	if err := p.send(ctx, &p.exist, args, &rows); err != nil {
		return false, err
	}
	columns, err := rows.Columns()
	found := err == nil && rows.Next()
	if err := firstError(err, rows.Err(), rows.Close()); err != nil {
		return false, err
	}
	if p.OneID && len(columns) > 1 { // Ent scans ids alone.
		return false, fmt.Errorf("sql/scan: columns do not match (%d > 1)", len(columns))
	}
	return found, nil
}

// query returns the query as Ent runs it, with the placeholders replaced in what it sends.
func (p *Prepared[T, Tx]) query(args []any) (Querier[T], error) {
	if err := p.check(args); err != nil {
		return nil, err
	}
	return p.Query(p.driver, &Binding{name: p.prepared.Name, params: p.params, args: args}), nil
}

// check checks the number of arguments, and their types.
func (p *Prepared[T, Tx]) check(args []any) error {
	err := p.params.check(args)
	for i := 0; err == nil && i < len(args); i++ {
		if p.params[i].typ != nil {
			_, err = p.params[i].convert(args[i])
		}
	}
	return p.failed(err)
}

// send sends a statement.
func (p *Prepared[T, Tx]) send(ctx context.Context, s *statement, args []any, rows *sql.Rows) error {
	if err := p.params.check(args); err != nil {
		return p.failed(err)
	}
	argv, err := p.params.bind(s.args, s.numbers, args)
	if err != nil {
		return p.failed(err)
	}
	return p.driver.Query(ctx, s.query, argv, rows)
}

func (p *Prepared[T, Tx]) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("authent: prepared query %q: %w", p.prepared.Name, err)
}

// run sends a statement and returns its entities.
func (p *Prepared[T, Tx]) run(ctx context.Context, s *statement, args []any) (nodes []*T, err error) {
	var rows sql.Rows
	if err := p.send(ctx, s, args, &rows); err != nil {
		return nil, err
	}
	return p.entities(&rows)
}

// entities reads rows to their end.
func (p *Prepared[T, Tx]) entities(rows *sql.Rows) ([]*T, error) {
	defer func() { _ = rows.Close() }() // An error of the rows was returned by Make.
	return eager.Make(rows, 0, p.made)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
