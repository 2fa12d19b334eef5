package authent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/agentuity/auth-go/internal/clientip"
	"github.com/agentuity/auth-go/internal/origin"
	"github.com/agentuity/auth-go/internal/password"
	"github.com/agentuity/auth-go/internal/ratelimit"
	"github.com/agentuity/auth-go/internal/sealed"
	"github.com/agentuity/auth-go/internal/sessiondata"
	"github.com/agentuity/auth-go/internal/signed"
	"github.com/agentuity/auth-go/internal/token"
)

// Auth is the auth service. It is safe for concurrent use.
type Auth struct {
	*service
	store Store
	root  bool // The store is the one that the service was made with, not that of a transaction.
	// pending is what waits for the end of the service's own transaction; nil outside of one. Without it, a store that is
	// not the root is of a transaction of the app.
	pending *[]func(context.Context, *Auth) error
}

// service is what an Auth and its copies on other stores share.
type service struct {
	config    Config
	baseURL   string // Without a path: https://app.example.com
	secure    bool   // Cookies are for https only.
	log       *slog.Logger
	secret    string // The current one.
	sealing   *sealed.Keys
	signer    *signed.Signer
	cache     *sessiondata.Codec // Nil without a cookie cache.
	tokens    token.Source
	hasher    hasher
	origins   *origin.Matcher
	clients   *clientip.Resolver
	limiter   RateLimiter
	limits    []ratelimit.PathRule
	roles     roles
	keys      keyring
	seen      seenKeys
	providers map[string]Provider
	endpoints []Endpoint
	routes    routes
}

