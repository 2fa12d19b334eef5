package entstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/agentuity/auth-go/authent"
)

// Update makes changes to the row that fulfils all conditions, one row at most, and reads its pair as it is then, in one
// statement. It tells whether there is such a row. valid is the ValidColumn of the type. The text of a statement is made
// once for changes of the same columns on conditions of the same form, which compare with their values as those are: it
// takes no OpContains, OpHasPrefix and OpHasSuffix. Hooks, defaults and validators are not its business: it is for
// updates that have none.
func (p *Pair[T, O]) Update(ctx context.Context, drv dialect.Driver, schemas Schemas, valid func(string) bool, set []authent.Change, where []authent.Cond, row *T, other *O) (bool, error) {
	f := form{text: make([]byte, 0, 512), args: make([]any, 0, 16)}
	for _, c := range set {
		f.change(c)
	}
	f.all(where)
	render := func() (string, error) { return p.update(drv, schemas, valid, set, where, f.args) }
	text, ok, err := p.updates.Get(updateForm{drv.Dialect(), schemas, string(f.text)}, render)
	if err == nil && !ok {
		text, err = render()
	}
	if err != nil {
		return false, err
	}
	return p.query(ctx, drv, text, f.args, row, other)
}

// update returns the text of a statement whose arguments are args.
func (p *Pair[T, O]) update(drv dialect.Driver, schemas Schemas, valid func(string) bool, set []authent.Change, where []authent.Cond, args []any) (string, error) {
	builder := sql.Dialect(drv.Dialect())
	rows := builder.Select().From(builder.Table(p.Row.Table).Schema(schemas.Table))
	Where(valid, where)(rows)
	update := builder.Update(p.Row.Table).Schema(schemas.Table)
	for _, c := range set {
		switch {
		case !valid(c.Column):
			return "", fmt.Errorf("authent: change column %q, which the table does not have", c.Column)
		case c.Add:
			update.Add(c.Column, c.Value)
		case c.Value == nil:
			update.SetNull(c.Column)
		default:
			update.Set(c.Column, c.Value)
		}
	}
	text, used := update.FromSelect(rows).Query()
	if err := errors.Join(rows.Err(), update.Err()); err != nil {
		return "", err
	}
	if !slices.Equal(used, args) {
		return "", fmt.Errorf("authent: the arguments of an update are not in the order of its changes and conditions: %s", text)
	}
	return p.returning(text, schemas, drv.Dialect()), nil
}

// Sets reports whether changes set all of some columns.
func Sets(set []authent.Change, columns ...string) bool {
	for _, column := range columns {
		if !slices.ContainsFunc(set, func(c authent.Change) bool { return c.Column == column }) {
			return false
		}
	}
	return true
}

// returning returns the text of a statement that reads the pair of the row that an update changes.
func (p *Pair[T, O]) returning(update string, schemas Schemas, dialect string) string {
	return `WITH "` + returned + `" AS (` + update + ` RETURNING *) ` + p.text(statement{dialect: dialect, schemas: schemas})
}

// updateForm says what the text of an update depends on.
type updateForm struct {
	dialect string
	schemas Schemas
	form    string
}

// form is that of changes and conditions: all that decides about the text of their statement, with the arguments.
type form struct {
	text []byte
	args []any
}

func (f *form) change(c authent.Change) {
	f.text = append(append(f.text, c.Column...), '=')
	switch {
	case c.Add:
		f.text = append(f.text, '+')
		f.args = append(f.args, c.Value)
	case c.Value != nil:
		f.text = append(f.text, '?')
		f.args = append(f.args, c.Value)
	}
	f.text = append(f.text, ',')
}

func (f *form) all(where []authent.Cond) {
	for _, c := range where {
		f.text = append(append(f.text, '('), byte(c.Op))
		f.text = append(f.text, c.Column...)
		switch v := c.Value.(type) {
		case nil:
		case bool: // A condition like "enabled" or "NOT enabled".
			f.text = fmt.Append(f.text, v)
		case []any:
			f.text = fmt.Append(f.text, len(v))
			f.args = append(f.args, v...)
		default:
			f.args = append(f.args, v)
		}
		f.all(c.Any)
		f.text = append(f.text, ')')
	}
}
