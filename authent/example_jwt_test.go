package authent_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"log"

	"github.com/golang-jwt/jwt/v5"

	"github.com/agentuity/auth-go/authent"
)

// The token of a session, and how another service that has no access to the database checks it: with the public keys at
// /api/auth/jwks, here with a library for JSON Web Tokens.
func ExampleAuth_JWKS() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()
	ctx := context.Background()
	token, err := auth.Token(actAs(auth, "Ada")) // Clients get it at /api/auth/token.
	if err != nil {
		log.Fatal(err)
	}

	claims := jwt.MapClaims{}
	_, err = jwt.ParseWithClaims(token.Token, claims, func(t *jwt.Token) (any, error) {
		document, err := auth.JWKS(ctx)
		if err != nil {
			return nil, err
		}
		for _, key := range document.Keys {
			if key.ID == t.Header["kid"] {
				x, err := base64.RawURLEncoding.DecodeString(key.X)
				return ed25519.PublicKey(x), err
			}
		}
		return nil, errors.New("the key is unknown")
	}, jwt.WithValidMethods([]string{"EdDSA"}), jwt.WithIssuer("https://app.example.com"), jwt.WithAudience("https://app.example.com"))
	fmt.Println(claims["email"], err)
	// Output: ada@example.com <nil>
}

// A service on the same database checks tokens itself.
func ExampleAuth_VerifyJWT() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()
	ctx := context.Background()
	token, err := auth.SignJWT(ctx, authent.SignJWTInput{Claims: map[string]any{"sub": "job-42", "scope": "reports"}})
	if err != nil {
		log.Fatal(err)
	}

	claims, err := auth.VerifyJWT(ctx, authent.VerifyJWTInput{Token: token})
	fmt.Println(claims["sub"], claims["scope"], err)
	_, err = auth.VerifyJWT(ctx, authent.VerifyJWTInput{Token: token + "x"})
	fmt.Println(errors.Is(err, authent.ErrInvalidJWT))
	// Output:
	// job-42 reports <nil>
	// true
}

// Claims of the app in the tokens of sessions.
func ExampleJWTConfig() {
	auth, client := newAuth(authent.Config{
		JWT: authent.JWTConfig{
			Audience: "https://api.example.com",
			Claims: func(_ context.Context, user *authent.User, _ *authent.Session) (map[string]any, error) {
				return map[string]any{"name": user.Name}, nil
			},
		},
	})
	defer client.Close()
	token, err := auth.Token(actAs(auth, "Ada"))
	if err != nil {
		log.Fatal(err)
	}
	claims, err := auth.VerifyJWT(context.Background(), authent.VerifyJWTInput{Token: token.Token})
	fmt.Println(claims["name"], claims["aud"], claims["email"], err)
	// Output: Ada https://api.example.com <nil> <nil>
}
