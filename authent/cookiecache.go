package authent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/agentuity/auth-go/internal/sessiondata"
	"github.com/agentuity/auth-go/internal/signed"
	"github.com/agentuity/auth-go/internal/wire"
)

// CookieCacheStrategy is how a session is written in the cookie of a cache.
type CookieCacheStrategy string

// The strategies. Whoever has the cookie can read it, unless it is CacheJWE; nobody without the secret can write it.
const (
	CacheCompact CookieCacheStrategy = sessiondata.Compact // JSON and a signature: the shortest.
	CacheJWT     CookieCacheStrategy = sessiondata.JWT     // A JSON Web Token, which other programs with the secret can verify.
	CacheJWE     CookieCacheStrategy = sessiondata.JWE     // The same encrypted.
)

// CookieCacheConfig configures the cookie cache: a second cookie, session_data, has the session and its user as they were in the
// database, so that for a while nobody asks the database. It is for services whose database is far away: what is changed elsewhere, a
// session that was revoked among it, is seen when the cookie expires.
//
// GetSession reads the cookie, and so does the middleware, unless ReadSession or OrgRole is required. All other methods and endpoints
// read the session from the database. Sign-in and GetSession write the cookie, and whatever changes the session or its
// user writes it anew or clears it. All servers on one database have the same settings, those of the TypeScript side included.
type CookieCacheConfig struct {
	// Enabled turns the cache on. By default cookies of a cache, which the TypeScript side may set, are ignored, and cleared when the
	// session changes.
	Enabled bool
	// Strategy is CacheCompact, CacheJWT or CacheJWE. Defaults to CacheCompact.
	Strategy CookieCacheStrategy
	// MaxAge is how long a session may be used as it was read from the database: a session that was revoked, or whose user was
	// deleted, works for so long at most. In whole seconds. Defaults to 5 minutes; one minute for a user who asked not to be
	// remembered.
	MaxAge time.Duration
	// Version is written into the cookie, and a cookie with another one is not used: change it when the form of sessions
	// or users changes. Defaults to "1".
	Version string
	// VersionOf returns the version for a session and its user, instead of Version: of another one than when
	// the cookie was written, it is not used. It gets what is in the cookie.
	VersionOf func(session *Session, user *User) string
}

const (
	// briefCache is the lifetime of the cache of a user who asked not to be remembered.
	briefCache = time.Minute
	// maxCacheChunks is how many cookies a cache may take. Servers refuse a request with more than 8 KB of cookies.
	maxCacheChunks = 2
	// cacheSkew is how far the clock of a server that wrote a cookie may be ahead.
	cacheSkew = time.Minute
)

func (s *service) configureCookieCache(Store) error {
	c := &s.config.Session.CookieCache
	if !c.Enabled {
		return nil
	}
	defaultTo(&c.Strategy, CacheCompact)
	defaultTo(&c.MaxAge, 5*time.Minute)
	defaultTo(&c.Version, "1")
	var problems []error
	if c.MaxAge < time.Second || c.MaxAge%time.Second != 0 {
		problems = append(problems, fmt.Errorf("  Session.CookieCache.MaxAge: %v is no number of whole seconds", c.MaxAge))
	}
	if c.MaxAge > s.config.Session.Lifetime {
		problems = append(problems, fmt.Errorf("  Session.CookieCache.MaxAge: %v is longer than Session.Lifetime", c.MaxAge))
	}
	var err error
	if s.cache, err = sessiondata.New(string(c.Strategy), s.secret); err != nil {
		problems = append(problems, fmt.Errorf("  Session.CookieCache.Strategy: %w", err))
	}
	return errors.Join(problems...)
}

// cachedIdentity returns whom the context's request acts for as its cookie cache says; nil if that says nothing, or if it is known
// better already.
func (a *Auth) cachedIdentity(ctx context.Context) *Identity {
	c := callOf(ctx).origin()
	if a.cache == nil || c.request == nil || c.read.Load() || a.keyOf(c) != "" {
		return nil
	}
	c.cacheOnce.Do(func() {
		if c.cached = a.readCache(c); c.cached != nil {
			c.cached.bind(c.auth)
			c.identity.CompareAndSwap(nil, c.cached)
		}
	})
	return c.cached
}

// readCache returns the identity in the cookie cache of a request: that of the session of its cookie, which the current secret
// signed. Everything else is nil: the database decides then.
func (a *Auth) readCache(c *call) *Identity {
	token, method, old := a.sessionToken(c)
	if token == "" || method != MethodSession || old {
		return nil
	}
	text, ok := signed.LookupSplit(c.request.Header.Values("Cookie"), a.prefixed(sessionDataCookie), a.secure)
	if !ok {
		return nil
	}
	data, ok := a.cache.Decode(text)
	now, config := a.now(), a.config.Session.CookieCache
	if !ok || !data.ExpiresAt.After(now) || !data.UpdatedAt.Add(config.MaxAge).After(now) || data.UpdatedAt.After(now.Add(cacheSkew)) {
		return nil
	}
	session, user := a.readSession(data.Session, data.User, token)
	if session == nil || !session.ExpiresAt.After(now) || !hasAll(a.store.Sessions().Extra(), data.Session) || !hasAll(a.store.Users().Extra(), data.User) {
		return nil
	}
	if a.cacheVersion(session, user) != data.Version {
		return nil
	}
	return &Identity{User: user, Session: session, Method: MethodSession, readAt: data.UpdatedAt}
}

