package entquery

import (
	"context"
	"fmt"
	"reflect"

	"entgo.io/ent/dialect"

	"github.com/agentuity/auth-go/authent/eager"
	"github.com/agentuity/auth-go/authent/param"
)

// Binding replaces the placeholders in the statements of one execution of a prepared query.
type Binding struct {
	name   string
	params placeholders
	args   []any
}

// bind returns the arguments of a statement, and those of the edges that are loaded together with it, with the
// placeholders replaced.
func (b *Binding) bind(ctx context.Context, args any) (any, error) {
	if err := eager.Bind(ctx, b.replace); err != nil {
		return nil, err
	}
	argv, ok := args.([]any)
	if !ok {
		return args, nil
	}
	return b.replace(argv)
}

// replace returns arguments with the placeholders replaced.
func (b *Binding) replace(argv []any) ([]any, error) {
	var out []any
	for i, arg := range argv {
		name, err := param.Lookup(arg)
		if err != nil {
			return nil, fmt.Errorf("authent: prepared query %q: %w", b.name, err)
		}
		if name == "" {
			continue
		}
		n := b.params.index(name)
		if n < 0 {
			return nil, fmt.Errorf("authent: prepared query %q: no argument for placeholder %q, which was not there when the query was prepared: name it in Prepare", b.name, name)
		}
		p := *b.params[n]
		if p.typ == nil {
			p.typ = reflect.TypeOf(arg)
		}
		v, err := p.convert(b.args[n])
		if err != nil {
			return nil, fmt.Errorf("authent: prepared query %q: %w", b.name, err)
		}
		if out == nil {
			out = append([]any(nil), argv...)
		}
		out[i] = v
	}
	if out == nil {
		return argv, nil
	}
	return out, nil
}

// Driver returns a driver that replaces the placeholders and runs the statements on another one.
func (b *Binding) Driver(drv dialect.Driver) dialect.Driver { return boundDriver{drv, b} }

// Tx is Driver for a transaction.
func (b *Binding) Tx(tx dialect.Tx) dialect.Tx { return boundTx{tx, b} }

type boundDriver struct {
	dialect.Driver
	binding *Binding
}

// Unwrap returns the driver that knows whether a query and its edges are sent together.
func (d boundDriver) Unwrap() any { return d.Driver }

func (d boundDriver) Query(ctx context.Context, query string, args, v any) error {
	args, err := d.binding.bind(ctx, args)
	if err != nil {
		return err
	}
	return d.Driver.Query(ctx, query, args, v)
}

type boundTx struct {
	dialect.Tx
	binding *Binding
}

// Unwrap returns the transaction that knows whether a query and its edges are sent together.
func (t boundTx) Unwrap() any { return t.Tx }

func (t boundTx) Query(ctx context.Context, query string, args, v any) error {
	args, err := t.binding.bind(ctx, args)
	if err != nil {
		return err
	}
	return t.Tx.Query(ctx, query, args, v)
}
