package authent

import (
	"time"

	"github.com/agentuity/auth-go/internal/wire"
)

// User is a row of the table "user".
type User struct {
	Name          string         `json:"name"`
	Email         string         `json:"email"`
	EmailVerified bool           `json:"emailVerified"`
	Image         *string        `json:"image"`
	CreatedAt     time.Time      `json:"createdAt"`
	UpdatedAt     time.Time      `json:"updatedAt"`
	ID            string         `json:"id"`
	Extra         map[string]any `json:"-" wire:"extra"` // The app's own fields, by column, without secret ones.

	// Entity is the user in the type of the app, an *ent.User, for the generated ent.UserFromContext. It is nil for a user
	// that was not read, or in a transaction.
	Entity any `json:"-"`
}

// Session is a row of the table "session".
type Session struct {
	ExpiresAt            time.Time      `json:"expiresAt"`
	Token                string         `json:"token"`
	CreatedAt            time.Time      `json:"createdAt"`
	UpdatedAt            time.Time      `json:"updatedAt"`
	IPAddress            *string        `json:"ipAddress"`
	UserAgent            *string        `json:"userAgent"`
	UserID               string         `json:"userId"`
	ActiveOrganizationID *string        `json:"activeOrganizationId"`
	ID                   string         `json:"id"`
	Extra                map[string]any `json:"-" wire:"extra"` // The app's own fields, by column, without secret ones.

	ofKey bool // It stands for an API key, and is no row.
}

// MarshalWire returns what clients get: the session that stands for an API key has no active organization to tell of.
func (s *Session) MarshalWire() any {
	type row Session
	if s.ofKey {
		return struct {
			ID        string    `json:"id"`
			Token     string    `json:"token"` // Empty: the key is not given back.
			UserID    string    `json:"userId"`
			UserAgent *string   `json:"userAgent"`
			IPAddress *string   `json:"ipAddress"`
			CreatedAt time.Time `json:"createdAt"`
			UpdatedAt time.Time `json:"updatedAt"`
			ExpiresAt time.Time `json:"expiresAt"`
		}{s.ID, s.Token, s.UserID, s.UserAgent, s.IPAddress, s.CreatedAt, s.UpdatedAt, s.ExpiresAt}
	}
	return (*row)(s)
}

// Account is a row of the table "account": a way in which a user signs in. It has no JSON form
// of its own, because most of it is secret.
type Account struct {
	ID                    string
	AccountID             string
	ProviderID            string // "credential" for a password, else the provider's id.
	UserID                string
	AccessToken           *string
	RefreshToken          *string
	IDToken               *string
	AccessTokenExpiresAt  *time.Time
	RefreshTokenExpiresAt *time.Time
	Scope                 *string // Joined by commas.
	Password              *string // The hash.
	CreatedAt             time.Time
	UpdatedAt             time.Time
	Extra                 map[string]any // The app's own fields, by column, without secret ones.
}

// Verification is a row of the table "verification": something that can be done once, until it expires.
type Verification struct {
	ID         string
	Identifier string
	Value      string
	ExpiresAt  time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Extra      map[string]any // The app's own fields, by column, without secret ones.
}

// Organization is a row of the table "organization".
type Organization struct {
	Name      string         `json:"name"`
	Slug      string         `json:"slug"`
	Logo      *string        `json:"logo"`
	CreatedAt time.Time      `json:"createdAt"`
	Metadata  *string        `json:"metadata"` // JSON text.
	ID        string         `json:"id"`
	Extra     map[string]any `json:"-" wire:"extra"` // The app's own fields, by column, without secret ones.
}

// FullOrganization is an organization with its invitations and members.
type FullOrganization struct {
	Organization
	Invitations []*Invitation `json:"invitations"`
	Members     []*Member     `json:"members"` // With their users.
}

// Member is a row of the table "member": a user's membership of an organization.
type Member struct {
	OrganizationID string         `json:"organizationId"`
	UserID         string         `json:"userId"`
	Role           string         `json:"role"` // One role, or several joined by commas.
	CreatedAt      time.Time      `json:"createdAt"`
	ID             string         `json:"id"`
	User           *MemberUser    `json:"user,omitempty"` // Where it was asked for.
	Extra          map[string]any `json:"-" wire:"extra"` // The app's own fields, by column, without secret ones.
}

