package jwks

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/agentuity/auth-go/internal/sealed"
)

// ErrToken is returned by [Verify] for every token that is not accepted; [ErrTokenExpired] also matches it.
var ErrToken = errors.New("jwks: the token is invalid")

// ErrTokenExpired is returned for a genuine token after its time.
var ErrTokenExpired = fmt.Errorf("%w: it has expired", ErrToken)

// maxToken bounds a token, in bytes.
const maxToken = 16 << 10

// Signer signs with one key. It is safe for concurrent use.
type Signer struct {
	id     string
	key    ed25519.PrivateKey
	head   string // The encoded header of the tokens, with a dot.
	recent recent
}

// NewSigner decrypts the key of a row. Decrypting costs more than signing: keep the Signer.
func NewSigner(r Row, secrets *sealed.Keys) (*Signer, error) {
	key, err := r.Private(secrets)
	if err != nil {
		return nil, err
	}
	header, err := json.Marshal(struct {
		Algorithm string `json:"alg"`
		KeyID     string `json:"kid"`
	}{jwt.SigningMethodEdDSA.Alg(), r.ID})
	if err != nil {
		return nil, fmt.Errorf("jwks: encode the header of tokens: %w", err)
	}
	return &Signer{id: r.ID, key: key, head: base64.RawURLEncoding.EncodeToString(header) + "."}, nil
}

// ID returns the kid of the tokens.
func (s *Signer) ID() string { return s.id }

// Sign returns the token of a set of claims: a struct (its members in their order) or a map (members in alphabetical
// order). The header is {"alg":"EdDSA","kid":...} without typ, as measured.
func (s *Signer) Sign(claims jwt.Claims) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("jwks: encode the claims of a token: %w", err)
	}
	unsigned := s.head + base64.RawURLEncoding.EncodeToString(payload)
	if token, ok := s.recent.get(unsigned); ok {
		return token, nil
	}
	token := unsigned + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(s.key, []byte(unsigned)))
	s.recent.put(unsigned, token)
	return token, nil
}

// Expect is what a token must say to be accepted.
type Expect struct {
	// Issuer and Audience must be in the token; an empty one is not checked.
	Issuer, Audience string
	// Now is the time to compare exp, nbf and iat with.
	Now time.Time
}

// Verify checks a token against the published keys among rows and fills claims. Only EdDSA is accepted, exp is required,
// and jku, jwk and x5u are never looked at. A kid that is not one of ours, or none, is no key.
func Verify(token string, claims jwt.Claims, rows []Row, e Expect) error {
	if len(token) > maxToken {
		return ErrToken
	}
	options := []jwt.ParserOption{
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithExpirationRequired(),
		jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(func() time.Time { return e.Now }),
	}
	if e.Issuer != "" {
		options = append(options, jwt.WithIssuer(e.Issuer))
	}
	if e.Audience != "" {
		options = append(options, jwt.WithAudience(e.Audience))
	}
	_, err := jwt.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) { return find(rows, t, e.Now) }, options...)
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return ErrTokenExpired
	case err != nil:
		return ErrToken
	}
	return nil
}

func find(rows []Row, t *jwt.Token, now time.Time) (ed25519.PublicKey, error) {
	if _, crit := t.Header["crit"]; crit {
		return nil, ErrToken
	}
	kid, _ := t.Header["kid"].(string)
	for _, r := range rows {
		if kid != "" && r.ID == kid && r.Published(now) {
			return r.Public()
		}
	}
	return nil, ErrToken
}