// New returns the auth service on a store: that of a generated client, client.AuthStore(). The error lists everything
// that is wrong with the config.
func New(store Store, config Config) (*Auth, error) {
	if store == nil {
		return nil, errors.New("authent: no store: pass client.AuthStore() of the generated client")
	}
	s := &service{config: config, log: config.Logger}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.config.Now == nil {
		s.config.Now = time.Now
	}
	s.tokens = token.Source{Random: config.Random}
	var problems []error
	for _, configure := range []func(Store) error{
		s.configureSecret,
		s.configureURLs,
		s.configureOrigins,
		s.configurePasswords,
		s.configureSessions,
		s.configureCookieCache,
		s.configureEmail,
		s.configureDeleteUser,
		s.configureOrganizations,
		s.configureAPIKeys,
		s.configureJWT,
		s.configureSocial,
		s.configureRateLimit,
	} {
		if err := configure(store); err != nil {
			problems = append(problems, err)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("authent: the config is wrong:\n%w", err)
	}
	s.endpoints = endpointsOf(s, store)
	s.routes = routesOf(s.endpoints)
	return &Auth{service: s, store: store, root: true}, nil
}

// WithStore returns the service on another store, usually that of a transaction: what it does then is part of the
// transaction, auth.WithStore(tx.AuthStore()).SignUpEmail(ctx, in). A secondary storage is then filled when the new
// sessions are first used, and ends sessions when it is told to, not when the transaction is committed.
func (a *Auth) WithStore(store Store) *Auth {
	return &Auth{service: a.service, store: store}
}

// Endpoints returns the table of all endpoints that this service has.
func (a *Auth) Endpoints() []Endpoint { return append([]Endpoint(nil), a.endpoints...) }

// BaseURL returns the origin of the config's BaseURL.
func (a *Auth) BaseURL() string { return a.baseURL }

// now returns the time as it is stored: in milliseconds.
func (s *service) now() time.Time { return s.config.Now().UTC().Truncate(time.Millisecond) }

// tx runs fn with the service on a transaction.
func (a *Auth) tx(ctx context.Context, fn func(ctx context.Context, tx *Auth) error) error {
	if !a.root {
		return a.store.Tx(ctx, func(ctx context.Context, store Store) error {
			return a.within(ctx, &Auth{service: a.service, store: store, pending: a.pending}, fn)
		})
	}
	var pending []func(context.Context, *Auth) error
	err := a.store.Tx(ctx, func(ctx context.Context, store Store) error {
		pending = nil // The transaction may run again.
		return a.within(ctx, &Auth{service: a.service, store: store, pending: &pending}, fn)
	})
	if err != nil {
		return err
	}
	return a.commit(ctx, pending)
}

type txKey struct{}

// within runs fn with a context that knows the transaction, for what hooks ask of an identity.
func (a *Auth) within(ctx context.Context, tx *Auth, fn func(ctx context.Context, tx *Auth) error) error {
	return fn(context.WithValue(ctx, txKey{}, tx), tx)
}

// defaultTo gives a value of the config its default.
func defaultTo[T comparable](value *T, def T) {
	var zero T
	if *value == zero {
		*value = def
	}
}

// firstEnv returns the first environment variable of a list that is set.
func firstEnv(names ...string) string {
	for _, name := range names {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return ""
}

func (s *service) configureURLs(Store) error {
	c := &s.config
	defaultTo(&c.BaseURL, firstEnv("AGENTUITY_BASE_URL", "BETTER_AUTH_URL"))
	defaultTo(&c.BasePath, "/api/auth")
	if c.BaseURL == "" {
		return errors.New("  BaseURL: there is none: set Config.BaseURL or AGENTUITY_BASE_URL to where browsers reach the app, such as https://app.example.com")
	}
	u, err := url.Parse(c.BaseURL)
	base, ok := origin.Of(c.BaseURL)
	if err != nil || !ok {
		return fmt.Errorf("  BaseURL: %q is not an http or https URL such as https://app.example.com", c.BaseURL)
	}
	if !strings.HasPrefix(c.BasePath, "/") || strings.HasSuffix(c.BasePath, "/") || strings.ContainsAny(c.BasePath, "?#% ") || strings.Contains(c.BasePath, "//") {
		return fmt.Errorf("  BasePath: %q is not a path such as /api/auth", c.BasePath)
	}
	// Another path would be left out of all links: whoever wrote it, as the TypeScript side allows, meant the BasePath.
	if path := strings.TrimSuffix(u.Path, "/"); u.RawQuery != "" || u.Fragment != "" || path != "" && path != c.BasePath {
		return fmt.Errorf("  BaseURL: %q is more than an origin: write %s, and the path of the endpoints in BasePath", c.BaseURL, base)
	}
	s.baseURL, s.secure = base, strings.HasPrefix(base, "https://")
	return nil
}

func (s *service) configureOrigins(Store) error {
	trusted := append([]string(nil), s.config.TrustedOrigins...)
	for _, name := range []string{"AGENTUITY_BASE_URL", "AGENTUITY_CLOUD_DOMAINS", "AUTH_TRUSTED_DOMAINS"} {
		for domain := range strings.SplitSeq(os.Getenv(name), ",") {
			if domain = strings.TrimSpace(domain); domain == "" {
				continue
			}
			if !strings.Contains(domain, "://") {
				domain = "https://" + domain
			}
			if name == "AGENTUITY_BASE_URL" {
				if domain, _ = origin.Of(domain); domain == "" {
					continue // BaseURL says what is wrong with it, if it is used.
				}
			}
			trusted = append(trusted, domain)
		}
	}
	if s.baseURL != "" {
		trusted = append(trusted, s.baseURL)
	}
	var err error
	if s.origins, err = origin.New(trusted); err != nil {
		return fmt.Errorf("  TrustedOrigins: %w", err)
	}
	if s.clients, err = clientip.New(s.config.TrustedProxies); err != nil {
		return fmt.Errorf("  TrustedProxies: %w", err)
	}
	return nil
}

func (s *service) configurePasswords(Store) error {
	c := &s.config.Password
	defaultTo(&c.MinLength, password.MinLength)
	defaultTo(&c.MaxLength, password.MaxLength)
	defaultTo(&c.ResetLifetime, time.Hour)
	var problems []error
	if c.MinLength < 1 || c.MaxLength < c.MinLength {
		problems = append(problems, fmt.Errorf("  Password: lengths from %d to %d make no sense", c.MinLength, c.MaxLength))
	}
	if c.RequireVerification && s.config.Mailer == nil {
		problems = append(problems, errors.New("  Password.RequireVerification: it needs a Mailer that sends the links"))
	}
	algorithm := password.Scrypt
	if c.Argon2id {
		algorithm = password.Argon2id
	}
	hasher, err := password.NewHasher(password.Options{
		Algorithm: algorithm, Concurrency: c.HashConcurrency, Queue: c.HashQueue, Random: s.config.Random,
	})
	if err != nil {
		problems = append(problems, fmt.Errorf("  Password: %w", err))
	}
	s.hasher = hasher
	if c.Hasher != nil {
		if c.Argon2id {
			problems = append(problems, errors.New("  Password: Argon2id and Hasher exclude each other"))
		}
		s.hasher = customHasher{c.Hasher}
	}
	return errors.Join(problems...)
}

func (s *service) configureSessions(Store) error {
	c := &s.config.Session
	defaultTo(&c.Lifetime, 7*24*time.Hour)
	defaultTo(&c.RefreshAfter, 24*time.Hour)
	defaultTo(&c.BriefLifetime, 24*time.Hour)
	defaultTo(&c.FreshFor, 24*time.Hour)
	var problems []error
	if c.Lifetime <= 0 || c.RefreshAfter < 0 || c.BriefLifetime <= 0 || c.FreshFor < 0 {
		problems = append(problems, errors.New("  Session: its durations must be positive"))
	}
	if c.Lifetime > signed.MaxCookieAge {
		problems = append(problems, fmt.Errorf("  Session.Lifetime: browsers keep no cookie longer than %d days", signed.MaxCookieAge/(24*time.Hour)))
	}
	k := &s.config.Cookies
	defaultTo(&k.Prefix, "better-auth")
	defaultTo(&k.SameSite, "Lax")
	switch {
	case k.SameSite != "Lax" && k.SameSite != "Strict" && k.SameSite != "None":
		problems = append(problems, fmt.Errorf("  Cookies.SameSite: %q is none of Lax, Strict, None", k.SameSite))
	case k.SameSite == "None" && !s.secure && s.baseURL != "":
		problems = append(problems, errors.New("  Cookies.SameSite: None needs a BaseURL on https"))
	}
	if strings.ContainsAny(k.Prefix, "=;, \t\"") || strings.ContainsAny(k.Domain, ";, \t") {
		problems = append(problems, errors.New("  Cookies: Prefix or Domain has a character that cookies cannot have"))
	}
	return errors.Join(problems...)
}
