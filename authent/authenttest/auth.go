package authenttest

import (
	"context"
	"log/slog"
	"testing"

	"github.com/agentuity/auth-go/authent"
)

// Auth is an auth service for a test.
type Auth struct {
	*authent.Auth
	// Clock is the time of the service. It stands still unless the test moves it.
	Clock *Clock
	// Mail has the messages that the service sent.
	Mail *Mailbox

	store authent.Store
	// setup is the service on the same store that prepares a test: it signs users up and lets them create organizations
	// whatever the config says, and sends no mail.
	setup *authent.Auth
}

// Client is a client that go generate made.
type Client interface {
	// AuthStore returns the store of the auth service.
	AuthStore() authent.Store
	// Close closes the connections.
	Close() error
}

// Opener is the type of the generated OpenAuth.
type Opener[C Client] = func(ctx context.Context, url string, config authent.Config, opts ...authent.OpenOption) (*authent.Auth, C, error)

// Open returns an auth service and the client that it shares with the app, on a database in which it creates the tables:
// one of SQLite or Postgres, which are empty ones, or that of any URL. open is the OpenAuth of the app's generated client.
// The connections are closed when the test ends. What is done with the config says New.
func Open[C Client](t testing.TB, open Opener[C], url string, config authent.Config) (*Auth, C) {
	t.Helper()
	a := prepare(t, &config)
	service, client, err := open(t.Context(), url, config, authent.CreateTables())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	a.start(t, service, client.AuthStore(), config)
	return a, client
}

// New returns an auth service on the store of a client that the test made: client.AuthStore(). The tables must be there.
//
// The config is the app's own, or empty. These of its fields are replaced: Now by the Clock, Mailer by Mail, and
// Password.Hasher by one that is quick, which also knows the hashes of the service. These are set if they are not: Secret,
// BaseURL to http://example.com (the host of httptest.NewRequest), Logger to the output of the test, and RateLimit.Enabled
// to false.
func New(t testing.TB, store authent.Store, config authent.Config) *Auth {
	t.Helper()
	a := prepare(t, &config)
	service, err := authent.New(store, config)
	if err != nil {
		t.Fatal(err)
	}
	a.start(t, service, store, config)
	return a
}

// secret is that of all tests.
const secret = "a secret for tests alone: 0123456789 abcdefghij"

// prepare makes the config one for tests.
func prepare(t testing.TB, c *authent.Config) *Auth {
	t.Helper()
	a := &Auth{Clock: newClock(), Mail: &Mailbox{}}
	hasher, err := newHasher()
	if err != nil {
		t.Fatal(err)
	}
	c.Now, c.Mailer = a.Clock.Now, a.Mail
	c.Password.Hasher, c.Password.Argon2id = hasher, false
	if c.Secret == "" {
		c.Secret = secret
	}
	if c.BaseURL == "" {
		c.BaseURL = "http://example.com"
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	if c.RateLimit.Enabled == nil {
		off := false
		c.RateLimit.Enabled = &off
	}
	return a
}

func (a *Auth) start(t testing.TB, service *authent.Auth, store authent.Store, config authent.Config) {
	t.Helper()
	off := false
	organizations := config.Organization
	organizations.MayCreate, organizations.MembershipLimit, organizations.OrganizationLimit = nil, -1, 0
	setup, err := authent.New(store, authent.Config{
		Secret: config.Secret, BaseURL: config.BaseURL, BasePath: config.BasePath, Random: config.Random, Now: config.Now,
		Password:     authent.PasswordConfig{NoAutoSignIn: true, Hasher: config.Password.Hasher},
		Session:      config.Session,
		Cookies:      config.Cookies,
		Organization: organizations,
		APIKey:       config.APIKey,
		RateLimit:    authent.RateLimitConfig{Enabled: &off},
		Hooks:        config.Hooks,
		Logger:       config.Logger,
	})
	if err != nil {
		t.Fatal(err)
	}
	a.Auth, a.setup, a.store = service, setup, store
}
