package authent

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/agentuity/auth-go/internal/clientip"
	"github.com/agentuity/auth-go/internal/signed"
)

// call is the request that a method of Auth works for. It is in the context, so that methods have the arguments that
// they are about, and work the same from HTTP and from Go.
type call struct {
	auth    *Auth         // On the store that the request began with, not on that of a transaction.
	request *http.Request // Nil if there is none.
	answer  http.Header   // Where cookies go; nil if nobody takes them.

	// outer is the call of the same request that middleware around this one made: its identity is this one's.
	outer *call

	apiKey  string // The key, if middleware took it from elsewhere than the usual header.
	keysToo bool   // What the call is for works with an API key.

	once     sync.Once
	resolved resolved
	err      error
	identity atomic.Pointer[Identity] // That of resolved, else that of cached, for FromContext.

	cacheOnce sync.Once
	cached    *Identity   // As the cookie cache says; nil if it says nothing.
	read      atomic.Bool // Whether resolved is there.
}

type callKey struct{}

// RequestContext returns the context of a request for methods of Auth: they act for the one who sent the request, and
// set cookies on w. The handler and the middleware do this; use it in handlers of your own that call methods of Auth.
// w may be nil if no method is called that sets cookies.
func (a *Auth) RequestContext(w http.ResponseWriter, r *http.Request) context.Context {
	c := &call{auth: a, request: r}
	if w != nil {
		c.answer = w.Header()
	}
	if outer, ok := r.Context().Value(callKey{}).(*call); ok && outer.auth != nil && outer.auth.service == a.service && a.sameCredentials(outer.request, r) {
		c.outer = outer
	}
	return context.WithValue(r.Context(), callKey{}, c)
}

// WithIdentity returns a context in which methods of Auth act for somebody, without a request: in a job or a test.
func (a *Auth) WithIdentity(ctx context.Context, id *Identity) context.Context {
	if id != nil {
		id.bind(a)
	}
	c := &call{auth: a, resolved: resolved{identity: id}}
	c.once.Do(func() {})
	c.read.Store(true)
	c.identity.Store(id)
	return context.WithValue(ctx, callKey{}, c)
}

// FromContext returns whom a request acts for: in handlers behind the middleware, in hooks, and in contexts of
// WithIdentity. It is nil for nobody.
func FromContext(ctx context.Context) *Identity { return callOf(ctx).origin().identity.Load() }

// origin returns the call that resolves the credentials of the request.
func (c *call) origin() *call {
	for c.outer != nil {
		c = c.outer
	}
	return c
}

// sameCredentials tells whether two requests, of which one was made from the other, say the same about who sent them.
func (a *Auth) sameCredentials(outer, inner *http.Request) bool {
	if outer == nil || outer.RemoteAddr != inner.RemoteAddr {
		return false
	}
	for _, name := range []string{"Cookie", "Authorization", a.config.APIKey.Header} {
		if !slices.Equal(outer.Header.Values(name), inner.Header.Values(name)) {
			return false
		}
	}
	return true
}

// callOf returns the call of a context; an empty one if there is none.
func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

// header returns a header of the request.
func (c *call) header(name string) string {
	if c.request == nil {
		return ""
	}
	return c.request.Header.Get(name)
}

// set sets a header of the answer.
func (c *call) set(name, value string) {
	if c.answer != nil {
		c.answer.Set(name, value)
	}
}

// expose adds a header of the answer to those that scripts of other origins can read.
func (c *call) expose(name string) {
	if c.answer == nil {
		return
	}
	names := []string{name}
	for _, known := range strings.Split(c.answer.Get("Access-Control-Expose-Headers"), ", ") {
		if known != "" && known != name {
			names = append(names, known)
		}
	}
	slices.Sort(names)
	c.answer.Set("Access-Control-Expose-Headers", strings.Join(names, ", "))
}

// cookie returns the value of a cookie of the request; name is without the prefixes.
func (a *Auth) cookie(c *call, name string) (string, bool) {
	if c.request == nil {
		return "", false
	}
	return signed.Lookup(c.request.Header.Values("Cookie"), a.prefixed(name), a.secure)
}

// prefixed returns the name of a cookie with the prefix of the config, as it is on http.
func (a *Auth) prefixed(name string) string { return a.config.Cookies.Prefix + "." + name }

// setCookie adds a cookie to the answer; its name is without the prefixes. The other attributes are those of the config.
func (a *Auth) setCookie(c *call, cookie signed.Cookie) {
	if c.answer == nil {
		return
	}
	cookie.Name = a.prefixed(cookie.Name)
	cookie.Secure = a.secure
	cookie.Domain = a.config.Cookies.Domain
	cookie.SameSite = a.config.Cookies.SameSite
	c.answer.Add("Set-Cookie", cookie.String())
}

// client returns the address of the request's client and its user agent, as session rows have them: "" if unknown.
func (a *Auth) client(c *call) (address, userAgent string) {
	if c.request == nil {
		return "", ""
	}
	if addr, ok := a.clients.Addr(c.request); ok {
		address = clientip.Text(addr)
	}
	return address, validText(c.request.UserAgent(), maxUserAgent)
}

// maxUserAgent is how many bytes of a user agent are kept.
const maxUserAgent = 1024
