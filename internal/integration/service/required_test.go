package service_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent"
)

// A field that the app requires, and that no client may set, lets nobody sign up: the log says what to do.
func TestRequiredFieldOfNobody(t *testing.T) {
	t.Parallel()
	for _, input := range []bool{false, true} {
		s := newServer(t, databases[0].open(t), nil)
		s = serve(t, requiring{s.client.AuthStore(), input}, nil)
		a := s.browser().post(t, "/sign-up/email", object{"name": "Ann", "email": "ann@example.com", "password": "correct horse"})
		a.refused(t, http.StatusBadRequest, "VALIDATION_ERROR")
		log := s.log.String()
		if got := strings.Contains(log, "mixins.AuthInput()") && strings.Contains(log, "field=locale"); got == input {
			t.Errorf("input %t: the log is %s", input, log)
		}
	}
}

// requiring is a store whose users have a field "locale" that is required and has no default.
type requiring struct {
	authent.Store
	input bool
}

func (s requiring) Users() authent.UserTable { return requiringUsers{s.Store.Users(), s.input} }

func (s requiring) Tx(ctx context.Context, fn func(context.Context, authent.Store) error) error {
	return s.Store.Tx(ctx, func(ctx context.Context, tx authent.Store) error { return fn(ctx, requiring{tx, s.input}) })
}

type requiringUsers struct {
	authent.UserTable
	input bool
}

func (u requiringUsers) Extra() []authent.ExtraField {
	return []authent.ExtraField{{Column: "locale", Input: u.input, Required: true, New: func() any { return new(string) }}}
}

func (requiringUsers) Create(context.Context, *authent.User) (*authent.User, error) {
	return nil, &authent.FieldError{Field: "locale", Err: errors.New(`ent: missing required field "User.locale"`)}
}
