package token

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
)

// The alphabets of docs/formats.md.
const (
	// Alphanumeric makes row ids, session tokens and password reset tokens.
	Alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	// LowerAlphanumeric makes delete-account tokens.
	LowerAlphanumeric = "0123456789abcdefghijklmnopqrstuvwxyz"
	// URLSafe makes OAuth states and PKCE verifiers.
	URLSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	// Letters makes API keys.
	Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// Source makes random strings. The zero Source reads crypto/rand and is what production uses.
type Source struct {
	// Random is where the bytes come from. Defaults to crypto/rand. It must be safe for concurrent use.
	Random io.Reader
}

// ID returns a row id: 32 of [A-Za-z0-9].
func (s Source) ID() (string, error) { return s.String(Alphanumeric, 32) }

// Session returns a session token: 32 of [A-Za-z0-9], never with a dot (a dot means "signed" in a cookie).
func (s Source) Session() (string, error) { return s.String(Alphanumeric, 32) }

// Reset returns a password reset token: 24 of [A-Za-z0-9].
func (s Source) Reset() (string, error) { return s.String(Alphanumeric, 24) }

// Delete returns a delete-account token: 32 of [0-9a-z].
func (s Source) Delete() (string, error) { return s.String(LowerAlphanumeric, 32) }

// State returns an OAuth state: 32 of [A-Za-z0-9_-].
func (s Source) State() (string, error) { return s.String(URLSafe, 32) }

// Verifier returns a PKCE code verifier: 128 of [A-Za-z0-9_-].
func (s Source) Verifier() (string, error) { return s.String(URLSafe, 128) }

// String returns length characters of an alphabet of 2 to 256 single-byte characters, each equally likely: bytes
// beyond the largest multiple of the alphabet's size are thrown away.
func (s Source) String(alphabet string, length int) (string, error) {
	if len(alphabet) < 2 || len(alphabet) > 256 || length < 0 {
		return "", errors.New("token: an alphabet has 2 to 256 characters and a length is not negative")
	}
	random := s.Random
	if random == nil {
		random = rand.Reader
	}
	limit := 256 - 256%len(alphabet)
	out := make([]byte, 0, length)
	buf := make([]byte, length+length/4+8)
	for len(out) < length {
		if _, err := io.ReadFull(random, buf); err != nil {
			return "", fmt.Errorf("token: read random bytes: %w", err)
		}
		for _, b := range buf {
			if int(b) < limit && len(out) < length {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out), nil
}
