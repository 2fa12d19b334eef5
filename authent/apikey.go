package authent

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/agentuity/auth-go/internal/keys"
	"github.com/agentuity/auth-go/internal/wire"
)

// APIKeyConfig configures API keys.
type APIKeyConfig struct {
	// Header is the header of a request that has the key. Defaults to X-Agentuity-Auth-Api-Key. The middleware also takes
	// "Authorization: ApiKey <key>".
	Header string
	// Prefix of new keys, up to 32 of [A-Za-z0-9_-]. Defaults to "ag_".
	Prefix string
	// Length is how many random letters a new key has, from 32 to 512. Defaults to 64, which is also the least that the
	// TypeScript side accepts.
	Length int
	// MinLifetime and MaxLifetime bound the lifetime that a user may give a key. Default to one day and 365 days. A key
	// without lifetime does not expire.
	MinLifetime, MaxLifetime time.Duration
	// DefaultLifetime is that of a key for which none was given. Defaults to zero: it does not expire.
	DefaultLifetime time.Duration
	// RateLimitMax and RateLimitWindow are how often a new key can be used in which time, unless the server says
	// otherwise. Default to 10 and 24 hours. The time starts again with each use.
	RateLimitMax    int
	RateLimitWindow time.Duration
	// NoRateLimit makes new keys without a rate limit.
	NoRateLimit bool
	// DefaultPermissions are those of a key for which none were given: {"project": {"read"}}. Defaults to none.
	DefaultPermissions map[string][]string
	// FullSessions lets a key do all that a session of its user can, whatever its permissions: change the password, make
	// other keys, delete the account. The TypeScript side does that always. By default a key works for those
	// endpoints alone that Endpoint.APIKeys marks.
	FullSessions bool
}

// Errors of API keys.
var (
	ErrUnauthorizedSession     = newError(http.StatusUnauthorized, "UNAUTHORIZED_SESSION", "Unauthorized or invalid session")
	ErrInvalidAPIKey           = newError(http.StatusUnauthorized, "INVALID_API_KEY", "Invalid API key.")
	ErrAPIKeyNotFound          = newError(http.StatusNotFound, "KEY_NOT_FOUND", "API Key not found")
	ErrAPIKeyDisabled          = newError(http.StatusUnauthorized, "KEY_DISABLED", "API Key is disabled")
	ErrAPIKeyExpired           = newError(http.StatusUnauthorized, "KEY_EXPIRED", "API Key has expired")
	ErrAPIKeyUsedUp            = newError(http.StatusTooManyRequests, "USAGE_EXCEEDED", "API Key has reached its usage limit")
	ErrAPIKeyRateLimited       = newError(http.StatusTooManyRequests, "RATE_LIMITED", "Rate limit exceeded.")
	ErrAPIKeyOwner             = newError(http.StatusUnauthorized, "INVALID_REFERENCE_ID_FROM_API_KEY", "The reference id from the API key is invalid.")
	ErrAPIKeyNotAllowed        = newError(http.StatusForbidden, "API_KEY_NOT_ALLOWED", "An API key cannot do this: sign in")
	ErrServerOnlyProperty      = newError(http.StatusBadRequest, "SERVER_ONLY_PROPERTY", "The property you're trying to set can only be set from the server auth instance only.")
	ErrAPIKeyMetadata          = newError(http.StatusBadRequest, "INVALID_METADATA_TYPE", "metadata must be an object or undefined")
	ErrAPIKeyName              = newError(http.StatusBadRequest, "INVALID_NAME_LENGTH", "The name length is either too large or too small.")
	ErrAPIKeyPrefix            = newError(http.StatusBadRequest, "INVALID_PREFIX_LENGTH", "The prefix length is either too large or too small.")
	ErrAPIKeyLifetimeTooSmall  = newError(http.StatusBadRequest, "EXPIRES_IN_IS_TOO_SMALL", "The expiresIn is smaller than the predefined minimum value.")
	ErrAPIKeyLifetimeTooLarge  = newError(http.StatusBadRequest, "EXPIRES_IN_IS_TOO_LARGE", "The expiresIn is larger than the predefined maximum value.")
	ErrAPIKeyRefillAmountOnly  = newError(http.StatusBadRequest, "REFILL_AMOUNT_AND_INTERVAL_REQUIRED", "refillAmount is required when refillInterval is provided")
	ErrAPIKeyRefillOnly        = newError(http.StatusBadRequest, "REFILL_INTERVAL_AND_AMOUNT_REQUIRED", "refillInterval is required when refillAmount is provided")
	ErrNoValuesToUpdate        = newError(http.StatusBadRequest, "NO_VALUES_TO_UPDATE", "No values to update.")
	ErrNotMemberOfOrganization = newError(http.StatusForbidden, "USER_NOT_MEMBER_OF_ORGANIZATION", "You are not a member of the organization that owns this API key.")
	// errAPIKeyPermission has the code of ErrAPIKeyNotFound, as measured: who tries a key out does not learn that it is one.
	errAPIKeyPermission = newError(http.StatusUnauthorized, "KEY_NOT_FOUND", "API Key not found")
)

// maxKeyName is the longest name of a key, in UTF-16 units.
const maxKeyName = 32