// MemberUser is what other members of an organization see of a user.
type MemberUser struct {
	ID    string  `json:"id"`
	Name  string  `json:"name"`
	Email string  `json:"email"`
	Image *string `json:"image"`
}

// Invitation is a row of the table "invitation".
type Invitation struct {
	OrganizationID string         `json:"organizationId"`
	Email          string         `json:"email"`
	Role           *string        `json:"role"`   // One role, or several joined by commas.
	Status         string         `json:"status"` // pending, accepted, rejected or canceled.
	ExpiresAt      time.Time      `json:"expiresAt"`
	CreatedAt      time.Time      `json:"createdAt"`
	InviterID      string         `json:"inviterId"`
	ID             string         `json:"id"`
	TeamID         *string        `json:"-"`
	Extra          map[string]any `json:"-" wire:"extra"` // The app's own fields, by column, without secret ones.
}

// JWK is a row of the table "jwks": a key pair that signs JSON Web Tokens.
type JWK struct {
	ID         string
	PublicKey  string // JSON.
	PrivateKey string // Encrypted under the secret.
	CreatedAt  time.Time
	ExpiresAt  *time.Time
	Extra      map[string]any // The app's own fields, by column, without secret ones.
}

// APIKey is a row of the table "apikey". It does not have the key, which is shown once when it is
// created, but its hash.
type APIKey struct {
	ConfigID            string         `json:"configId"`
	Name                *string        `json:"name"`
	Start               *string        `json:"start"` // The first characters of the key.
	ReferenceID         string         `json:"referenceId"`
	Prefix              *string        `json:"prefix"`
	Hash                string         `json:"-"`
	UserID              string         `json:"-"`
	RefillInterval      *int           `json:"refillInterval"` // Milliseconds.
	RefillAmount        *int           `json:"refillAmount"`
	LastRefillAt        *time.Time     `json:"lastRefillAt"`
	Enabled             bool           `json:"enabled"`
	RateLimitEnabled    bool           `json:"rateLimitEnabled"`
	RateLimitTimeWindow int            `json:"rateLimitTimeWindow"` // Milliseconds.
	RateLimitMax        int            `json:"rateLimitMax"`
	RequestCount        int            `json:"requestCount"`
	Remaining           *int           `json:"remaining"`
	LastRequest         *time.Time     `json:"lastRequest"`
	ExpiresAt           *time.Time     `json:"expiresAt"`
	CreatedAt           time.Time      `json:"createdAt"`
	UpdatedAt           time.Time      `json:"updatedAt"`
	Permissions         *string        `json:"permissions" wire:"json"` // JSON text.
	Metadata            *string        `json:"metadata" wire:"json"`    // JSON text.
	ID                  string         `json:"id"`
	Extra               map[string]any `json:"-" wire:"extra"` // The app's own fields, by column, without secret ones.
}

// MarshalJSON returns the form that the endpoints give the row: with the app's own fields, and times in milliseconds.
func (u *User) MarshalJSON() ([]byte, error) { return wire.Marshal(u) }

// MarshalJSON returns the form that the endpoints give the row, token included.
func (s *Session) MarshalJSON() ([]byte, error) { return wire.Marshal(s) }

// MarshalJSON returns the form that the endpoints give the row.
func (o *Organization) MarshalJSON() ([]byte, error) { return wire.Marshal(o) }

// MarshalJSON returns the form that the endpoints give the rows.
func (o *FullOrganization) MarshalJSON() ([]byte, error) { return wire.Marshal(o) }

// MarshalJSON returns the form that the endpoints give the row.
func (m *Member) MarshalJSON() ([]byte, error) { return wire.Marshal(m) }

// MarshalJSON returns the form that the endpoints give the row.
func (i *Invitation) MarshalJSON() ([]byte, error) { return wire.Marshal(i) }

// MarshalJSON returns the form that the endpoints give the row, without the key.
func (k *APIKey) MarshalJSON() ([]byte, error) { return wire.Marshal(k) }
