package authent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/agentuity/auth-go/internal/jwks"
	"github.com/agentuity/auth-go/internal/wire"
)

// JWTConfig configures JSON Web Tokens. They are signed with EdDSA under the newest key of the table jwks.
type JWTConfig struct {
	// Lifetime of a token. Defaults to 15 minutes.
	Lifetime time.Duration
	// Issuer and Audience are the claims iss and aud. Both default to the origin of BaseURL.
	Issuer, Audience string
	// Claims returns the claims of a session's token, instead of email, name, emailVerified, createdAt, updatedAt,
	// sessionId and activeOrganizationId. The claims sub, iat, exp, iss and aud are always those of the service. Nobody
	// needs the secret to read a token: it must not say what its holder must not know.
	Claims func(ctx context.Context, user *User, session *Session) (map[string]any, error)
	// NoHeader leaves the header set-auth-jwt out of get-session; the endpoint /token still gives tokens.
	NoHeader bool
	// KeepKeys is how long the keys of the table jwks are kept in memory, so that not every request reads them: a key
	// that somebody else adds signs after this time at the latest. Defaults to one minute.
	KeepKeys time.Duration
}

// ErrInvalidJWT is returned for a token that is not one of this service, or that has expired.
var ErrInvalidJWT = newError(http.StatusUnauthorized, "INVALID_TOKEN", "Invalid token")

// ErrNoJWT is returned for tokens where there is no table of keys.
var ErrNoJWT = errors.New("authent: there is no table jwks in the schema: add mixins.JWKS to sign tokens")

func (s *service) configureJWT(Store) error {
	c := &s.config.JWT
	defaultTo(&c.Lifetime, 15*time.Minute)
	defaultTo(&c.KeepKeys, time.Minute)
	defaultTo(&c.Issuer, s.baseURL)
	defaultTo(&c.Audience, s.baseURL)
	s.keys.turn = make(chan struct{}, 1)
	if c.Lifetime < time.Second || c.KeepKeys < 0 {
		return errors.New("  JWT: Lifetime must be at least a second, and KeepKeys must not be negative")
	}
	return nil
}

func jwtEndpoints() []Endpoint {
	return []Endpoint{
		plain(http.MethodGet, "/jwks", "getJwks", "Returns the public keys that tokens are verified with.", (*Auth).JWKS).withKeys(),
		plain(http.MethodGet, "/token", "getToken", "Returns a token of the session.", (*Auth).Token),
	}
}

// JWKSOutput is the output of JWKS: a JSON Web Key Set.
type JWKSOutput struct {
	Keys []JSONWebKey `json:"keys"`
}

// JSONWebKey is a public key of a JSON Web Key Set.
type JSONWebKey = jwks.DocumentKey

// JWKS returns the public keys that tokens are verified with. The first call makes a key if there is none.
func (a *Auth) JWKS(ctx context.Context) (*JWKSOutput, error) {
	keys, err := a.signingKeys(ctx)
	if err != nil {
		return nil, err
	}
	return &JWKSOutput{Keys: jwks.NewDocument(keys.rows, a.now()).Keys}, nil
}

// TokenOutput is the output of Token.
type TokenOutput struct {
	Token string `json:"token"`
}

// Token returns a JSON Web Token of the request's session.
func (a *Auth) Token(ctx context.Context) (*TokenOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	token, err := a.sessionJWT(ctx, id)
	if err != nil {
		return nil, err
	}
	return &TokenOutput{Token: token}, nil
}

// maxJWTHeader is the longest token that is sent in a header, in bytes: clients refuse an answer with longer headers.
const maxJWTHeader = 8 << 10

// setAuthJWT adds a token of the session to the answer. An API key has no session to make a token of.
func (a *Auth) setAuthJWT(ctx context.Context, c *call, id *Identity) error {
	if a.config.JWT.NoHeader || a.store.JWKS() == nil || id.Method == MethodAPIKey || c.answer == nil {
		return nil
	}
	token, err := a.sessionJWT(ctx, id)
	if err != nil {
		return err
	}
	if len(token) > maxJWTHeader {
		a.log.WarnContext(ctx, "authent: the token of a session is too long for a header: /token gives it", "user", id.User.ID, "bytes", len(token))
		return nil
	}
	c.set("Set-Auth-Jwt", token)
	c.expose("set-auth-jwt")
	return nil
}

// signsLongEnough tells whether the token of a session in the cookie cache, which is as if it had been signed when the session was
// read, is good for half of its lifetime at least.
func (a *Auth) signsLongEnough(id *Identity) bool {
	return a.config.JWT.NoHeader || a.store.JWKS() == nil || a.now().Sub(id.readAt) <= a.config.JWT.Lifetime/2
}

