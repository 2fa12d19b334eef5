package entauth

import (
	"fmt"
	"strings"

	"entgo.io/ent/entc/gen"
)

// problems collects what is wrong with a schema, so that one run reports all of it.
type problems []string

// add adds a problem of a type, with the place of its schema where it is known.
func (p *problems) add(t *gen.Type, format string, args ...any) {
	p.addAt(t.Pos(), t.Name, format, args...)
}

// addAt adds a problem of the schema with the given name and place ("file:line", or empty).
func (p *problems) addAt(pos, schema, format string, args ...any) {
	msg := schema + ": " + fmt.Sprintf(format, args...)
	if pos != "" {
		msg = pos + ": " + msg
	}
	*p = append(*p, msg)
}

// err returns the problems as one error, or nil if there are none.
func (p problems) err() error {
	switch len(p) {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("entauth: %s", p[0])
	}
	return fmt.Errorf("entauth: %d problems in the schema:\n  %s", len(p), strings.Join(p, "\n  "))
}
