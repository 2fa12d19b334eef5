package service_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent"
)

// A schema without the tables of organizations, API keys and tokens has no such endpoints. Go code can call their methods
// all the same: they return errors.
func TestAbsentTables(t *testing.T) {
	t.Parallel()
	s := newServer(t, databases[0].open(t), nil)
	s = serve(t, lacking{s.client.AuthStore()}, nil)
	s.signUp(t, "ann")
	ann := must(s.auth.SignInEmail(t.Context(), authent.SignInEmailInput{Email: "ann@example.com", Password: password}))(t).User

	for _, test := range []struct {
		lacks string
		call  func(ctx context.Context) error
	}{
		{"APIKey", func(ctx context.Context) error {
			_, err := s.auth.CreateAPIKey(ctx, authent.CreateAPIKeyInput{UserID: ann.ID})
			return err
		}},
		{"APIKey", func(ctx context.Context) error { _, err := s.auth.DeleteAllExpiredAPIKeys(ctx); return err }},
		{"Organization", func(ctx context.Context) error { _, err := s.auth.ListOrganizations(ctx); return err }},
		{"Organization", func(ctx context.Context) error {
			_, err := s.auth.AddMember(ctx, authent.AddMemberInput{UserID: ann.ID, OrganizationID: "x", Role: []string{authent.RoleMember}})
			return err
		}},
	} {
		err := test.call(s.actingAs(t, ann.ID))
		if want := "the schema has no " + test.lacks + ", which this needs"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}

	// No method panics, for nobody and for somebody.
	auth := reflect.ValueOf(s.auth)
	contexts := reflect.TypeFor[context.Context]()
	called := 0
	for i := range auth.NumMethod() {
		method, name := auth.Method(i), auth.Type().Method(i).Name
		in := method.Type()
		if in.NumIn() == 0 || in.NumIn() > 2 || in.In(0) != contexts || in.NumOut() != 2 {
			continue
		}
		for _, ctx := range []context.Context{t.Context(), s.actingAs(t, ann.ID)} {
			args := []reflect.Value{reflect.ValueOf(ctx)}
			if in.NumIn() == 2 {
				arg := reflect.New(in.In(1)).Elem()
				fill(arg)
				args = append(args, arg)
			}
			func() {
				defer func() {
					if p := recover(); p != nil {
						t.Errorf("%s panics: %v", name, p)
					}
				}()
				method.Call(args)
				called++
			}()
		}
	}
	if called < 100 {
		t.Errorf("%d calls: what was tested?", called)
	}
}

// actingAs returns a context in which a user acts who has just signed in.
func (s *server) actingAs(t *testing.T, userID string) context.Context {
	t.Helper()
	w := httptest.NewRecorder()
	must(s.auth.SignInUser(s.auth.RequestContext(w, httptest.NewRequest(http.MethodPost, "/", nil)), userID))(t)
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	for _, c := range w.Result().Cookies() {
		r.AddCookie(c)
	}
	return s.auth.RequestContext(httptest.NewRecorder(), r)
}

// fill gives the texts of an input a value, so that it is not refused for want of one.
func fill(v reflect.Value) {
	switch {
	case v.Kind() == reflect.String && v.CanSet():
		v.SetString("something")
	case v.Kind() == reflect.Pointer && v.CanSet() && v.Type().Elem().Kind() == reflect.String:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	}
}

// lacking is a store of a schema that has the tables alone without which there is no service.
type lacking struct{ authent.Store }

func (lacking) Organizations() authent.OrganizationTable       { return nil }
func (lacking) Members() authent.MemberTable                   { return nil }
func (lacking) Invitations() authent.Table[authent.Invitation] { return nil }
func (lacking) JWKS() authent.Table[authent.JWK]               { return nil }
func (lacking) APIKeys() authent.APIKeyTable                   { return nil }

func (s lacking) Tx(ctx context.Context, fn func(context.Context, authent.Store) error) error {
	return s.Store.Tx(ctx, func(ctx context.Context, tx authent.Store) error { return fn(ctx, lacking{tx}) })
}
