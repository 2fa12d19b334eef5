package authent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/agentuity/auth-go/internal/keys"
)

// VerifyAPIKeyInput is the input of VerifyAPIKey.
type VerifyAPIKeyInput struct {
	// Key is the whole key.
	Key string
	// Permissions that the key must have: {"project": {"read"}}. Nil asks for none.
	Permissions map[string][]string
}

// VerifyAPIKey checks an API key and counts its use. It is for servers only: there is no endpoint for it; requests are
// checked by the middleware. The error is, in this order,
//
//   - ErrInvalidAPIKey for an unknown key,
//   - ErrAPIKeyDisabled,
//   - ErrAPIKeyExpired, and the key is deleted,
//   - one with the code of ErrAPIKeyNotFound if a permission is missing,
//   - ErrAPIKeyUsedUp if nothing remains, and the key is deleted if it is never refilled,
//   - ErrAPIKeyRateLimited with RetryAfter.
//
// A use is counted by one statement that has the limits as its conditions: however many requests have the key at the
// same time, no more of them are accepted than it allows.
func (a *Auth) VerifyAPIKey(ctx context.Context, in VerifyAPIKeyInput) (*APIKey, error) {
	key, _, err := a.useKey(ctx, in)
	return key, err
}

// useKey is VerifyAPIKey, and also returns the user of the key's column userId.
func (a *Auth) useKey(ctx context.Context, in VerifyAPIKeyInput) (*APIKey, *User, error) {
	if a.store.APIKeys() == nil || !keys.Plausible(in.Key, 1) {
		return nil, nil, ErrInvalidAPIKey
	}
	hash := keys.Hash(in.Key)
	table := a.store.APIKeys()
	inOne := table.CanUpdateWithUser()
	if inOne {
		if key, user, err := a.useSeenKey(ctx, hash, in.Permissions); err != nil || key != nil {
			return key, user, err
		}
	}
	for range maxKeyAttempts {
		key, user, err := table.FindWithUser(ctx, hash)
		if err != nil {
			return nil, nil, fmt.Errorf("find an API key: %w", err)
		}
		if key == nil {
			return nil, nil, ErrInvalidAPIKey
		}
		use, err := useOf(key, in.Permissions, a.now())
		if err != nil {
			a.deleteSpentKey(ctx, key, err)
			return nil, nil, err
		}
		counted, err := a.count(ctx, key, use)
		if err != nil {
			return nil, nil, err
		}
		if counted {
			if inOne {
				a.seen.put(key)
			}
			return key, user, nil
		}
		// The row is not as it was read: somebody else used or changed it. It is read again to decide anew.
	}
	return nil, nil, errors.New("count the use of an API key: its row changes all the time")
}

// useSeenKey uses a key that is remembered, in one statement. It returns nil if nothing is remembered of the key, or if
// that does not hold any more: what is remembered refuses nobody.
func (a *Auth) useSeenKey(ctx context.Context, hash string, permissions map[string][]string) (*APIKey, *User, error) {
	seen := a.seen.get(hash)
	if seen == nil {
		return nil, nil, nil
	}
	use, err := useOf(seen, permissions, a.now())
	if err != nil || use.changes == nil {
		return nil, nil, nil //nolint:nilerr // The row is read to decide.
	}
	key, user, err := a.apiKeyTable().UpdateWithUser(ctx, seen.ID, use.changes, use.where...)
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("count the use of an API key: %w", err)
	case key == nil:
		a.seen.forget(hash)
	default:
		a.seen.put(key)
	}
	return key, user, nil
}

// maxKeyAttempts is how often the use of a key is decided anew. Two rounds are usual when a new time of the rate limit
// or a refill begins; a third needs a change of the key's settings in between.
const maxKeyAttempts = 10

// keyUse is a use of a key: what it changes in the row, on which conditions.
type keyUse struct {
	changes []Change
	where   []Cond
}

// count counts a use and tells whether its conditions were fulfilled.
func (a *Auth) count(ctx context.Context, key *APIKey, use keyUse) (bool, error) {
	if use.changes == nil {
		return true, nil
	}
	n, err := a.apiKeyTable().Update(ctx, use.changes, append([]Cond{EQ("id", key.ID)}, use.where...)...)
	if err != nil {
		return false, fmt.Errorf("count the use of an API key: %w", err)
	}
	return n > 0, nil
}

// lastRequestAccuracy is how exact lastRequest is in the row of a key without limits: it is not written more often.
const lastRequestAccuracy = time.Second

