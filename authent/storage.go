package authent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/agentuity/auth-go/internal/wire"
)

// SecondaryStorage is a store of texts that expire, such as Redis: package redisstore. It is safe for concurrent use.
type SecondaryStorage interface {
	// Get returns the text of a key; found is false if there is none.
	Get(ctx context.Context, key string) (value string, found bool, err error)
	// Set stores a text for a time.
	Set(ctx context.Context, key, value string, ttl time.Duration) error
	// Delete removes keys. Those that do not exist are no error.
	Delete(ctx context.Context, keys ...string) error
}

// Sessions in the secondary storage have the form of the TypeScript side: the token is the key, {"session":…,"user":…}
// the value, and active-sessions-<user id> lists the tokens of a user. The database has each session of this side too,
// so that ending sessions does not depend on that list.

// readThrough is how long a session that was found in the database only is kept in the storage. A session that is ended
// while it is being read may be known for so long after.
const readThrough = time.Minute

func activeKey(userID string) string { return "active-sessions-" + userID }

// activeSession is an entry of the list of a user's sessions.
type activeSession struct {
	Token     string `json:"token"`
	ExpiresAt int64  `json:"expiresAt"` // Milliseconds.
}

// storedSession returns the session of a token in the storage; nil if there is none.
func (a *Auth) storedSession(ctx context.Context, token string) (*Session, *User, error) {
	text, found, err := a.config.Session.Storage.Get(ctx, token)
	if err != nil {
		return nil, nil, fmt.Errorf("read a session from the secondary storage: %w", err)
	}
	if !found {
		return nil, nil, nil
	}
	var entry struct {
		Session json.RawMessage `json:"session"`
		User    json.RawMessage `json:"user"`
	}
	if !readJSON([]byte(text), &entry) {
		return nil, nil, nil // The key may be of something else.
	}
	session, user := a.readSession(entry.Session, entry.User, token)
	return session, user, nil
}

// readSession returns the session of a token and its user from JSON; nil if it is of something else.
func (a *Auth) readSession(sessionText, userText []byte, token string) (*Session, *User) {
	session, user := &Session{}, &User{}
	if !readJSON(sessionText, session) || !readJSON(userText, user) || session.Token != token || user.ID == "" || user.ID != session.UserID {
		return nil, nil
	}
	session.Extra = extraOf(a.store.Sessions().Extra(), sessionText)
	user.Extra = extraOf(a.store.Users().Extra(), userText)
	user.Entity = a.store.Users().Entity(user)
	return session, user
}

// readJSON decodes a text that others may have written, and tells whether it is of the form.
func readJSON(text []byte, into any) bool { return json.Unmarshal(text, into) == nil }

// extraOf returns the app's own fields of a row that was written as JSON, as a row of the database has them.
func extraOf(fields []ExtraField, text []byte) map[string]any {
	if len(fields) == 0 {
		return nil
	}
	var members map[string]json.RawMessage
	if !readJSON(text, &members) {
		return nil
	}
	extra := make(map[string]any, len(fields))
	for _, f := range fields {
		value, ok := members[f.Column]
		target := f.New()
		switch {
		case !ok || json.Unmarshal(value, target) != nil:
		case !f.Nillable:
			extra[f.Column] = reflect.ValueOf(target).Elem().Interface()
		case string(value) == "null":
			extra[f.Column] = reflect.Zero(reflect.TypeOf(target)).Interface()
		default:
			extra[f.Column] = target
		}
	}
	return extra
}

// keepSession writes a session into the storage, for as long as it lives but no longer than atMost.
func (a *Auth) keepSession(ctx context.Context, session *Session, user *User, atMost time.Duration) error {
	ttl := min(session.ExpiresAt.Sub(a.now()), atMost)
	if ttl <= 0 {
		return nil
	}
	text, err := wire.Marshal(&SessionAndUser{Session: session, User: user})
	if err != nil {
		return err
	}
	if err := a.config.Session.Storage.Set(ctx, session.Token, string(text), ttl); err != nil {
		return fmt.Errorf("write a session into the secondary storage: %w", err)
	}
	return nil
}

