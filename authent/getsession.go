package authent

import (
	"context"
	"time"
)

// GetSessionInput is the input of GetSession.
type GetSessionInput struct {
	// DisableRefresh leaves the lifetime of the session alone.
	DisableRefresh string `json:"disableRefresh,omitempty"`
	// DisableCookieCache is accepted for the sake of clients: sessions are always read from the store.
	DisableCookieCache string `json:"disableCookieCache,omitempty"`
}

// SessionAndUser is the output of GetSession.
type SessionAndUser struct {
	Session *Session `json:"session"`
	User    *User    `json:"user"`
}

// GetSession returns the session of the request and its user, or nil if there is none. It clears the cookies of a
// session that has ended.
func (a *Auth) GetSession(ctx context.Context, _ GetSessionInput) (*SessionAndUser, error) {
	r, err := a.resolve(ctx)
	if err != nil {
		return nil, err
	}
	c := callOf(ctx)
	if r.stale {
		a.clearSessionCookies(c)
	}
	if r.identity == nil {
		return nil, nil
	}
	switch {
	case r.refreshed:
		// A second less, as the TypeScript side has it after rounding.
		a.setSessionCookie(c, r.identity.Session, a.config.Session.Lifetime-time.Second)
	case r.old:
		a.resignSessionCookie(c, r.identity.Session)
	}
	if err := a.setAuthJWT(ctx, c, r.identity); err != nil {
		return nil, err
	}
	return &SessionAndUser{Session: r.identity.Session, User: r.identity.User}, nil
}

// PostSession is GetSession by POST, which the protocol has only with a setting that this service does not have.
func (a *Auth) PostSession(context.Context) (*SessionAndUser, error) {
	return nil, ErrMethodNotAllowedDefer
}
