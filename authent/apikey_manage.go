package authent

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
)

// APIKeyIDInput is the input of GetAPIKey.
type APIKeyIDInput struct {
	ID string `json:"id"`

	_ string `unused:"configId"`
}

// GetAPIKey returns an API key of the request's user, without the key itself. The error is ErrAPIKeyNotFound for that of
// another user.
func (a *Auth) GetAPIKey(ctx context.Context, in APIKeyIDInput) (*APIKey, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	return a.ownKey(ctx, in.ID, id.User.ID)
}

// ownKey returns a key of a user.
func (a *Auth) ownKey(ctx context.Context, keyID, userID string) (*APIKey, error) {
	key, err := a.findKey(ctx, append(owned(userID), EQ("id", keyID))...)
	if err != nil {
		return nil, err
	}
	if key == nil {
		return nil, ErrAPIKeyNotFound
	}
	return key, nil
}

// findKey returns the key that fulfils all conditions, or nil.
func (a *Auth) findKey(ctx context.Context, where ...Cond) (*APIKey, error) {
	found, err := a.apiKeyTable().Find(ctx, Query{Where: where, Limit: 1})
	if err != nil {
		return nil, fmt.Errorf("find an API key: %w", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return found[0], nil
}

// DeleteAPIKeyInput is the input of DeleteAPIKey.
type DeleteAPIKeyInput struct {
	KeyID string `json:"keyId"`

	_ string `unused:"configId"`
}

// DeleteAPIKeyOutput is the output of DeleteAPIKey.
type DeleteAPIKeyOutput struct {
	Success bool `json:"success"`
}

// DeleteAPIKey deletes an API key of the request's user: it works no more from now on. The error is ErrAPIKeyNotFound
// for that of another user.
func (a *Auth) DeleteAPIKey(ctx context.Context, in DeleteAPIKeyInput) (*DeleteAPIKeyOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	n, err := a.apiKeyTable().Delete(ctx, append(owned(id.User.ID), EQ("id", in.KeyID))...)
	if err != nil {
		return nil, fmt.Errorf("delete an API key: %w", err)
	}
	if n == 0 {
		return nil, ErrAPIKeyNotFound
	}
	return &DeleteAPIKeyOutput{Success: true}, nil
}

// DeleteAllExpiredAPIKeys deletes the API keys of all users that have expired, and returns how many those were. It is
// for servers only, in a job now and then: there is no endpoint for it, and nothing depends on it.
func (a *Auth) DeleteAllExpiredAPIKeys(ctx context.Context) (int, error) {
	n, err := a.apiKeyTable().Delete(ctx, LTE("expiresAt", a.now()))
	if err != nil {
		return 0, fmt.Errorf("delete expired API keys: %w", err)
	}
	return n, nil
}

// ListAPIKeysInput is the input of ListAPIKeys.
type ListAPIKeysInput struct {
	// ConfigID asks for the keys of one configuration of a TypeScript server. Keys that are made here are of "default".
	ConfigID string `json:"configId,omitempty"`
	// OrganizationID is for clients that ask for the keys of an organization: here all keys belong to users.
	OrganizationID string `json:"organizationId,omitempty"`
	// Limit is how many keys are returned at most. Defaults to all.
	Limit *int `json:"limit" check:"min=0"`
	// Offset is how many keys are left out at the start.
	Offset *int `json:"offset" check:"min=0"`
	// SortBy is a column such as name, createdAt or expiresAt. Defaults to createdAt.
	SortBy string `json:"sortBy,omitempty"`
	// SortDirection is asc or desc. Defaults to asc.
	SortDirection string `json:"sortDirection,omitempty" check:"option=asc|desc"`
}

// ListAPIKeysOutput is the output of ListAPIKeys.
type ListAPIKeysOutput struct {
	APIKeys []*APIKey `json:"apiKeys"`
	Total   int       `json:"total"`            // Of all keys of the user.
	Limit   *int      `json:"limit,omitempty"`  // That of the input.
	Offset  *int      `json:"offset,omitempty"` // That of the input.
}

// keyOrders are the columns that keys can be sorted by.
var keyOrders = []string{
	"id", "configId", "name", "start", "prefix", "enabled", "remaining", "requestCount", "refillAmount", "refillInterval",
	"lastRefillAt", "lastRequest", "rateLimitEnabled", "rateLimitMax", "rateLimitTimeWindow", "expiresAt", "createdAt", "updatedAt",
}

// ListAPIKeys returns the API keys of the request's user, without the keys themselves.
func (a *Auth) ListAPIKeys(ctx context.Context, in ListAPIKeysInput) (*ListAPIKeysOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	out := &ListAPIKeysOutput{APIKeys: []*APIKey{}, Limit: in.Limit, Offset: in.Offset}
	if in.OrganizationID != "" {
		return out, a.checkMember(ctx, in.OrganizationID, id.User.ID)
	}
	defaultTo(&in.SortBy, "createdAt")
	if !slices.Contains(keyOrders, in.SortBy) {
		return nil, newError(http.StatusBadRequest, ErrValidation.Code, "[query.sortBy] Invalid input: it is no field of an API key")
	}
	where := owned(id.User.ID)
	if in.ConfigID != "" {
		where = append(where, EQ("configId", in.ConfigID))
	}
	query := Query{Where: where, Order: []Order{{Column: in.SortBy, Desc: in.SortDirection == "desc"}, {Column: "id"}}, Limit: math.MaxInt32}
	if in.Limit != nil {
		query.Limit = *in.Limit
	}
	if in.Offset != nil {
		query.Offset = *in.Offset
	}
	if query.Limit > 0 {
		if out.APIKeys, err = a.apiKeyTable().Find(ctx, query); err != nil {
			return nil, fmt.Errorf("list API keys: %w", err)
		}
	}
	var known bool
	if out.Total, known = totalOf(query, len(out.APIKeys)); known {
		return out, nil
	}
	if out.Total, err = a.apiKeyTable().Count(ctx, where...); err != nil {
		return nil, fmt.Errorf("count API keys: %w", err)
	}
	return out, nil
}

// checkMember returns ErrNotMemberOfOrganization unless a user is a member of an organization.
func (a *Auth) checkMember(ctx context.Context, organizationID, userID string) error {
	if a.store.Members() == nil {
		return ErrNotMemberOfOrganization
	}
	n, err := a.memberTable().Count(ctx, EQ("organizationId", organizationID), EQ("userId", userID))
	if err != nil {
		return fmt.Errorf("find a member: %w", err)
	}
	if n == 0 {
		return ErrNotMemberOfOrganization
	}
	return nil
}

// UpdateOwnAPIKeyInput is the input of UpdateOwnAPIKey. What is absent stays.
type UpdateOwnAPIKeyInput struct {
	KeyID   string  `json:"keyId"`
	Name    *string `json:"name"`
	Enabled *bool   `json:"enabled"`
	// Metadata is an object of up to 64 KiB; null removes it.
	Metadata Optional[json.RawMessage] `json:"metadata" check:"max=65536"`
	// ExpiresIn is how long the key lives from now, in seconds; null makes it live on.
	ExpiresIn Optional[float64] `json:"expiresIn" check:"min=1"`

	serverOnly
	_ string `unused:"configId"`
}

// UpdateOwnAPIKey changes an API key of the request's user. The error is ErrAPIKeyNotFound for that of another user.
func (a *Auth) UpdateOwnAPIKey(ctx context.Context, in UpdateOwnAPIKeyInput) (*APIKey, error) {
	user, err := a.keyOwner(ctx)
	if err != nil {
		return nil, err
	}
	if in.UserID != nil {
		return nil, ErrUnauthorizedSession
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	if in.Permissions.Set { // Null would take them away.
		return nil, ErrServerOnlyProperty
	}
	update := UpdateAPIKeyInput{KeyID: in.KeyID, Name: in.Name, Enabled: in.Enabled}
	if in.Metadata.Set {
		update.SetMetadata = true
		if in.Metadata.Value != nil {
			update.Metadata = *in.Metadata.Value
		}
	}
	if in.ExpiresIn.Set {
		update.SetExpiresIn = true
		if in.ExpiresIn.Value != nil {
			update.ExpiresIn = *in.ExpiresIn.Value
		}
	}
	return a.updateAPIKey(ctx, update, owned(user.ID))
}

// UpdateAPIKeyInput is the input of UpdateAPIKey. What is nil, or whose Set field is false, stays.
type UpdateAPIKeyInput struct {
	KeyID   string
	Name    *string
	Enabled *bool
	// SetMetadata writes Metadata: a map[string]any, its JSON as a json.RawMessage, or nil.
	SetMetadata bool
	Metadata    any
	// SetExpiresIn makes the key live ExpiresIn seconds from now; zero for no end.
	SetExpiresIn bool
	ExpiresIn    float64
	// SetPermissions writes Permissions; nil for none.
	SetPermissions bool
	Permissions    map[string][]string

	Remaining, RefillAmount, RefillInterval, RateLimitMax, RateLimitTimeWindow *int
	RateLimitEnabled                                                           *bool
}

// UpdateAPIKey changes any API key. It is for servers only: it checks nobody's permission, and there is no endpoint for
// it. The error is ErrAPIKeyNotFound if there is no such key.
func (a *Auth) UpdateAPIKey(ctx context.Context, in UpdateAPIKeyInput) (*APIKey, error) {
	return a.updateAPIKey(ctx, in, nil)
}

func (a *Auth) updateAPIKey(ctx context.Context, in UpdateAPIKeyInput, where []Cond) (*APIKey, error) {
	where = append(where, EQ("id", in.KeyID))
	key, err := a.findKey(ctx, where...)
	if err != nil {
		return nil, err
	}
	if key == nil {
		return nil, ErrAPIKeyNotFound
	}
	changes, err := a.keyChanges(in)
	if err != nil {
		return nil, err
	}
	if len(changes) == 0 {
		return nil, ErrNoValuesToUpdate
	}
	// Only what the caller named is written: the counters belong to who uses the key at the same time. updatedAt stays, as
	// on the TypeScript side: it is when the key was last used. An update sets it unless it is given, so that the lock keeps
	// away a use between reading and writing it. The row is read again in the same transaction: a caller who is told of an
	// error has changed nothing.
	err = a.tx(ctx, func(ctx context.Context, tx *Auth) error {
		locked, err := tx.apiKeyTable().Find(ctx, Query{Where: where, Limit: 1, Lock: true})
		if err != nil {
			return fmt.Errorf("lock an API key: %w", err)
		}
		if len(locked) == 0 {
			return ErrAPIKeyNotFound // It was deleted meanwhile.
		}
		n, err := tx.apiKeyTable().Update(ctx, append(changes, Set("updatedAt", locked[0].UpdatedAt)), where...)
		if err != nil {
			return fmt.Errorf("change an API key: %w", err)
		}
		if n > 0 {
			if key, err = tx.findKey(ctx, where...); err != nil {
				return err
			}
		}
		if n == 0 || key == nil {
			return ErrAPIKeyNotFound
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return key, nil
}

// keyChanges returns the changes of an update.
func (a *Auth) keyChanges(in UpdateAPIKeyInput) ([]Change, error) {
	var changes []Change
	if in.Name != nil {
		if *in.Name == "" || utf16Length(*in.Name) > maxKeyName {
			return nil, ErrAPIKeyName
		}
		changes = append(changes, Set("name", *in.Name))
	}
	if in.Enabled != nil {
		changes = append(changes, Set("enabled", *in.Enabled))
	}
	if in.SetMetadata {
		metadata, err := metadataText(in.Metadata)
		if err != nil {
			return nil, err
		}
		changes = append(changes, Set("metadata", metadata))
	}
	if in.SetExpiresIn {
		if in.ExpiresIn == 0 {
			changes = append(changes, Set("expiresAt", nil))
		} else {
			expires, err := a.keyLifetime(in.ExpiresIn)
			if err != nil {
				return nil, err
			}
			changes = append(changes, Set("expiresAt", expires))
		}
	}
	if in.SetPermissions {
		permissions, err := permissionsText(in.Permissions)
		switch {
		case err != nil:
			return nil, err
		case permissions == nil:
			changes = append(changes, Set("permissions", nil))
		default:
			changes = append(changes, Set("permissions", *permissions))
		}
	}
	if err := checkRefill(in.RefillAmount, in.RefillInterval); err != nil {
		return nil, err
	}
	for _, n := range []struct {
		column string
		value  *int
	}{
		{"remaining", in.Remaining}, {"refillAmount", in.RefillAmount}, {"refillInterval", in.RefillInterval},
		{"rateLimitMax", in.RateLimitMax}, {"rateLimitTimeWindow", in.RateLimitTimeWindow},
	} {
		if n.value != nil {
			changes = append(changes, Set(n.column, *n.value))
		}
	}
	if in.RateLimitEnabled != nil {
		changes = append(changes, Set("rateLimitEnabled", *in.RateLimitEnabled))
	}
	return changes, nil
}