// activeSessions returns the list of a user's sessions in the storage, without those that have expired.
func (a *Auth) activeSessions(ctx context.Context, userID string) ([]activeSession, error) {
	text, found, err := a.config.Session.Storage.Get(ctx, activeKey(userID))
	if err != nil {
		return nil, fmt.Errorf("list the sessions in the secondary storage: %w", err)
	}
	var list []activeSession
	if !found || !readJSON([]byte(text), &list) {
		return nil, nil
	}
	now := a.now().UnixMilli()
	return slices.DeleteFunc(list, func(s activeSession) bool { return s.ExpiresAt <= now }), nil
}

// setActiveSessions writes the list of a user's sessions.
func (a *Auth) setActiveSessions(ctx context.Context, userID string, list []activeSession) error {
	if len(list) == 0 {
		return a.config.Session.Storage.Delete(ctx, activeKey(userID))
	}
	last := slices.MaxFunc(list, func(x, y activeSession) int { return int(x.ExpiresAt/1000 - y.ExpiresAt/1000) })
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return a.config.Session.Storage.Set(ctx, activeKey(userID), string(text), time.UnixMilli(last.ExpiresAt).Sub(a.now()))
}

// storeNewSession writes a session that was just created into the storage.
func (a *Auth) storeNewSession(ctx context.Context, session *Session, user *User) error {
	if err := a.keepSession(ctx, session, user, a.config.Session.Lifetime); err != nil {
		return err
	}
	list, err := a.activeSessions(ctx, user.ID)
	if err != nil {
		return err
	}
	return a.setActiveSessions(ctx, user.ID, append(list, activeSession{Token: session.Token, ExpiresAt: session.ExpiresAt.UnixMilli()}))
}

// alsoStored changes sessions in the database, and before that in the secondary storage, if there is one. What inStorage returns is
// done when the transaction is: meanwhile somebody may have read the sessions.
func (a *Auth) alsoStored(ctx context.Context, inStorage func() (again func(context.Context) error, err error), change func() error) error {
	if a.config.Session.Storage == nil {
		return change()
	}
	again, err := inStorage()
	if err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	return a.afterCommit(ctx, func(ctx context.Context, _ *Auth) error { return again(ctx) })
}

// forgotten says which sessions the storage forgets besides those of the database that end. The TypeScript side has sessions in the
// storage alone.
type forgotten struct {
	tokens []string
	// userID is the user whose list is looked at, and listed tells which sessions of that list end; nil for those
	// alone that end anyway.
	userID string
	listed func(token string) bool
}

// forgetSessions removes the sessions that fulfil the conditions, and those that stored tells of, from the storage. It
// returns what must be done once more when the transaction is done.
func (a *Auth) forgetSessions(ctx context.Context, stored forgotten, where []Cond) (again func(context.Context) error, err error) {
	rows, err := a.store.Sessions().Find(ctx, Query{Where: where})
	if err != nil {
		return nil, fmt.Errorf("find sessions: %w", err)
	}
	tokens, users := map[string]bool{}, map[string]bool{}
	for _, token := range stored.tokens {
		tokens[token] = true
	}
	if stored.userID != "" {
		users[stored.userID] = true
	}
	for _, s := range rows {
		tokens[s.Token], users[s.UserID] = true, true
	}
	for user := range users {
		list, err := a.activeSessions(ctx, user)
		if err != nil {
			return nil, err
		}
		var remaining []activeSession
		for _, s := range list {
			if tokens[s.Token] || user == stored.userID && stored.listed != nil && stored.listed(s.Token) {
				tokens[s.Token] = true
			} else {
				remaining = append(remaining, s)
			}
		}
		if err := a.setActiveSessions(ctx, user, remaining); err != nil {
			return nil, fmt.Errorf("end sessions in the secondary storage: %w", err)
		}
	}
	remove := a.remover("end", slices.Collect(maps.Keys(tokens)))
	return remove, remove(ctx)
}

