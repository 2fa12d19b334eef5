package authent

import (
	"context"
	"net/http"

	"github.com/agentuity/auth-go/internal/keys"
)

// keyOf returns the API key of a request, or "".
func (a *Auth) keyOf(c *call) string {
	if c.apiKey != "" {
		return c.apiKey
	}
	if a.store.APIKeys() == nil {
		return ""
	}
	return c.header(a.config.APIKey.Header)
}

// identifyKey returns whom a request with an API key acts for, and counts the use of the key.
func (a *Auth) identifyKey(ctx context.Context, c *call, plain string) (*Identity, error) {
	if !keys.Plausible(plain, min(a.config.APIKey.Length, keys.DefaultLength)) {
		return nil, errImplausibleKey
	}
	key, user, err := a.useKey(ctx, VerifyAPIKeyInput{Key: plain})
	if err != nil {
		return nil, err
	}
	if user == nil || user.ID != key.Owner() { // Somebody wrote another owner into the row.
		if user, err = a.userByID(ctx, key.Owner()); err != nil {
			return nil, err
		}
	}
	if user == nil {
		return nil, ErrAPIKeyOwner
	}
	return &Identity{User: user, Session: a.keySession(c, key, user), Method: MethodAPIKey, APIKey: key}, nil
}

// errImplausibleKey is the measured answer to what cannot be a key.
var errImplausibleKey = newError(http.StatusForbidden, ErrInvalidAPIKey.Code, ErrInvalidAPIKey.Message)

// keySession returns the session that stands for a key. It has no token: the key is not given back, and nothing else
// would be one. It is as old as the key, so that it is not fresh for long.
func (a *Auth) keySession(c *call, key *APIKey, user *User) *Session {
	now := a.now()
	session := &Session{ofKey: true, ID: key.ID, UserID: user.ID, CreatedAt: key.CreatedAt, UpdatedAt: now, ExpiresAt: now.Add(a.config.Session.Lifetime)}
	if key.ExpiresAt != nil {
		session.ExpiresAt = *key.ExpiresAt
	}
	address, userAgent := a.client(c)
	if address != "" {
		session.IPAddress = &address
	}
	if userAgent != "" {
		session.UserAgent = &userAgent
	}
	return session
}

// checkKey verifies the API key of a request, if it has one, and refuses it where it does not count as a session. A bad
// key fails every request, so that nobody takes a request for one with a key that works.
func (a *Auth) checkKey(ctx context.Context, e *Endpoint) error {
	c := callOf(ctx)
	c.keysToo = e.APIKeys
	if c.outer == nil && a.keyOf(c) == "" {
		return nil
	}
	id, err := a.identity(ctx)
	if err != nil {
		return err
	}
	if id != nil && id.Method == MethodAPIKey && !e.APIKeys && !a.config.APIKey.FullSessions {
		return ErrAPIKeyNotAllowed
	}
	return nil
}