func (s *service) configureAPIKeys(Store) error {
	c := &s.config.APIKey
	defaultTo(&c.Header, "X-Agentuity-Auth-Api-Key")
	defaultTo(&c.Prefix, keys.DefaultPrefix)
	defaultTo(&c.Length, keys.DefaultLength)
	defaultTo(&c.MinLifetime, 24*time.Hour)
	defaultTo(&c.MaxLifetime, 365*24*time.Hour)
	defaultTo(&c.RateLimitMax, 10)
	defaultTo(&c.RateLimitWindow, 24*time.Hour)
	var problems []error
	if !keys.ValidPrefix(c.Prefix) {
		problems = append(problems, fmt.Errorf("  APIKey.Prefix: %q has not 1 to %d of [A-Za-z0-9_-]", c.Prefix, keys.MaxPrefix))
	}
	if c.Length < 32 || c.Length > 512 {
		problems = append(problems, fmt.Errorf("  APIKey.Length: %d is not from 32 to 512", c.Length))
	}
	if c.MinLifetime < 0 || c.MaxLifetime < c.MinLifetime || c.DefaultLifetime < 0 {
		problems = append(problems, errors.New("  APIKey: MinLifetime, MaxLifetime and DefaultLifetime must be positive, and the first less than the second"))
	}
	if c.RateLimitMax < 1 || c.RateLimitWindow < time.Millisecond {
		problems = append(problems, errors.New("  APIKey: RateLimitMax and RateLimitWindow must be positive: NoRateLimit turns the limit off"))
	}
	return errors.Join(problems...)
}

func apiKeyEndpoints() []Endpoint {
	return []Endpoint{
		post("/api-key/create", "createApiKey", "Creates an API key of the user. The answer is the only one that has the key.", (*Auth).CreateOwnAPIKey),
		get("/api-key/get", "getApiKey", "Returns an API key of the user, without the key itself.", (*Auth).GetAPIKey),
		post("/api-key/update", "updateApiKey", "Changes an API key of the user.", (*Auth).UpdateOwnAPIKey),
		post("/api-key/delete", "deleteApiKey", "Deletes an API key of the user.", (*Auth).DeleteAPIKey),
		get("/api-key/list", "listApiKeys", "Lists the API keys of the user.", (*Auth).ListAPIKeys),
	}
}

// Owner returns the id of the user that the key belongs to. Rows of old versions of the TypeScript side have it in the
// column userId alone.
func (k *APIKey) Owner() string {
	if k.ReferenceID != "" {
		return k.ReferenceID
	}
	return k.UserID
}

// Allows tells whether the key's permissions have all of some actions on a resource; without actions, whether they
// have any. The action "*" stands for all. A key without permissions allows nothing.
func (k *APIKey) Allows(resource string, actions ...string) bool {
	if k.Permissions == nil {
		return false
	}
	var permissions map[string][]string
	if json.Unmarshal([]byte(*k.Permissions), &permissions) != nil {
		return false // Not as this service or the TypeScript side writes them.
	}
	granted := map[string]bool{}
	for _, action := range permissions[resource] {
		granted[action] = true
	}
	if len(actions) == 0 {
		return len(granted) > 0
	}
	for _, action := range actions {
		if !granted[action] && !granted["*"] {
			return false
		}
	}
	return true
}

// owned are the conditions that a key belongs to a user.
func owned(userID string) []Cond {
	return []Cond{
		Or(EQ("referenceId", userID), EQ("userId", userID)),
		In("referenceId", userID, ""),
	}
}

// NewAPIKey is an API key with the key itself, which is shown this once.
type NewAPIKey struct {
	APIKey
	Key string `json:"key" wire:"after=prefix"`
}

// MarshalJSON returns the form that the endpoint gives the row, with the key.
func (k *NewAPIKey) MarshalJSON() ([]byte, error) { return wire.Marshal(k) }

// jsonText returns a value as the JSON text of a column.
func jsonText(value any) (string, error) {
	text, err := wire.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("encode a column: %w", err)
	}
	return string(text), nil
}

// metadataText returns the metadata of a key as the TypeScript side writes it: the text null for none.
func metadataText(metadata any) (string, error) {
	switch m := metadata.(type) {
	case nil, map[string]any:
		return jsonText(m)
	case json.RawMessage: // As the client sent it, with the order of its members.
		if len(m) == 0 || string(m) == "null" {
			return "null", nil
		}
		if m[0] == '{' {
			return string(m), nil
		}
	}
	return "", ErrAPIKeyMetadata
}

// permissionsText returns the permissions of a key as a column; nil for none.
func permissionsText(permissions map[string][]string) (*string, error) {
	if permissions == nil {
		return nil, nil
	}
	for resource, actions := range permissions {
		if actions == nil {
			permissions[resource] = []string{}
		}
	}
	text, err := jsonText(permissions)
	return &text, err
}

// keyLifetime returns when a key expires that lives some seconds.
func (a *Auth) keyLifetime(seconds float64) (time.Time, error) {
	config := a.config.APIKey
	switch {
	case seconds < config.MinLifetime.Seconds():
		return time.Time{}, ErrAPIKeyLifetimeTooSmall
	case seconds > config.MaxLifetime.Seconds():
		return time.Time{}, ErrAPIKeyLifetimeTooLarge
	}
	return a.now().Add(time.Duration(seconds * float64(time.Second))).Truncate(time.Millisecond), nil
}

// checkRefill checks that a refill has an amount and an interval, or neither.
func checkRefill(amount, interval *int) error {
	switch {
	case amount != nil && interval == nil:
		return ErrAPIKeyRefillAmountOnly
	case amount == nil && interval != nil:
		return ErrAPIKeyRefillOnly
	}
	return nil
}