// remover returns what removes sessions from the storage; what it does that for is in the error.
func (a *Auth) remover(purpose string, tokens []string) func(context.Context) error {
	return func(ctx context.Context) error {
		if len(tokens) == 0 {
			return nil
		}
		if err := a.config.Session.Storage.Delete(ctx, tokens...); err != nil {
			return fmt.Errorf("%s sessions in the secondary storage: %w", purpose, err)
		}
		return nil
	}
}

// renewUser puts a changed user into its sessions in the storage.
func (a *Auth) renewUser(ctx context.Context, user *User) error {
	tokens := map[string]bool{}
	list, err := a.activeSessions(ctx, user.ID)
	if err != nil {
		return err
	}
	for _, s := range list {
		tokens[s.Token] = true
	}
	rows, err := a.store.Sessions().Find(ctx, Query{Where: []Cond{EQ("userId", user.ID)}})
	if err != nil {
		return fmt.Errorf("find sessions: %w", err)
	}
	for _, s := range rows {
		tokens[s.Token] = true
	}
	for token := range tokens {
		session, _, err := a.storedSession(ctx, token)
		if err != nil {
			return err
		}
		if session != nil {
			if err := a.keepSession(ctx, session, user, a.config.Session.Lifetime); err != nil {
				return err
			}
		}
	}
	return nil
}

// deactivateStored takes the sessions that fulfil the conditions out of the storage, so that they are read from the
// database, where the organization is no longer active in them. It returns what must be done when the transaction is
// done: the same once more, as with forgetSessions, and what changes the sessions of users that only the storage has.
func (a *Auth) deactivateStored(ctx context.Context, organizationID string, users []string, where []Cond) (after func(context.Context) error, err error) {
	rows, err := a.store.Sessions().Find(ctx, Query{Where: where})
	if err != nil {
		return nil, fmt.Errorf("find sessions: %w", err)
	}
	tokens := make([]string, len(rows))
	for i, s := range rows {
		tokens[i] = s.Token
	}
	remove := a.remover("change", tokens)
	return func(ctx context.Context) error {
		errs := []error{remove(ctx)}
		for _, user := range users {
			list, err := a.activeSessions(ctx, user)
			errs = append(errs, err)
			for _, s := range list {
				errs = append(errs, a.deactivateInStorage(ctx, organizationID, s.Token))
			}
		}
		return errors.Join(errs...)
	}, remove(ctx)
}

// deactivateInStorage makes an organization no longer the active one of a session in the storage.
func (a *Auth) deactivateInStorage(ctx context.Context, organizationID, token string) error {
	session, user, err := a.storedSession(ctx, token)
	if err != nil || session == nil || session.ActiveOrganizationID == nil || *session.ActiveOrganizationID != organizationID {
		return err
	}
	session.ActiveOrganizationID = nil
	return a.keepSession(ctx, session, user, a.config.Session.Lifetime)
}

// afterCommit runs fn, with the service outside of the transaction, when the transaction that a is of is committed, or at once if there is none. In a transaction of the
// app, whose end is not known here, it is not run: see Auth.WithStore.
func (a *Auth) afterCommit(ctx context.Context, fn func(context.Context, *Auth) error) error {
	switch {
	case a.pending != nil:
		*a.pending = append(*a.pending, fn)
		return nil
	case !a.root:
		return nil
	}
	return fn(ctx, a)
}

// commit runs what waits for the end of a transaction.
func (a *Auth) commit(ctx context.Context, pending []func(context.Context, *Auth) error) error {
	var errs []error
	for _, fn := range pending {
		errs = append(errs, fn(ctx, a))
	}
	return errors.Join(errs...)
}
