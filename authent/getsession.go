package authent

import (
	"context"
	"time"
)

// GetSessionInput is the input of GetSession.
type GetSessionInput struct {
	// DisableRefresh leaves the lifetime of the session alone.
	DisableRefresh string `json:"disableRefresh,omitempty"`
	// DisableCookieCache reads the session from the database in any case.
	DisableCookieCache string `json:"disableCookieCache,omitempty"`
}

// SessionAndUser is the output of GetSession.
type SessionAndUser struct {
	Session *Session `json:"session"`
	User    *User    `json:"user"`
}

// GetSession returns the session of the request and its user, or nil if there is none. It clears the cookies of a
// session that has ended. With a cookie cache, a session that has ended may still be there; see CookieCacheConfig.
func (a *Auth) GetSession(ctx context.Context, in GetSessionInput) (*SessionAndUser, error) {
	if in.DisableCookieCache == "" || in.DisableCookieCache == "false" {
		if id := a.cachedIdentity(ctx); id != nil && a.signsLongEnough(id) {
			return a.sessionAndUser(ctx, id)
		}
	}
	r, err := a.resolve(ctx)
	if err != nil {
		return nil, err
	}
	c := callOf(ctx)
	if r.stale {
		a.clearSessionCookies(c)
	}
	id := r.identity
	if id == nil {
		return nil, nil
	}
	switch {
	case r.refreshed:
		// A second less, as the TypeScript side has it after rounding.
		a.setSessionCookie(c, id.Session, a.config.Session.Lifetime-time.Second)
		a.cacheSession(ctx, c, id.Session, id.User, true)
	case r.old:
		a.resignSessionCookie(ctx, id.Session, id.User)
	case a.cache == nil || id.Method != MethodSession:
	case in.DisableRefresh == "true" || a.dontRemember(c):
		a.dropCache(c) // It was not used: the session may have changed.
	default:
		a.cacheSession(ctx, c, id.Session, id.User, true)
	}
	return a.sessionAndUser(ctx, id)
}

// sessionAndUser returns the session of an identity, and adds a token of it to the answer.
func (a *Auth) sessionAndUser(ctx context.Context, id *Identity) (*SessionAndUser, error) {
	if err := a.setAuthJWT(ctx, callOf(ctx), id); err != nil {
		return nil, err
	}
	return &SessionAndUser{Session: id.Session, User: id.User}, nil
}

// PostSession is GetSession by POST, which the protocol has only with a setting that this service does not have.
func (a *Auth) PostSession(context.Context) (*SessionAndUser, error) {
	return nil, ErrMethodNotAllowedDefer
}
