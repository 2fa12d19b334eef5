package entstore

import (
	"fmt"

	"entgo.io/ent"

	"github.com/agentuity/auth-go/authent"
)

// Apply makes the changes on a mutation.
func Apply(m ent.Mutation, changes []authent.Change) error {
	for _, c := range changes {
		var err error
		switch {
		case c.Add:
			err = m.AddField(c.Column, c.Value)
		case c.Value == nil:
			err = m.ClearField(c.Column)
		default:
			err = m.SetField(c.Column, c.Value)
		}
		if err != nil {
			return fmt.Errorf("authent: change column %q: %w", c.Column, err)
		}
	}
	return nil
}

// SetExtra sets the app's own fields of a new row.
func SetExtra(m ent.Mutation, extra map[string]any) error {
	for column, value := range extra {
		if value == nil {
			continue
		}
		if err := m.SetField(column, value); err != nil {
			return fmt.Errorf("authent: set column %q: %w", column, err)
		}
	}
	return nil
}
