package authent

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf16"

	"github.com/agentuity/auth-go/internal/keys"
)

// CreateOwnAPIKeyInput is the input of CreateOwnAPIKey.
type CreateOwnAPIKeyInput struct {
	// Name is for people, up to 32 characters.
	Name *string `json:"name"`
	// ExpiresIn is how long the key lives, in seconds; nil for the default.
	ExpiresIn *float64 `json:"expiresIn" check:"min=1"`
	// Prefix of the key: up to 32 of [A-Za-z0-9_-]. Defaults to that of the config.
	Prefix *string `json:"prefix"`
	// Metadata is an object of the caller's, up to 64 KiB; nil for none.
	Metadata json.RawMessage `json:"metadata,omitempty" check:"max=65536"`

	serverOnly
	_ string `unused:"configId"`
}

// serverOnly are properties that only a server may set: a request that has one of them is refused.
type serverOnly struct {
	UserID              *string                       `json:"userId"`
	Remaining           *float64                      `json:"remaining" check:"min=0"`
	RefillAmount        *float64                      `json:"refillAmount" check:"min=1"`
	RefillInterval      *float64                      `json:"refillInterval"`
	RateLimitTimeWindow *float64                      `json:"rateLimitTimeWindow"`
	RateLimitMax        *float64                      `json:"rateLimitMax"`
	RateLimitEnabled    *bool                         `json:"rateLimitEnabled"`
	Permissions         Optional[map[string][]string] `json:"permissions"`
}

// check returns the error for properties that are there.
func (s *serverOnly) check() error {
	switch {
	case s.Remaining != nil, s.RefillAmount != nil, s.RefillInterval != nil, s.RateLimitTimeWindow != nil,
		s.RateLimitMax != nil, s.RateLimitEnabled != nil, s.Permissions.Value != nil:
		return ErrServerOnlyProperty
	case s.UserID != nil:
		return ErrUnauthorizedSession
	}
	return nil
}

// keyOwner returns the user of the request's session, for endpoints of keys that have an error of their own.
func (a *Auth) keyOwner(ctx context.Context) (*User, error) {
	id, err := a.identity(ctx)
	switch {
	case err != nil:
		return nil, err
	case id == nil:
		return nil, ErrUnauthorizedSession
	}
	if id, err = a.requireSession(ctx); err != nil {
		return nil, err
	}
	return id.User, nil
}

