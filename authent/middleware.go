package authent

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/agentuity/auth-go/internal/wire"
)

// Requirement is what middleware asks of a request besides that somebody sent it.
type Requirement func(*gate)

// Permission asks for an API key that has all of some actions on a resource; without actions, any. Several of them must
// all be fulfilled. A session fulfils none: the rights of users are the roles of their organizations.
func Permission(resource string, actions ...string) Requirement {
	return func(g *gate) { g.permissions = append(g.permissions, permission{resource, actions}) }
}

// OrgRole asks that the user has one of some roles in the session's active organization, with the membership as it is
// now. Several of them must all be fulfilled.
func OrgRole(roles ...string) Requirement {
	return func(g *gate) { g.roles, g.read = append(g.roles, roles), true }
}

// AllowAPIKeys makes the middleware of sessions accept an API key in place of a session, whatever the permissions of the
// key: the handlers ask for those with Identity.HasPermission.
func AllowAPIKeys() Requirement { return func(g *gate) { g.keysToo = true } }

// ReadSession asks that the session is read from the database even if there is a cookie cache, so that one that was revoked
// is refused at once. OrgRole implies it.
func ReadSession() Requirement { return func(g *gate) { g.read = true } }

// RequireSession returns middleware that lets only requests with a session through: 401 {"error":"Unauthorized"} for
// others. An API key is no session, and is answered with 403, unless AllowAPIKeys says otherwise. If the database cannot
// tell, the answer is 500.
//
//	mux.Handle("/api/me", auth.RequireSession()(me))
func (a *Auth) RequireSession(requirements ...Requirement) func(http.Handler) http.Handler {
	return a.middleware(gate{}, requirements)
}

// OptionalSession returns middleware that finds out whom a request acts for and lets it through in any case: FromContext
// is nil for nobody. What is required is required of somebody only.
func (a *Auth) OptionalSession(requirements ...Requirement) func(http.Handler) http.Handler {
	return a.middleware(gate{optional: true}, requirements)
}

// RequireAPIKey returns middleware that lets only requests with an API key through that works, in the header of
// APIKeyConfig or as "Authorization: ApiKey <key>". Sessions do not count. Others are answered with 401, a key without a
// permission that is required with 403, and one that is used too often with 429 and Retry-After. The use of the key is
// counted once for each request.
//
//	mux.Handle("/api/v1/projects", auth.RequireAPIKey(authent.Permission("project", "read"))(projects))
func (a *Auth) RequireAPIKey(requirements ...Requirement) func(http.Handler) http.Handler {
	return a.middleware(gate{keys: true}, requirements)
}

// OptionalAPIKey returns middleware that finds out whom an API key acts for and lets requests without a key, or with one
// that does not work, through as nobody's. A key that is used too often is answered with 429 all the same: its owner is to
// know. After OptionalSession it makes handlers that take both.
func (a *Auth) OptionalAPIKey(requirements ...Requirement) func(http.Handler) http.Handler {
	return a.middleware(gate{keys: true, optional: true}, requirements)
}

// gate is what middleware lets through.
type gate struct {
	keys        bool // API keys alone, no sessions.
	keysToo     bool // Sessions, and API keys in place of them.
	optional    bool
	read        bool // No session of the cookie cache.
	roles       [][]string
	permissions []permission
}

type permission struct {
	resource string
	actions  []string
}

// refusal is an answer of middleware.
type refusal struct {
	status  int
	message string
	event   string // What happened, for the span.
	reason  string
	err     error // What is logged or tells when to try again; may be nil.
}

func (a *Auth) middleware(g gate, requirements []Requirement) func(http.Handler) http.Handler {
	for _, require := range requirements {
		require(&g)
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			inner, no := a.admit(&g, w, r) //nolint:contextcheck // It takes the request's.
			if no != nil {
				a.refuse(w, r, no)
				return
			}
			next.ServeHTTP(w, inner)
		})
	}
}

