package authent

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/agentuity/auth-go/internal/input"
)

// Endpoint is a row of the endpoint table: a method of Auth that can be called over HTTP.
type Endpoint struct {
	// Method is GET or POST.
	Method string
	// Path is the path below the base path, such as /sign-in/email. A segment :name is a parameter.
	Path string
	// Name is that of the operation in the JavaScript client and in the OpenAPI document: signInEmail.
	Name string
	// Group is core, organization, api-key or jwt.
	Group string
	// Summary says in a sentence what the endpoint does.
	Summary string
	// Input is the struct that the body of a POST, or the query of a GET, is decoded into; nil for none.
	Input reflect.Type
	// Output is what the answer is encoded from.
	Output reflect.Type
	// Form tells that the body may be a form too.
	Form bool
	// APIKeys tells that the endpoint works for a request with an API key, not only for one with a session; or that it
	// acts for nobody, so that a key beside the request does no harm.
	APIKeys bool

	call func(a *Auth, ctx context.Context, src input.Source) (any, error)
}

// get returns the row of a method that is called with GET.
func get[I, O any](path, name, summary string, call func(*Auth, context.Context, I) (O, error)) Endpoint {
	return row(http.MethodGet, path, name, summary, call)
}

// post returns the row of a method that is called with POST.
func post[I, O any](path, name, summary string, call func(*Auth, context.Context, I) (O, error)) Endpoint {
	return row(http.MethodPost, path, name, summary, call)
}

func row[I, O any](method, path, name, summary string, call func(*Auth, context.Context, I) (O, error)) Endpoint {
	return Endpoint{
		Method: method, Path: path, Name: name, Summary: summary, Input: reflect.TypeFor[I](), Output: reflect.TypeFor[O](),
		call: func(a *Auth, ctx context.Context, src input.Source) (any, error) {
			var in I
			src.InQuery = method == http.MethodGet
			if err := input.Decode(&in, src); err != nil {
				return nil, &Error{Status: ErrValidation.Status, Code: ErrValidation.Code, Message: err.Error()}
			}
			return call(a, ctx, in)
		},
	}
}

// plain returns the row of a method without input.
func plain[O any](method, path, name, summary string, call func(*Auth, context.Context) (O, error)) Endpoint {
	return Endpoint{
		Method: method, Path: path, Name: name, Summary: summary, Output: reflect.TypeFor[O](),
		call: func(a *Auth, ctx context.Context, _ input.Source) (any, error) { return call(a, ctx) },
	}
}

// orForm makes the endpoint accept a form as its body.
func (e Endpoint) orForm() Endpoint { e.Form = true; return e }

// withKeys makes the endpoint work for API keys.
func (e Endpoint) withKeys() Endpoint { e.APIKeys = true; return e }

// endpointsOf returns the rows of a service: without the tables of a group, there are none of that group.
func endpointsOf(s *service, store Store) []Endpoint {
	var all []Endpoint
	add := func(group string, endpoints []Endpoint) {
		for _, e := range endpoints {
			e.Group = group
			all = append(all, e)
		}
	}
	add("core", slices.Concat(coreEndpoints(), socialEndpoints(), documentEndpoints()))
	if store.Organizations() != nil && store.Members() != nil && store.Invitations() != nil {
		add("organization", organizationEndpoints())
	}
	if store.APIKeys() != nil {
		add("api-key", apiKeyEndpoints())
	}
	if store.JWKS() != nil {
		add("jwt", jwtEndpoints())
	}
	return all
}

// routes finds the endpoint of a request. Paths are compared as they are: a path that only looks like that of an
// endpoint, with another case, an escape, a second slash or one at its end, has none.
type routes struct {
	fixed  map[string]*Endpoint // By "GET /path".
	params []*Endpoint
}

func routesOf(endpoints []Endpoint) routes {
	r := routes{fixed: map[string]*Endpoint{}}
	for i := range endpoints {
		e := &endpoints[i]
		if strings.Contains(e.Path, ":") {
			r.params = append(r.params, e)
		} else {
			r.fixed[e.Method+" "+e.Path] = e
		}
	}
	return r
}

func (r routes) find(method, path string) (*Endpoint, map[string]string) {
	if e, ok := r.fixed[method+" "+path]; ok {
		return e, nil
	}
	for _, e := range r.params {
		prefix, name, _ := strings.Cut(e.Path, ":")
		value, ok := strings.CutPrefix(path, prefix)
		if ok && e.Method == method && value != "" && !strings.ContainsAny(value, "/%") {
			return e, map[string]string{name: value}
		}
	}
	return nil, nil
}