// hasAll tells whether a JSON object has all the app's own fields. One of the TypeScript side may not have them, and
// a field that is not there must not count as empty.
func hasAll(fields []ExtraField, text []byte) bool {
	if len(fields) == 0 {
		return true
	}
	var members map[string]json.RawMessage
	if !readJSON(text, &members) {
		return false
	}
	for _, f := range fields {
		if _, ok := members[f.Column]; !ok {
			return false
		}
	}
	return true
}

func (a *Auth) cacheVersion(session *Session, user *User) string {
	config := a.config.Session.CookieCache
	if config.VersionOf != nil {
		return config.VersionOf(session, user)
	}
	return config.Version
}

// cacheSession writes the cookie cache of a session that the receiver of the answer is signed in with. Without a cache, and for a
// user that is not known, it clears one that may be there.
func (a *Auth) cacheSession(ctx context.Context, c *call, session *Session, user *User, remember bool) {
	if c.answer == nil || session.Token == "" {
		return
	}
	value, lifetime := "", a.config.Session.CookieCache.MaxAge
	if !remember {
		lifetime = min(lifetime, briefCache)
	}
	if a.cache != nil && user != nil {
		var err error
		if value, err = a.encodeCache(session, user, lifetime); err != nil {
			a.log.WarnContext(ctx, "authent: a session is not cached", "user", user.ID, "error", err)
		}
	}
	a.dropCache(c)
	chunks := signed.Split(value)
	if value == "" || len(chunks) > maxCacheChunks {
		return
	}
	if !remember {
		lifetime = 0 // It ends with the browser, if that is sooner.
	}
	for i, chunk := range chunks {
		name := sessionDataCookie
		if len(chunks) > 1 {
			name = signed.ChunkName(name, i)
		}
		a.replaceCookie(c, signed.Cookie{Name: name, Value: chunk, MaxAge: lifetime})
	}
}

func (a *Auth) encodeCache(session *Session, user *User, lifetime time.Duration) (string, error) {
	sessionText, err := wire.Marshal(session)
	if err != nil {
		return "", err
	}
	userText, err := wire.Marshal(user)
	if err != nil {
		return "", err
	}
	now := a.now()
	return a.cache.Encode(sessiondata.Data{
		Session: sessionText, User: userText, UpdatedAt: now, Version: a.cacheVersion(session, user), ExpiresAt: now.Add(lifetime),
	}, a.config.Random)
}

// dropCache clears the cookie cache of the request, if it has one: it is no longer as the session or the user is. It does so
// without a cache too: the TypeScript side, which may have one, would go on with what it says.
func (a *Auth) dropCache(c *call) {
	if c.answer == nil || c.request == nil {
		return
	}
	a.removeCookie(c, sessionDataCookie)
	for n := range maxCacheChunks {
		a.removeCookie(c, signed.ChunkName(sessionDataCookie, n))
	}
	if _, ok := a.cookie(c, sessionDataCookie); ok {
		a.setCookie(c, signed.Cookie{Name: sessionDataCookie, MaxAge: -1})
	}
	a.clearCacheChunks(c)
}

// clearCacheChunks clears the cookies of the request that a long cookie cache was split into.
func (a *Auth) clearCacheChunks(c *call) {
	if c.request == nil {
		return
	}
	for _, n := range signed.Chunks(c.request.Header.Values("Cookie"), a.prefixed(sessionDataCookie), a.secure) {
		a.replaceCookie(c, signed.Cookie{Name: signed.ChunkName(sessionDataCookie, n), MaxAge: -1})
	}
}

// replaceCookie is setCookie for a cookie that the answer may set already: browsers would take the last, others may not.
func (a *Auth) replaceCookie(c *call, cookie signed.Cookie) {
	a.removeCookie(c, cookie.Name)
	a.setCookie(c, cookie)
}

// removeCookie makes the answer not set a cookie.
func (a *Auth) removeCookie(c *call, name string) {
	if c.answer == nil {
		return
	}
	lines := c.answer.Values("Set-Cookie")
	c.answer.Del("Set-Cookie")
	for _, line := range lines {
		if !strings.HasPrefix(line, signed.FullName(a.prefixed(name), a.secure)+"=") {
			c.answer.Add("Set-Cookie", line)
		}
	}
}
