package authenttest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/agentuity/auth-go/internal/password"
)

// hasher makes hashes that cost nothing, and protect nothing. It checks those of the service too, which a test may have
// put into its database.
type hasher struct{ service *password.Hasher }

func newHasher() (hasher, error) {
	service, err := password.NewHasher(password.Options{})
	return hasher{service}, err
}

// prefix marks the hashes of tests.
const prefix = "authenttest$"

// Hash implements authent.PasswordHasher.
func (hasher) Hash(_ context.Context, text string) (string, error) {
	return hashOf(rand.Text(), text), nil
}

// Verify implements authent.PasswordHasher.
func (h hasher) Verify(ctx context.Context, hash, text string) (bool, error) {
	rest, ok := strings.CutPrefix(hash, prefix)
	if !ok {
		ok, err := h.service.Verify(ctx, hash, text)
		if errors.Is(err, password.ErrMalformed) {
			return false, nil
		}
		return ok, err
	}
	salt, _, _ := strings.Cut(rest, "$")
	return subtle.ConstantTimeCompare([]byte(hashOf(salt, text)), []byte(hash)) == 1, nil
}

func hashOf(salt, text string) string {
	sum := sha256.Sum256([]byte(salt + text))
	return prefix + salt + "$" + hex.EncodeToString(sum[:])
}
