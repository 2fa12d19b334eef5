package authent

import (
	"context"
	"fmt"
)

// What is done to rows of the table session is done here, so that every session is found, changed and ended in the
// same way wherever it is stored.

// findSession returns the session of a token and its user; nil if there is none. It may have expired.
func (a *Auth) findSession(ctx context.Context, token string) (*Session, *User, error) {
	storage := a.config.Session.Storage
	if storage != nil {
		if session, user, err := a.storedSession(ctx, token); err != nil || session != nil {
			return session, user, err
		}
	}
	session, user, err := a.store.Sessions().FindWithUser(ctx, token)
	if err != nil {
		return nil, nil, fmt.Errorf("find a session: %w", err)
	}
	if storage != nil && session != nil && user != nil {
		if err := a.keepSession(ctx, session, user, readThrough); err != nil {
			return nil, nil, err
		}
	}
	return session, user, nil
}

// createSession creates a session of a user and returns it. The caller sets the cookies when its transaction is done.
func (a *Auth) createSession(ctx context.Context, user *User, remember bool) (*Session, error) {
	id, err := a.tokens.ID()
	if err != nil {
		return nil, err
	}
	token, err := a.tokens.Session()
	if err != nil {
		return nil, err
	}
	now := a.now()
	lifetime := a.config.Session.Lifetime
	if !remember {
		lifetime = a.config.Session.BriefLifetime
	}
	address, userAgent := a.client(callOf(ctx))
	session := &Session{
		ID: id, Token: token, UserID: user.ID, CreatedAt: now, UpdatedAt: now, ExpiresAt: now.Add(lifetime),
		IPAddress: &address, UserAgent: &userAgent,
	}
	if before := a.config.Hooks.BeforeSessionCreate; before != nil {
		if err := before(ctx, user, session); err != nil {
			return nil, err
		}
	}
	created, err := a.store.Sessions().Create(ctx, session)
	if err != nil {
		return nil, fmt.Errorf("create a session: %w", err)
	}
	if after := a.config.Hooks.AfterSessionCreate; after != nil {
		if err := after(ctx, user, created); err != nil {
			return nil, err
		}
	}
	if a.config.Session.Storage != nil {
		err := a.afterCommit(ctx, func(ctx context.Context, a *Auth) error { return a.storeNewSession(ctx, created, user) })
		if err != nil {
			return nil, err
		}
	}
	return created, nil
}

// updateSession makes changes to a session that is also changed in memory.
func (a *Auth) updateSession(ctx context.Context, session *Session, changes ...Change) error {
	n, err := a.store.Sessions().Update(ctx, changes, EQ("id", session.ID))
	if err != nil {
		return fmt.Errorf("change a session: %w", err)
	}
	a.dropCache(callOf(ctx))
	if a.config.Session.Storage == nil {
		return nil
	}
	return a.afterCommit(ctx, func(ctx context.Context, a *Auth) error {
		stored, user, err := a.storedSession(ctx, session.Token)
		if err != nil || stored == nil {
			return err
		}
		if n == 0 { // A session of the TypeScript side that only the storage has.
			return a.keepSession(ctx, session, user, a.config.Session.Lifetime)
		}
		return a.keepSession(ctx, session, user, readThrough)
	})
}

// deactivate makes an organization no longer the active one of sessions: of those of some users, or of all if none are
// given. members are the users whose sessions only the secondary storage may have.
func (a *Auth) deactivate(ctx context.Context, organizationID string, members []string, users ...string) error {
	where := []Cond{EQ("activeOrganizationId", organizationID)}
	if len(users) > 0 {
		where = append(where, In("userId", users...))
	}
	a.dropCache(callOf(ctx))
	return a.alsoStored(ctx, func() (func(context.Context) error, error) {
		return a.deactivateStored(ctx, organizationID, members, where)
	}, func() error {
		if _, err := a.store.Sessions().Update(ctx, []Change{Set("activeOrganizationId", nil), Set("updatedAt", a.now())}, where...); err != nil {
			return fmt.Errorf("change sessions: %w", err)
		}
		return nil
	})
}

// endSession ends the session with a token.
func (a *Auth) endSession(ctx context.Context, token string) error {
	return a.endSessions(ctx, forgotten{tokens: []string{token}}, EQ("token", token))
}

// endSessionsOf ends all sessions of a user.
func (a *Auth) endSessionsOf(ctx context.Context, userID string) error {
	return a.endSessions(ctx, forgotten{userID: userID, listed: func(string) bool { return true }}, EQ("userId", userID))
}

// endOtherSessionsOf ends all sessions of a user but the one with a token.
func (a *Auth) endOtherSessionsOf(ctx context.Context, userID, keep string) error {
	return a.endSessions(ctx, forgotten{userID: userID, listed: func(token string) bool { return token != keep }},
		EQ("userId", userID), NEQ("token", keep))
}

// endSessionOf ends the session of a user that has a token or an id.
func (a *Auth) endSessionOf(ctx context.Context, userID, tokenOrID string) error {
	return a.endSessions(ctx, forgotten{userID: userID, listed: func(token string) bool { return token == tokenOrID }},
		EQ("userId", userID), Or(EQ("token", tokenOrID), EQ("id", tokenOrID)))
}

// endSessions ends the sessions that fulfil all conditions, and those that only the secondary storage has.
func (a *Auth) endSessions(ctx context.Context, stored forgotten, where ...Cond) error {
	a.dropCache(callOf(ctx))
	return a.alsoStored(ctx, func() (func(context.Context) error, error) {
		return a.forgetSessions(ctx, stored, where)
	}, func() error {
		if _, err := a.store.Sessions().Delete(ctx, where...); err != nil {
			return fmt.Errorf("end sessions: %w", err)
		}
		return nil
	})
}

// listSessions returns the sessions of a user that have not expired, oldest first.
func (a *Auth) listSessions(ctx context.Context, userID string) ([]*Session, error) {
	sessions, err := a.store.Sessions().Find(ctx, Query{
		Where: []Cond{EQ("userId", userID), GT("expiresAt", a.now())},
		Order: []Order{{Column: "createdAt"}, {Column: "id"}},
	})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return sessions, nil
}
