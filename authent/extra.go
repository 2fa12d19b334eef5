package authent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
)

// inputFields returns the values that a client may set of an app's own fields, decoded into their types. Fields that
// are not marked as input, and members that are no fields, are left out. For a new row, required fields must be there.
func inputFields(fields []ExtraField, values map[string]any, create bool) (map[string]any, error) {
	var extra map[string]any
	for _, f := range fields {
		value, given := values[f.Column]
		if !f.Input {
			continue
		}
		if !given || value == nil && create {
			if create && f.Required {
				return nil, newError(http.StatusBadRequest, ErrValidation.Code, fmt.Sprintf("[body.%s] Invalid input: it is required", f.Column))
			}
			if !given {
				continue
			}
		}
		if extra == nil {
			extra = map[string]any{}
		}
		if value == nil {
			extra[f.Column] = nil
			continue
		}
		target := f.New()
		text, err := json.Marshal(value)
		if err == nil {
			err = json.Unmarshal(text, target)
		}
		if err != nil {
			return nil, newError(http.StatusBadRequest, ErrValidation.Code, fmt.Sprintf("[body.%s] Invalid input: expected %s", f.Column, reflect.TypeOf(target).Elem()))
		}
		extra[f.Column] = reflect.ValueOf(target).Elem().Interface()
	}
	return extra, nil
}

// newFields returns the app's own fields of a new row as the database would have them: given values, else the defaults.
func newFields(fields []ExtraField, given map[string]any) map[string]any {
	if len(fields) == 0 {
		return nil
	}
	row := make(map[string]any, len(fields))
	for _, f := range fields {
		value, ok := given[f.Column]
		switch {
		case ok:
		case f.Default != nil:
			value = f.Default()
		case !f.Nillable:
			value = reflect.ValueOf(f.New()).Elem().Interface()
		}
		row[f.Column] = value
	}
	return row
}

// logUnset says that a new row has no value of a required field which no client may set: nobody can sign up until the
// app does something about it, and the answer to the client cannot say what.
func (a *Auth) logUnset(ctx context.Context, table string, fields []ExtraField, err error) {
	var invalid *FieldError
	if !errors.As(err, &invalid) {
		return
	}
	for _, f := range fields {
		if f.Column == invalid.Field && f.Required && !f.Input {
			a.log.ErrorContext(ctx, "authent: a required field has no value, and no client may set it: give it a Default in the schema, "+
				"set it in a hook, or let clients set it with mixins.AuthInput()", "table", table, "field", f.Column, "error", err)
		}
	}
}
