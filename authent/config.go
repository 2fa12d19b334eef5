package authent

import (
	"io"
	"log/slog"
	"time"
)

// Config configures an Auth. The zero value of every field but Secret and BaseURL is good for production, and those
// two are read from the environment.
type Config struct {
	// Secret signs cookies and mail tokens and encrypts the keys of the table jwks: at least 32 characters, from
	// "authent secret" or the like. All servers on one database have the same one. Defaults to the first
	// that is set of AGENTUITY_AUTH_SECRET, BETTER_AUTH_SECRET and AUTH_SECRET.
	//
	// Beside Secrets, it is the secret of the time before them: it decrypts what has no version, and cookies that it
	// signed are still accepted.
	Secret string
	// Secrets are several secrets at a time, the current one first, so that it can be replaced without ending sessions:
	// the current one signs and encrypts, each decrypts what names its version, and cookies of sessions that an old one
	// signed are accepted and signed anew. Mail tokens and cookie caches need the current one. They are used if there
	// are any, whether or not there is a Secret, as on the TypeScript side. Defaults to the list in the first
	// that is set of AGENTUITY_AUTH_SECRETS and BETTER_AUTH_SECRETS: 2:new,1:old.
	Secrets []Secret
	// BaseURL is where browsers reach the app, such as https://app.example.com. It decides the links in mails, the
	// issuer of tokens and whether cookies are for https only; nothing in a request does. It is an origin, without a
	// path other than BasePath. Defaults to AGENTUITY_BASE_URL, else BETTER_AUTH_URL.
	BaseURL string
	// BasePath is the path of the endpoints below BaseURL. Defaults to /api/auth.
	BasePath string
	// TrustedOrigins are the origins that may call the endpoints from a browser and that callback URLs may lead to,
	// besides that of BaseURL: https://app.example.com, https://*.example.com, http://localhost:*, myapp://.
	// The comma separated lists of AGENTUITY_CLOUD_DOMAINS and AUTH_TRUSTED_DOMAINS are added, in which a bare
	// host means https.
	TrustedOrigins []string
	// TrustedProxies are the addresses or networks (10.0.0.0/8) of the proxies whose X-Forwarded-For is believed.
	// Defaults to none: the client is the peer of the connection.
	TrustedProxies []string
	// Development accepts a weak secret, makes a random one if there is none (sessions then end with the process) and
	// turns the rate limit off unless RateLimit says otherwise. What it does about the secret is logged as a warning.
	Development bool

	// Password is sign-up and sign-in with e-mail address and password.
	Password PasswordConfig
	// Email is the verification and the change of addresses.
	Email EmailConfig
	// Session is how long sessions live and how they are stored.
	Session SessionConfig
	// Cookies are the attributes of cookies.
	Cookies CookieConfig
	// Organization is what organizations allow.
	Organization OrganizationConfig
	// APIKey is what API keys allow.
	APIKey APIKeyConfig
	// JWT is what tokens say.
	JWT JWTConfig
	// DeleteUser is whether and how users delete themselves.
	DeleteUser DeleteUserConfig
	// Account is the linking of accounts.
	Account AccountConfig
	// Social are the providers with which users sign in; package social has them.
	Social []Provider
	// RateLimit is how many requests a client may make.
	RateLimit RateLimitConfig

	// Tracing is what the middleware says about a request in its OpenTelemetry span.
	Tracing TracingConfig

	// Mailer sends the messages with links. Without it there is no password reset, no verification, no change of
	// address and no invitation by mail. LogMailer is one for development.
	Mailer Mailer
	// Hooks are called around changes of users and sessions.
	Hooks Hooks
	// Logger gets errors of the database and of other systems, and what is worth knowing of a request. Secrets, tokens,
	// keys and cookies are never logged. Defaults to slog.Default().
	Logger *slog.Logger
	// Now is the clock. Defaults to time.Now.
	Now func() time.Time
	// Random is the source of ids, tokens, keys and salts. Defaults to crypto/rand. It must be safe for concurrent use.
	Random io.Reader
}

// PasswordConfig configures sign-up and sign-in with e-mail address and password.
type PasswordConfig struct {
	// Disabled turns sign-up, sign-in and all else that is about passwords off.
	Disabled bool
	// DisableSignUp lets only those sign in who have an account.
	DisableSignUp bool
	// RequireVerification refuses to sign a user in whose address is not verified, and mails the link again. Sign-up
	// then gives the same answer for a new and a known address. It needs a Mailer.
	RequireVerification bool
	// NoAutoSignIn makes sign-up answer without a session.
	NoAutoSignIn bool
	// MinLength and MaxLength are the bounds of a new password, in UTF-16 units. Default to 8 and 128.
	MinLength, MaxLength int
	// ResetLifetime is how long a link of a password reset works. Defaults to one hour.
	ResetLifetime time.Duration
	// KeepSessionsOnReset leaves the sessions of a user alone when the password is reset, as the TypeScript side does
	// unless told otherwise. By default a reset ends them all.
	KeepSessionsOnReset bool
	// KeepSessionsOnChange leaves the other sessions of a user alone when the password is changed, unless the request
	// says revokeOtherSessions, as the TypeScript side does. By default a change ends them.
	KeepSessionsOnChange bool
	// Argon2id hashes new passwords with argon2id (19 MiB, t=2, p=1) instead of scrypt, and old ones at the next
	// sign-in. The TypeScript side cannot check such hashes: use it only on databases of Go alone.
	Argon2id bool
	// Hasher makes and checks the hashes in place of scrypt, for accounts that come from another system. It replaces all
	// that is below; the TypeScript side needs the same functions. Package authenttest has one that is quick.
	Hasher PasswordHasher
	// HashConcurrency is how many passwords are hashed at the same time, each in 32 MiB of memory. Defaults to
	// GOMAXPROCS.
	HashConcurrency int
	// HashQueue is how many requests wait for their turn; the next one is answered 503 with Retry-After. Defaults to
	// 32 for each of HashConcurrency; negative means none.
	HashQueue int
}

// SessionConfig configures sessions.
type SessionConfig struct {
	// Lifetime of a session without use. Defaults to 7 days.
	Lifetime time.Duration
	// RefreshAfter is how old a session must be to get its full lifetime again when it is used. Defaults to one day.
	RefreshAfter time.Duration
	// BriefLifetime is the lifetime of a session whose user asked not to be remembered. Defaults to one day.
	BriefLifetime time.Duration
	// FreshFor is how long after sign-in sensitive operations need no password. Defaults to one day.
	FreshFor time.Duration
	// ListTokens makes list-sessions show the token of every session, as the TypeScript side does: a script that runs in
	// a page can then take over all sessions of its user. It is for clients that end a session from the list on a server
	// of the other side, which knows sessions by their tokens alone. By default the other sessions have their ids in the
	// place of the tokens, which this side's revoke-session takes as well.
	ListTokens bool
	// CookieCache keeps sessions in a second cookie, so that not every request asks the database. Off by default.
	CookieCache CookieCacheConfig
	// Storage keeps sessions for quick reading by all processes, such as Redis, in the form of the TypeScript side. They
	// are in the database too. Defaults to none: each check of a session is one statement in the database.
	Storage SecondaryStorage
}

// CookieConfig configures cookies.
type CookieConfig struct {
	// Prefix of the names. Defaults to "better-auth", which both sides use.
	Prefix string
	// Domain shares the cookies with the subdomains of a domain. Defaults to none: only the host of BaseURL gets them.
	Domain string
	// SameSite is Lax, Strict or None. Defaults to Lax.
	SameSite string
}