// sessionClaims are the claims of a session's token, in the order that the TypeScript side has them.
type sessionClaims struct {
	jwt.Claims           `json:"-"`
	IssuedAt             int64   `json:"iat"`
	Subject              string  `json:"sub"`
	Email                string  `json:"email"`
	Name                 string  `json:"name"`
	EmailVerified        bool    `json:"emailVerified"`
	CreatedAt            string  `json:"createdAt"`
	UpdatedAt            string  `json:"updatedAt"`
	SessionID            string  `json:"sessionId"`
	ActiveOrganizationID *string `json:"activeOrganizationId"`
	ExpiresAt            int64   `json:"exp"`
	Issuer               string  `json:"iss"`
	Audience             string  `json:"aud"`
}

// sessionJWT signs a token of an identity's session. That of a session in the cookie cache is the one that would have been signed when the
// session was read from the database: it is good for no longer, whatever became of the session meanwhile.
func (a *Auth) sessionJWT(ctx context.Context, id *Identity) (string, error) {
	keys, err := a.signingKeys(ctx)
	if err != nil {
		return "", err
	}
	now := a.now()
	if !id.readAt.IsZero() {
		now = id.readAt
	}
	config := a.config.JWT
	expires := now.Add(config.Lifetime)
	if config.Claims != nil {
		own, err := config.Claims(ctx, id.User, id.Session)
		if err != nil {
			return "", fmt.Errorf("claims of a session: %w", err)
		}
		claims := make(jwt.MapClaims, len(own)+5)
		for name, value := range own {
			claims[name] = value
		}
		claims["sub"], claims["iat"], claims["exp"] = id.User.ID, now.Unix(), expires.Unix()
		claims["iss"], claims["aud"] = config.Issuer, config.Audience
		return keys.signer.Sign(claims)
	}
	return keys.signer.Sign(&sessionClaims{
		IssuedAt: now.Unix(), Subject: id.User.ID, Email: id.User.Email, Name: id.User.Name, EmailVerified: id.User.EmailVerified,
		CreatedAt: id.User.CreatedAt.UTC().Format(wire.TimeFormat), UpdatedAt: id.User.UpdatedAt.UTC().Format(wire.TimeFormat),
		SessionID: id.Session.ID, ActiveOrganizationID: id.Session.ActiveOrganizationID,
		ExpiresAt: expires.Unix(), Issuer: config.Issuer, Audience: config.Audience,
	})
}

// SignJWTInput is the input of SignJWT.
type SignJWTInput struct {
	// Claims of the token. Those of exp, iss and aud that are missing are added.
	Claims map[string]any
	// Lifetime of a token without the claim exp. Defaults to JWTConfig.Lifetime.
	Lifetime time.Duration
}

// SignJWT signs a token with claims of the caller's choice. It is for servers only: there is no endpoint for it.
func (a *Auth) SignJWT(ctx context.Context, in SignJWTInput) (string, error) {
	keys, err := a.signingKeys(ctx)
	if err != nil {
		return "", err
	}
	defaultTo(&in.Lifetime, a.config.JWT.Lifetime)
	claims := jwt.MapClaims{
		"exp": a.now().Add(in.Lifetime).Unix(), "iss": a.config.JWT.Issuer, "aud": a.config.JWT.Audience,
	}
	for name, value := range in.Claims {
		claims[name] = value
	}
	return keys.signer.Sign(claims)
}

// VerifyJWTInput is the input of VerifyJWT.
type VerifyJWTInput struct {
	Token string
	// Issuer and Audience that the token must have. Default to those of JWTConfig.
	Issuer, Audience string
}

// VerifyJWT checks a token of this service, or of the TypeScript side on the same database, and returns its claims;
// numbers are float64. The error is ErrInvalidJWT for a token that is not accepted. It is for servers only: there is no
// endpoint for it. A token says what was true when it was signed: it does not end with its session.
func (a *Auth) VerifyJWT(ctx context.Context, in VerifyJWTInput) (map[string]any, error) {
	keys, err := a.signingKeys(ctx)
	if err != nil {
		return nil, err
	}
	defaultTo(&in.Issuer, a.config.JWT.Issuer)
	defaultTo(&in.Audience, a.config.JWT.Audience)
	expect := jwks.Expect{Issuer: in.Issuer, Audience: in.Audience, Now: a.now()}
	claims := jwt.MapClaims{}
	err = jwks.Verify(in.Token, claims, keys.rows, expect)
	if err != nil && !errors.Is(err, jwks.ErrTokenExpired) {
		// Perhaps its key is newer than those in memory.
		if keys, err = a.newerKeys(ctx, keys); err != nil {
			return nil, err
		}
		claims = jwt.MapClaims{}
		err = jwks.Verify(in.Token, claims, keys.rows, expect)
	}
	if err != nil {
		return nil, ErrInvalidJWT
	}
	return claims, nil
}
