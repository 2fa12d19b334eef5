package token

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Purpose is the requestType claim of a mail token: what opening its link does.
type Purpose string

// The purposes.
const (
	// VerifyEmail proves the address of an account. Its token has no requestType claim.
	VerifyEmail Purpose = ""
	// ConfirmChange is mailed to the current address: opening it mails the next token to the new address.
	ConfirmChange Purpose = "change-email-confirmation"
	// VerifyChange is mailed to the new address: opening it changes the address.
	VerifyChange Purpose = "change-email-verification"
)

// MailLifetime is how long a mail token lives unless the app sets another duration.
const MailLifetime = time.Hour

// The errors of [ParseMail].
var (
	// ErrMailInvalid is returned for everything that is no token of this secret.
	ErrMailInvalid = errors.New("token: the mail token is invalid")
	// ErrMailExpired is returned for a genuine token after its time.
	ErrMailExpired = errors.New("token: the mail token has expired")
)

// Mail is what a mail token says.
type Mail struct {
	// Email is the account's address, lower-cased.
	Email string
	// UserID is the account's user. It is empty in tokens of the reference, which ignores it.
	UserID string
	// UpdateTo is the new address of an address change, else empty.
	UpdateTo string
	// Purpose says which link the token belongs to. A token with UpdateTo and the purpose VerifyEmail is of an old
	// kind that changes the address at once; whoever reads one decides.
	Purpose Purpose
	// IssuedAt and ExpiresAt have whole seconds.
	IssuedAt, ExpiresAt time.Time
}

// mailClaims has the members in the order that the reference writes them.
type mailClaims struct {
	Email       string           `json:"email"`
	UpdateTo    string           `json:"updateTo,omitempty"`
	RequestType Purpose          `json:"requestType,omitempty"`
	IssuedAt    *jwt.NumericDate `json:"iat"`
	ExpiresAt   *jwt.NumericDate `json:"exp"`
	Subject     string           `json:"sub,omitempty"`
}

func (c mailClaims) GetExpirationTime() (*jwt.NumericDate, error) { return c.ExpiresAt, nil }
func (c mailClaims) GetIssuedAt() (*jwt.NumericDate, error)       { return c.IssuedAt, nil }
func (c mailClaims) GetNotBefore() (*jwt.NumericDate, error)      { return nil, nil }
func (c mailClaims) GetIssuer() (string, error)                   { return "", nil }
func (c mailClaims) GetSubject() (string, error)                  { return c.Subject, nil }
func (c mailClaims) GetAudience() (jwt.ClaimStrings, error)       { return nil, nil }

// SignMail returns the HS256 token of a mail: header {"alg":"HS256"}, key = the secret's bytes. IssuedAt is now; a zero
// lifetime means [MailLifetime]. The times in m are ignored.
func SignMail(secret string, m Mail, now time.Time, lifetime time.Duration) (string, error) {
	if lifetime == 0 {
		lifetime = MailLifetime
	}
	now = now.Truncate(time.Second)
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, mailClaims{
		Email:       strings.ToLower(m.Email),
		UpdateTo:    strings.ToLower(m.UpdateTo),
		RequestType: m.Purpose,
		IssuedAt:    jwt.NewNumericDate(now),
		ExpiresAt:   jwt.NewNumericDate(now.Add(lifetime)),
		Subject:     m.UserID,
	})
	delete(t.Header, "typ")
	signed, err := t.SignedString([]byte(secret))
	if err != nil {
		return "", fmt.Errorf("token: sign a mail token: %w", err)
	}
	return signed, nil
}

// ParseMail checks a mail token and returns what it says. Only HS256 is accepted, whatever the header says; the
// token must carry exp and an e-mail address. The caller compares Purpose and UpdateTo with what it is about to do.
func ParseMail(secret, signed string, now time.Time) (Mail, error) {
	var claims mailClaims
	_, err := jwt.ParseWithClaims(signed, &claims, func(*jwt.Token) (any, error) { return []byte(secret), nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(func() time.Time { return now }),
		jwt.WithStrictDecoding(),
	)
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return Mail{}, ErrMailExpired
	case err != nil, claims.Email == "":
		return Mail{}, ErrMailInvalid
	}
	m := Mail{Email: claims.Email, UserID: claims.Subject, UpdateTo: claims.UpdateTo, Purpose: claims.RequestType, ExpiresAt: claims.ExpiresAt.Time}
	if claims.IssuedAt != nil {
		m.IssuedAt = claims.IssuedAt.Time
	}
	switch m.Purpose {
	case VerifyEmail, ConfirmChange, VerifyChange:
		return m, nil
	}
	return Mail{}, ErrMailInvalid
}
