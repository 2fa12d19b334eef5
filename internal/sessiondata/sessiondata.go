// Package sessiondata reads and writes the cookie cache of docs/formats.md: a session and its user, as they were when they
// were read from the database, in a cookie that nobody without the secret can write.
//
//   - compact: base64url({"session":{"session":S,"user":U,"updatedAt":ms,"version":V},"expiresAt":ms,"signature":M}), M the
//     HMAC-SHA256 under the secret of the inner object with expiresAt as its last member
//   - jwt: a JWT, HS256 with the secret, with the claims session, user, updatedAt, version, iat and exp
//   - jwe: the same claims and jti, encrypted with A256CBC-HS512 under HKDF-SHA256(secret)
package sessiondata

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

// Data is what the cookie says.
type Data struct {
	// Session and User are JSON objects.
	Session, User json.RawMessage
	// UpdatedAt is when they were read from the database.
	UpdatedAt time.Time
	// Version of the cache: a cookie of another one than that of the config is not used.
	Version string
	// ExpiresAt is when the cookie stops being used.
	ExpiresAt time.Time
}

// The strategies.
const (
	Compact = "compact"
	JWT     = "jwt"
	JWE     = "jwe"
)

// Codec encodes and decodes the cookies of one strategy. It is safe for concurrent use.
type Codec struct {
	encode func(d Data, random io.Reader) (string, error)
	decode func(text string) (Data, bool)
}

// New returns the Codec of a strategy.
func New(strategy, secret string) (*Codec, error) {
	switch strategy {
	case Compact:
		c := compact{key: []byte(secret)}
		return &Codec{c.encode, c.decode}, nil
	case JWT:
		c := signedClaims{key: []byte(secret)}
		return &Codec{c.encode, c.decode}, nil
	case JWE:
		c, err := newSealedClaims(secret)
		if err != nil {
			return nil, err
		}
		return &Codec{c.encode, c.decode}, nil
	}
	return nil, fmt.Errorf("%q is none of compact, jwt, jwe", strategy)
}

// Encode returns the value of the cookie. random is for the jwe. The error is ErrInexact for data that the TypeScript side
// would read as something else.
func (c *Codec) Encode(d Data, random io.Reader) (string, error) {
	for _, part := range []*json.RawMessage{&d.Session, &d.User} {
		exact, err := canonical(*part)
		if err != nil {
			return "", err
		}
		*part = exact
	}
	return c.encode(d, random)
}

// MaxLength is the longest cookie that is read, in bytes: chunks that are joined included.
const MaxLength = 64 << 10

// Decode returns what a cookie says; ok is false for one that was not written under the secret. Whether it has expired is for
// the caller to say.
func (c *Codec) Decode(text string) (d Data, ok bool) {
	if len(text) > MaxLength {
		return Data{}, false
	}
	return c.decode(text)
}

// inner is the object that the strategies have in common.
type inner struct {
	Session   json.RawMessage `json:"session"`
	User      json.RawMessage `json:"user"`
	UpdatedAt int64           `json:"updatedAt"` // Milliseconds.
	Version   string          `json:"version"`
}

// appendMembers writes the members of inner without braces.
func (d Data) appendMembers(b []byte) []byte {
	b = append(b, `"session":`...)
	b = append(b, d.Session...)
	b = append(b, `,"user":`...)
	b = append(b, d.User...)
	b = append(b, `,"updatedAt":`...)
	b = strconv.AppendInt(b, d.UpdatedAt.UnixMilli(), 10)
	b = append(b, `,"version":`...)
	return appendString(b, d.Version)
}

// data returns what an inner object says.
func (i inner) data(expiresAt time.Time) (Data, bool) {
	if !isObject(i.Session) || !isObject(i.User) {
		return Data{}, false
	}
	if i.Version == "" {
		i.Version = "1"
	}
	return Data{Session: i.Session, User: i.User, UpdatedAt: time.UnixMilli(i.UpdatedAt).UTC(), Version: i.Version, ExpiresAt: expiresAt}, true
}

func isObject(text json.RawMessage) bool { return len(text) > 1 && text[0] == '{' }

// ErrInexact is returned for a number that JavaScript cannot tell from another one.
var ErrInexact = errors.New("sessiondata: a number has more digits than JavaScript keeps")
