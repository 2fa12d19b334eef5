package authent

import (
	"context"
	"strings"
	"time"

	"github.com/agentuity/auth-go/internal/signed"
)

// Method is how a request says whom it acts for.
type Method string

// The methods.
const (
	MethodSession Method = "session" // A cookie.
	MethodBearer  Method = "bearer"  // The token of a session in the header Authorization.
	MethodAPIKey  Method = "api-key"
)

// Identity is whom a request acts for.
type Identity struct {
	User    *User
	Session *Session // That of an API key is made up: it is not in the table.
	Method  Method
	APIKey  *APIKey // Only with MethodAPIKey.

	// readAt is when a session of the cookie cache was read from the database; zero for one that was read now.
	readAt time.Time

	org orgLookup
}

// resolved is what a request's credentials turned out to be.
type resolved struct {
	identity *Identity // Nil for nobody.
	// stale tells that a validly signed token belongs to no session (any more): its cookies are to be cleared.
	stale bool
	// refreshed tells that the session got its full lifetime again, so that its cookie is to be sent again.
	refreshed bool
	// token is the session token of the request whether or not there is such a session.
	token string
	// old tells that an old secret signed the cookie of the session, so that it is to be signed anew.
	old bool
}

// resolve finds out whom the context's request acts for, once for each request. Errors are of the database, or an
// Error about a bad API key.
func (a *Auth) resolve(ctx context.Context) (resolved, error) {
	c := callOf(ctx).origin()
	c.once.Do(func() {
		c.resolved, c.err = a.resolveCredentials(ctx, c)
		if c.resolved.identity != nil {
			c.resolved.identity.bind(c.auth)
		}
		c.read.Store(true)
		if c.resolved.identity != nil {
			c.identity.Store(c.resolved.identity)
		}
	})
	return c.resolved, c.err
}

func (a *Auth) resolveCredentials(ctx context.Context, c *call) (resolved, error) {
	if c.request == nil {
		return resolved{}, nil
	}
	if key := a.keyOf(c); key != "" {
		identity, err := a.identifyKey(ctx, c, key)
		return resolved{identity: identity}, err
	}
	token, method, old := a.sessionToken(c)
	if token == "" {
		return resolved{}, nil
	}
	session, user, err := a.findSession(ctx, token)
	switch {
	case err != nil:
		return resolved{}, err
	case session == nil || user == nil:
		return resolved{token: token, stale: true}, nil
	}
	now := a.now()
	if !session.ExpiresAt.After(now) {
		if err := a.endSession(ctx, session.Token); err != nil {
			return resolved{}, err
		}
		return resolved{token: token, stale: true}, nil
	}
	refreshed, err := a.refresh(ctx, c, session, now)
	if err != nil {
		return resolved{}, err
	}
	return resolved{token: token, old: old, refreshed: refreshed, identity: &Identity{User: user, Session: session, Method: method}}, nil
}

// sessionToken returns the session token of a request: that of its cookie, or else of its Authorization header, if its
// signature is right. A token in the header needs none. old tells that an old secret signed the cookie.
func (a *Auth) sessionToken(c *call) (token string, method Method, old bool) {
	if value, ok := a.cookie(c, sessionCookie); ok {
		if token, old, ok := a.signer.VerifyOld(value); ok {
			return token, MethodSession, old
		}
	}
	scheme, bearer, ok := strings.Cut(c.header("Authorization"), " ")
	bearer = strings.TrimSpace(bearer)
	// What is no text a database refuses with an error, though it is just no token.
	if !ok || !strings.EqualFold(scheme, "Bearer") || bearer == "" || bearer != validText(bearer, maxBearer) {
		return "", "", false
	}
	if !strings.Contains(bearer, ".") {
		return bearer, MethodBearer, false
	}
	if token, ok := a.signer.Verify(bearer); ok {
		return token, MethodBearer, false
	}
	return "", "", false
}

// maxBearer is how long a bearer token may be, in bytes.
const maxBearer = 4096