// useOf decides whether a key can be used, and updates key to what it is then. The conditions of the use are all that
// the decision depends on; without changes there are none.
func useOf(key *APIKey, permissions map[string][]string, now time.Time) (use keyUse, err error) {
	if !key.Enabled {
		return use, ErrAPIKeyDisabled
	}
	if key.ExpiresAt != nil && !key.ExpiresAt.After(now) {
		return use, ErrAPIKeyExpired
	}
	for resource, actions := range permissions {
		if len(actions) > 0 && !key.Allows(resource, actions...) {
			return use, errAPIKeyPermission
		}
	}
	if key.Remaining == nil && !key.RateLimitEnabled && key.LastRequest != nil && now.Sub(*key.LastRequest).Abs() < lastRequestAccuracy {
		return use, nil
	}
	use.where = append(make([]Cond, 0, 12), EQ("key", key.Hash), EQ("enabled", true), Or(IsNull("expiresAt"), GT("expiresAt", now)))
	if permissions != nil {
		use.where = append(use.where, same("permissions", key.Permissions))
	}
	if err := use.spend(key, now); err != nil {
		return use, err
	}
	if err := use.limit(key, now); err != nil {
		return use, err
	}
	use.changes = append(use.changes, Set("lastRequest", now), Set("updatedAt", now))
	last := now // So that now itself stays on the stack.
	key.LastRequest, key.UpdatedAt = &last, now
	return use, nil
}

// spend takes one of what remains, after a refill if that is due.
func (u *keyUse) spend(key *APIKey, now time.Time) error {
	if key.Remaining == nil {
		u.where = append(u.where, IsNull("remaining"))
		return nil
	}
	if key.RefillAmount != nil && key.RefillInterval != nil && *key.RefillInterval > 0 && *key.RefillAmount > 0 {
		interval := time.Duration(*key.RefillInterval) * time.Millisecond
		last := key.CreatedAt
		if key.LastRefillAt != nil {
			last = *key.LastRefillAt
		}
		if now.Sub(last) > interval {
			u.where = append(u.where, NotNull("remaining"), EQ("refillAmount", *key.RefillAmount), EQ("refillInterval", *key.RefillInterval))
			if key.LastRefillAt == nil {
				u.where = append(u.where, IsNull("lastRefillAt"))
			} else {
				u.where = append(u.where, LT("lastRefillAt", now.Add(-interval)))
			}
			remaining, refilled := *key.RefillAmount-1, now
			u.changes = append(u.changes, Set("remaining", remaining), Set("lastRefillAt", now))
			key.Remaining, key.LastRefillAt = &remaining, &refilled
			return nil
		}
	}
	if *key.Remaining <= 0 {
		return ErrAPIKeyUsedUp
	}
	remaining := *key.Remaining - 1
	u.where = append(u.where, GT("remaining", 0))
	u.changes = append(u.changes, Add("remaining", -1))
	key.Remaining = &remaining
	return nil
}

// limit counts the use for the rate limit. The time of the limit starts again with each use, as on the TypeScript side.
func (u *keyUse) limit(key *APIKey, now time.Time) error {
	if !key.RateLimitEnabled {
		u.where = append(u.where, EQ("rateLimitEnabled", false))
		return nil
	}
	window := time.Duration(key.RateLimitTimeWindow) * time.Millisecond
	u.where = append(u.where, EQ("rateLimitEnabled", true), EQ("rateLimitTimeWindow", key.RateLimitTimeWindow), EQ("rateLimitMax", key.RateLimitMax))
	if key.LastRequest == nil || now.Sub(*key.LastRequest) > window {
		u.where = append(u.where, Or(IsNull("lastRequest"), LT("lastRequest", now.Add(-window))))
		u.changes = append(u.changes, Set("requestCount", 1))
		key.RequestCount = 1
		return nil
	}
	if key.RequestCount >= key.RateLimitMax {
		wait := max(key.LastRequest.Add(window).Sub(now), time.Millisecond)
		return &Error{
			Status: ErrAPIKeyRateLimited.Status, Code: ErrAPIKeyRateLimited.Code, Message: ErrAPIKeyRateLimited.Message,
			RetryAfter: wait, Details: map[string]any{"tryAgainIn": wait.Milliseconds()},
		}
	}
	u.where = append(u.where, LT("requestCount", key.RateLimitMax), GTE("lastRequest", now.Add(-window)))
	u.changes = append(u.changes, Add("requestCount", 1))
	key.RequestCount++
	return nil
}

// same is the condition that a column has not changed.
func same(column string, value *string) Cond {
	if value == nil {
		return IsNull(column)
	}
	return EQ(column, *value)
}

// deleteSpentKey deletes a key that will never work again, if it is still so.
func (a *Auth) deleteSpentKey(ctx context.Context, key *APIKey, reason error) {
	var where []Cond
	switch {
	case errors.Is(reason, ErrAPIKeyExpired):
		where = []Cond{LTE("expiresAt", a.now())}
	case errors.Is(reason, ErrAPIKeyUsedUp) && key.RefillAmount == nil:
		where = []Cond{LTE("remaining", 0), IsNull("refillAmount")}
	default:
		return
	}
	if _, err := a.apiKeyTable().Delete(ctx, append(where, EQ("id", key.ID))...); err != nil {
		// The key is refused anyway: whoever deletes it later, it never works again.
		a.log.ErrorContext(ctx, "authent: an API key that is spent was not deleted", "key", key.ID, "error", err)
	}
}