// CreateOwnAPIKey creates an API key of the request's user, with the limits and permissions of the config. The answer is
// the only place where the key itself is.
func (a *Auth) CreateOwnAPIKey(ctx context.Context, in CreateOwnAPIKeyInput) (*NewAPIKey, error) {
	if in.Prefix != nil && strings.Trim(*in.Prefix, keyPrefixCharacters) != "" || in.Prefix != nil && *in.Prefix == "" {
		return nil, newError(http.StatusBadRequest, ErrValidation.Code,
			"[body.prefix] Invalid prefix format, must be alphanumeric and contain only underscores and hyphens.")
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	user, err := a.keyOwner(ctx)
	if err != nil {
		return nil, err
	}
	own := CreateAPIKeyInput{UserID: user.ID, Name: in.Name, Metadata: in.Metadata}
	if in.Prefix != nil {
		own.Prefix = *in.Prefix
	}
	if in.ExpiresIn != nil {
		own.ExpiresIn = *in.ExpiresIn
	}
	return a.createAPIKey(ctx, own)
}

const keyPrefixCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// CreateAPIKeyInput is the input of CreateAPIKey. Only UserID is required.
type CreateAPIKeyInput struct {
	// UserID is whom the key belongs to.
	UserID string
	// Name is for people, up to 32 characters.
	Name *string
	// Prefix of the key. Defaults to that of the config.
	Prefix string
	// ExpiresIn is how long the key lives, in seconds. Defaults to APIKeyConfig.DefaultLifetime.
	ExpiresIn float64
	// Metadata is a map[string]any of the caller's, or its JSON as a json.RawMessage; nil for none.
	Metadata any
	// Permissions are what the key may do: {"project": {"read", "write"}}. Default to those of the config.
	Permissions map[string][]string
	// Remaining is how often the key can be used; nil for no end.
	Remaining *int
	// RefillAmount is what Remaining becomes when RefillInterval, in milliseconds, has passed since the last time.
	RefillAmount, RefillInterval *int
	// RateLimitEnabled, RateLimitMax and RateLimitTimeWindow, in milliseconds, are how often the key can be used in which
	// time. Default to the config's.
	RateLimitEnabled                  *bool
	RateLimitMax, RateLimitTimeWindow *int
}

// CreateAPIKey creates an API key of any user. It is for servers only: it checks nobody's permission, and there is no
// endpoint for it. The answer is the only place where the key itself is. The error is ErrUnauthorizedSession if there is
// no such user.
func (a *Auth) CreateAPIKey(ctx context.Context, in CreateAPIKeyInput) (*NewAPIKey, error) {
	user, err := a.userByID(ctx, in.UserID)
	if err != nil {
		return nil, err
	}
	if user == nil {
		return nil, ErrUnauthorizedSession
	}
	return a.createAPIKey(ctx, in)
}

func (a *Auth) createAPIKey(ctx context.Context, in CreateAPIKeyInput) (*NewAPIKey, error) {
	row, err := a.newKeyRow(in)
	if err != nil {
		return nil, err
	}
	key, err := keys.New(a.tokens, *row.Prefix, a.config.APIKey.Length)
	if err != nil {
		return nil, err
	}
	if row.ID, err = a.tokens.ID(); err != nil {
		return nil, err
	}
	row.Start, row.Hash = &key.Start, key.Hash
	created, err := a.apiKeyTable().Create(ctx, row)
	if err != nil {
		return nil, fmt.Errorf("create an API key: %w", err)
	}
	return &NewAPIKey{APIKey: *created, Key: key.Plain}, nil
}

// newKeyRow returns the row of a new key, without id and key.
func (a *Auth) newKeyRow(in CreateAPIKeyInput) (*APIKey, error) {
	config, now := a.config.APIKey, a.now()
	row := &APIKey{
		ConfigID: "default", Name: in.Name, UserID: in.UserID, ReferenceID: in.UserID, Enabled: true, Prefix: &in.Prefix,
		Remaining: in.Remaining, RefillAmount: in.RefillAmount, RefillInterval: in.RefillInterval,
		RateLimitEnabled: !config.NoRateLimit, RateLimitMax: config.RateLimitMax, RateLimitTimeWindow: int(config.RateLimitWindow.Milliseconds()),
		CreatedAt: now, UpdatedAt: now,
	}
	metadata, err := metadataText(in.Metadata)
	if err != nil {
		return nil, err
	}
	row.Metadata = &metadata
	if err := checkRefill(in.RefillAmount, in.RefillInterval); err != nil {
		return nil, err
	}
	if in.ExpiresIn != 0 {
		expires, err := a.keyLifetime(in.ExpiresIn)
		if err != nil {
			return nil, err
		}
		row.ExpiresAt = &expires
	} else if config.DefaultLifetime > 0 {
		expires := now.Add(config.DefaultLifetime)
		row.ExpiresAt = &expires
	}
	defaultTo(row.Prefix, config.Prefix)
	if !keys.ValidPrefix(*row.Prefix) {
		return nil, ErrAPIKeyPrefix
	}
	if in.Name != nil && utf16Length(*in.Name) > maxKeyName {
		return nil, ErrAPIKeyName
	}
	if in.Permissions == nil {
		in.Permissions = config.DefaultPermissions
	}
	if row.Permissions, err = permissionsText(in.Permissions); err != nil {
		return nil, err
	}
	if in.RateLimitEnabled != nil {
		row.RateLimitEnabled = *in.RateLimitEnabled
	}
	if in.RateLimitMax != nil {
		row.RateLimitMax = *in.RateLimitMax
	}
	if in.RateLimitTimeWindow != nil {
		row.RateLimitTimeWindow = *in.RateLimitTimeWindow
	}
	return row, nil
}

// utf16Length is the length of a text as the TypeScript side counts it.
func utf16Length(s string) (n int) {
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}