// refresh gives a session its full lifetime again if it is old enough.
func (a *Auth) refresh(ctx context.Context, c *call, session *Session, now time.Time) (bool, error) {
	config := a.config.Session
	if session.ExpiresAt.Add(-config.Lifetime).Add(config.RefreshAfter).After(now) {
		return false, nil
	}
	if c.request.URL.Query().Get("disableRefresh") == "true" || a.dontRemember(c) {
		return false, nil
	}
	session.ExpiresAt, session.UpdatedAt = now.Add(config.Lifetime), now
	err := a.updateSession(ctx, session, Set("expiresAt", session.ExpiresAt), Set("updatedAt", now))
	return err == nil, err
}

// dontRemember tells whether the request has the cookie of a user who asked not to be remembered.
func (a *Auth) dontRemember(c *call) bool {
	value, ok := a.cookie(c, dontRememberCookie)
	if !ok {
		return false
	}
	text, ok := a.signer.Verify(value)
	return ok && text == "true"
}

// identity returns whom the context's request acts for, or nil.
func (a *Auth) identity(ctx context.Context) (*Identity, error) {
	r, err := a.resolve(ctx)
	return r.identity, err
}

// requireSession returns whom the context's request acts for; ErrUnauthorized for nobody, and ErrAPIKeyNotAllowed for an
// API key where it does not count as a session.
func (a *Auth) requireSession(ctx context.Context) (*Identity, error) {
	id, err := a.identity(ctx)
	if err != nil {
		return nil, err
	}
	if id == nil {
		return nil, ErrUnauthorized
	}
	if id.Method == MethodAPIKey && !a.config.APIKey.FullSessions && !callOf(ctx).keysToo {
		return nil, ErrAPIKeyNotAllowed
	}
	return id, nil
}

// fresh tells whether the session is from a sign-in a short while ago. That it was used or changed since does not
// make it fresh.
func (a *Auth) fresh(s *Session) bool {
	return a.now().Sub(s.CreatedAt) < a.config.Session.FreshFor
}

// The names of cookies, without prefix.
const (
	sessionCookie      = "session_token"
	sessionDataCookie  = "session_data" // Of the cookie cache.
	dontRememberCookie = "dont_remember"
)

// setSessionCookies makes the answer sign its receiver in.
func (a *Auth) setSessionCookies(ctx context.Context, session *Session, user *User, remember bool) {
	c := callOf(ctx)
	lifetime := a.config.Session.Lifetime
	if !remember {
		lifetime = 0
	}
	a.setSessionCookie(c, session, lifetime)
	if !remember {
		a.setCookie(c, signed.Cookie{Name: dontRememberCookie, Value: a.signer.SignCookie("true")})
	}
	a.cacheSession(ctx, c, session, user, remember)
}

// setSessionCookie sends the cookie of a session; a lifetime of zero makes it end with the browser.
func (a *Auth) setSessionCookie(c *call, session *Session, lifetime time.Duration) {
	if session.Token == "" {
		return // The session of an API key: it has no cookie.
	}
	a.setCookie(c, signed.Cookie{Name: sessionCookie, Value: a.signer.SignCookie(session.Token), MaxAge: lifetime})
	c.set("Set-Auth-Token", a.signer.Sign(session.Token))
	c.expose("set-auth-token")
}

// resignSessionCookie sends the cookie of the request's session again, which an old secret signed, to end when it ended.
func (a *Auth) resignSessionCookie(ctx context.Context, session *Session, user *User) {
	c := callOf(ctx)
	if a.dontRemember(c) {
		a.setSessionCookies(ctx, session, user, false)
		return
	}
	if left := session.ExpiresAt.Sub(a.now()); left >= time.Second {
		a.setSessionCookie(c, session, left)
		a.cacheSession(ctx, c, session, user, true)
	}
}

// resendSessionCookie sends the cookie of the request's session again, as remembered as it is. The session and the user are as
// they are now.
func (a *Auth) resendSessionCookie(ctx context.Context, session *Session, user *User) {
	c := callOf(ctx)
	remember, lifetime := true, a.config.Session.Lifetime
	if a.dontRemember(c) {
		remember, lifetime = false, 0
	}
	a.setSessionCookie(c, session, lifetime)
	a.cacheSession(ctx, c, session, user, remember)
}

// clearSessionCookies makes the answer sign its receiver out.
func (a *Auth) clearSessionCookies(c *call) {
	for _, name := range []string{sessionCookie, sessionDataCookie, dontRememberCookie} {
		a.replaceCookie(c, signed.Cookie{Name: name, MaxAge: -1})
	}
	a.clearCacheChunks(c)
}
