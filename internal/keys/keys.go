// Package keys makes API keys and the forms in which they are stored.
//
// A key is its prefix and 64 letters. The table has the hash of the whole key, prefix included, and its first six
// characters so that its owner can recognise it.
package keys

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/agentuity/auth-go/internal/token"
)

const (
	// DefaultPrefix is before the random part of a key unless the caller asks for another one.
	DefaultPrefix = "ag_"
	// DefaultLength is how many random letters a key has.
	DefaultLength = 64
	// MaxPrefix is the longest prefix, in characters.
	MaxPrefix = 32
	// StartLength is how many characters of a key its owner sees later.
	StartLength = 6
	// maxKey bounds what is hashed: no key is longer, whatever prefix and length an app configures.
	maxKey = 1024
)

// Key is a new key. Plain leaves the process once, in the answer that creates it.
type Key struct {
	// Plain is the whole key.
	Plain string
	// Hash goes into the column key.
	Hash string
	// Start goes into the column start.
	Start string
}

// New returns a key of a prefix and length random letters; length zero means [DefaultLength]. The prefix is taken as it
// is: check it with [ValidPrefix].
func New(source token.Source, prefix string, length int) (Key, error) {
	if length == 0 {
		length = DefaultLength
	}
	random, err := source.String(token.Letters, length)
	if err != nil {
		return Key{}, err
	}
	plain := prefix + random
	return Key{Plain: plain, Hash: Hash(plain), Start: Start(plain)}, nil
}

// Hash returns base64url(SHA-256(key)) without padding: 43 characters. A plain hash is enough because a key has more
// than 360 bits of randomness.
func Hash(plain string) string {
	sum := sha256.Sum256([]byte(plain))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Start returns the first six characters of the whole key.
func Start(plain string) string {
	return plain[:min(StartLength, len(plain))]
}

// ValidPrefix tells whether a prefix has 1 to 32 of [A-Za-z0-9_-].
func ValidPrefix(prefix string) bool {
	return prefix != "" && len(prefix) <= MaxPrefix && strings.Trim(prefix, token.URLSafe) == ""
}

// Plausible tells whether a text can be a key at all: at least minLength characters (zero means [DefaultLength]) and
// at most 1024, all of [A-Za-z0-9_-]. What is not plausible is refused without asking the database.
func Plausible(plain string, minLength int) bool {
	if minLength == 0 {
		minLength = DefaultLength
	}
	if len(plain) < minLength || len(plain) > maxKey {
		return false
	}
	for i := 0; i < len(plain); i++ {
		c := plain[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}
