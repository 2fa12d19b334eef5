package jwks

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/agentuity/auth-go/internal/sealed"
)

// Grace is how long an expired key is still published, so that tokens signed before can be verified.
const Grace = 30 * 24 * time.Hour

// ErrKey is returned for a row whose key cannot be used: not Ed25519, or not encrypted under a secret that is known.
var ErrKey = errors.New("jwks: the key cannot be used")

// Row is what the table has of one key pair.
type Row struct {
	// ID is the row id and the kid of the tokens.
	ID string
	// PublicKey is {"crv":"Ed25519","x":"...","kty":"OKP"}.
	PublicKey string
	// PrivateKey is the encrypted private key: a JSON string with quotes.
	PrivateKey string
	// CreatedAt decides which key signs: the newest one.
	CreatedAt time.Time
	// ExpiresAt, when not nil, is when the key stops signing.
	ExpiresAt *time.Time
}

// publicKey and privateKey have the members in the order that the reference writes them.
type publicKey struct {
	Curve string `json:"crv"`
	X     string `json:"x"`
	Type  string `json:"kty"`
}

type privateKey struct {
	Curve string `json:"crv"`
	D     string `json:"d"`
	X     string `json:"x"`
	Type  string `json:"kty"`
}

// Generate returns a new key pair, its private half encrypted. ID and CreatedAt are left to the
// caller. random nil means crypto/rand.
func Generate(secrets *sealed.Keys, random io.Reader) (Row, error) {
	if random == nil {
		random = rand.Reader
	}
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return Row{}, fmt.Errorf("jwks: read a seed: %w", err)
	}
	private := ed25519.NewKeyFromSeed(seed)
	x := base64.RawURLEncoding.EncodeToString(private[ed25519.SeedSize:])
	public, err := json.Marshal(publicKey{Curve: "Ed25519", X: x, Type: "OKP"})
	if err != nil {
		return Row{}, fmt.Errorf("jwks: encode a public key: %w", err)
	}
	plain, err := json.Marshal(privateKey{Curve: "Ed25519", D: base64.RawURLEncoding.EncodeToString(seed), X: x, Type: "OKP"})
	if err != nil {
		return Row{}, fmt.Errorf("jwks: encode a private key: %w", err)
	}
	column, err := seal(secrets, plain, random)
	if err != nil {
		return Row{}, err
	}
	return Row{PublicKey: string(public), PrivateKey: column}, nil
}

// Public returns the public half of a row.
func (r Row) Public() (ed25519.PublicKey, error) {
	var k publicKey
	if err := json.Unmarshal([]byte(r.PublicKey), &k); err != nil {
		return nil, fmt.Errorf("%w: the public key of row %q is no JSON object", ErrKey, r.ID)
	}
	if k.Curve != "Ed25519" || k.Type != "OKP" {
		return nil, fmt.Errorf("%w: row %q has kty %q and crv %q: only OKP and Ed25519 are supported", ErrKey, r.ID, k.Type, k.Curve)
	}
	x, err := base64.RawURLEncoding.DecodeString(k.X)
	if err != nil || len(x) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%w: the public key of row %q is no Ed25519 point", ErrKey, r.ID)
	}
	return x, nil
}

// Private decrypts the private half of a row and checks that it belongs to the public half.
func (r Row) Private(secrets *sealed.Keys) (ed25519.PrivateKey, error) {
	public, err := r.Public()
	if err != nil {
		return nil, err
	}
	plain, err := open(secrets, r.PrivateKey)
	if err != nil {
		return nil, fmt.Errorf("%w: the private key of row %q: %w", ErrKey, r.ID, err)
	}
	var k privateKey
	if err := json.Unmarshal(plain, &k); err != nil {
		return nil, fmt.Errorf("%w: the private key of row %q is no JSON object", ErrKey, r.ID)
	}
	seed, err := base64.RawURLEncoding.DecodeString(k.D)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("%w: the private key of row %q is no Ed25519 seed", ErrKey, r.ID)
	}
	private := ed25519.NewKeyFromSeed(seed)
	if !public.Equal(private.Public()) {
		return nil, fmt.Errorf("%w: the halves of row %q do not belong together", ErrKey, r.ID)
	}
	return private, nil
}

// Signing returns the row that signs at a time: the newest that has not expired. Of two with one CreatedAt the larger id
// wins, so that every process chooses the same.
func Signing(rows []Row, now time.Time) (Row, bool) {
	var newest Row
	found := false
	for _, r := range rows {
		if r.ExpiresAt != nil && !r.ExpiresAt.After(now) {
			continue
		}
		if !found || r.CreatedAt.After(newest.CreatedAt) || r.CreatedAt.Equal(newest.CreatedAt) && r.ID > newest.ID {
			newest, found = r, true
		}
	}
	return newest, found
}

// Published tells whether a row is in the JWKS document at a time.
func (r Row) Published(now time.Time) bool {
	return r.ExpiresAt == nil || r.ExpiresAt.Add(Grace).After(now)
}