// admit returns the request with whom it acts for in its context, or why it is refused.
func (a *Auth) admit(g *gate, w http.ResponseWriter, r *http.Request) (*http.Request, *refusal) {
	ctx := a.RequestContext(w, r)
	c := callOf(ctx)
	key := a.anyKeyOf(c)
	switch {
	case g.keys && key == "":
		if g.optional {
			return r, nil
		}
		return nil, &refusal{http.StatusUnauthorized, "Unauthorized: API key required", "auth.unauthorized", "no_api_key", nil}
	case !g.keys && key != "" && !g.keysToo && !a.config.APIKey.FullSessions:
		if g.optional {
			return r, nil // OptionalAPIKey may be next.
		}
		return nil, &refusal{http.StatusForbidden, "Forbidden: an API key cannot be used here", "auth.forbidden", "api_key", nil}
	}
	if c.outer == nil {
		c.apiKey = key
	}
	c.keysToo = a.config.APIKey.FullSessions
	var id *Identity
	var err error
	if !g.read {
		id = a.cachedIdentity(ctx)
	}
	if id == nil {
		id, err = a.identity(ctx)
	}
	if err != nil {
		no := keyRefusal(err)
		if no.status == http.StatusUnauthorized && g.optional {
			return r, nil
		}
		return nil, no
	}
	if id == nil {
		if g.optional {
			a.traceNobody(ctx)
			return r.WithContext(ctx), nil
		}
		return nil, &refusal{http.StatusUnauthorized, "Unauthorized", "auth.unauthorized", "no_session", nil}
	}
	a.traceIdentity(ctx, id)
	if no := g.check(ctx, id); no != nil {
		return nil, no
	}
	return r.WithContext(ctx), nil
}

// anyKeyOf returns the API key of a request in either form, or "".
func (a *Auth) anyKeyOf(c *call) string {
	if key := a.keyOf(c); key != "" || a.store.APIKeys() == nil {
		return key
	}
	scheme, key, ok := strings.Cut(c.header("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "ApiKey") {
		return ""
	}
	return strings.TrimSpace(key)
}

// keyRefusal returns the answer to a request whose API key was refused, or could not be checked.
func keyRefusal(err error) *refusal {
	var known *Error
	switch {
	case !errors.As(err, &known):
		return &refusal{http.StatusInternalServerError, "Internal server error", "auth.failed", "error", err}
	case known.Status == http.StatusTooManyRequests:
		return &refusal{known.Status, known.Message, "auth.unauthorized", "rate_limited", err}
	}
	return &refusal{http.StatusUnauthorized, "Unauthorized: Invalid API key", "auth.unauthorized", "invalid_api_key", err}
}

// check returns why an identity is refused, or nil.
func (g *gate) check(ctx context.Context, id *Identity) *refusal {
	for _, roles := range g.roles {
		ok, err := id.HasOrgRole(ctx, roles...)
		switch {
		case err != nil:
			return &refusal{http.StatusInternalServerError, "Internal server error", "auth.failed", "error", err}
		case !ok:
			return &refusal{http.StatusForbidden, "Forbidden: insufficient organization role", "auth.forbidden", "missing_org_role", nil}
		}
	}
	for _, p := range g.permissions {
		if !id.HasPermission(p.resource, p.actions...) {
			return &refusal{http.StatusForbidden, "Forbidden: insufficient API key permissions", "auth.forbidden", "missing_permission", nil}
		}
	}
	return nil
}

// refuse answers a request that does not get through.
func (a *Auth) refuse(w http.ResponseWriter, r *http.Request, no *refusal) {
	ctx := r.Context()
	a.traceRefusal(ctx, no)
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Type", "application/json")
	var known *Error
	if errors.As(no.err, &known) && known.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(known.retrySeconds()))
	}
	if no.status >= http.StatusInternalServerError && ctx.Err() == nil {
		a.log.ErrorContext(ctx, "authent: the middleware cannot tell who sent a request", "error", no.err)
	}
	body, err := wire.Marshal(map[string]string{"error": no.message})
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	a.send(ctx, w, "middleware", no.status, body)
}

// HasPermission tells whether the API key that the request came with has all of some actions on a resource; without
// actions, whether it has any. It is false without an API key: the rights of users are the roles of their organizations.
func (id *Identity) HasPermission(resource string, actions ...string) bool {
	return id != nil && id.APIKey != nil && id.APIKey.Allows(resource, actions...)
}
