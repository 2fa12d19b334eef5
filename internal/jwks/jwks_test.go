package jwks

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/agentuity/auth-go/internal/sealed"
)

// keys are those that the foreign key is encrypted under.
var keys = sealed.New("a-secret-of-the-tests-0123456789abcdef")

// The key and the token of a measured exchange.
const (
	measuredID    = "Eu1nVX5nTyF3BJ1TfGqpBkSv4LYhlnaH"
	measuredX     = "MYs2vklc7Ns_Ju9Ob-elo8UBxPadrjZJnWwRa7dTOws"
	measuredToken = "eyJhbGciOiJFZERTQSIsImtpZCI6IkV1MW5WWDVuVHlGM0JKMVRmR3FwQmtTdjRMWWhsbmFIIn0.eyJzdWIiOiJ4IiwiZm9vIjoxLCJleHAiOjE3OTU0NjU3NjIsImlzcyI6Imh0dHA6Ly8xMjcuMC4wLjE6NTQ5OTIiLCJhdWQiOiJodHRwOi8vMTI3LjAuMC4xOjU0OTkyIn0.HXTew8npCbcINXYURKm6mBYp39pfLX88LvF4p0heBtQ-eeSMdOfeLPED6VP71FutaxYML_nRq7LXk9lq-wCgAg"
	origin        = "http://127.0.0.1:54992"
)

var (
	now      = time.Unix(1795465000, 0)
	measured = Row{ID: measuredID, PublicKey: `{"crv":"Ed25519","x":"` + measuredX + `","kty":"OKP"}`}
	expect   = Expect{Issuer: origin, Audience: origin, Now: now}
)

// foreign is a key pair made by node:crypto and encrypted by @noble/ciphers.
//
//go:embed testdata/foreign.json
var foreign []byte

func TestMeasuredToken(t *testing.T) {
	t.Parallel()
	var claims struct {
		jwt.RegisteredClaims
		Foo int `json:"foo"`
	}
	if err := Verify(measuredToken, &claims, []Row{measured}, expect); err != nil || claims.Subject != "x" || claims.Foo != 1 {
		t.Errorf("Verify = %+v, %v", claims, err)
	}
	late := expect
	late.Now = time.Unix(1795465763, 0)
	if err := Verify(measuredToken, &claims, []Row{measured}, late); !errors.Is(err, ErrTokenExpired) || !errors.Is(err, ErrToken) {
		t.Errorf("after its time: %v; want ErrTokenExpired", err)
	}
	for name, e := range map[string]Expect{"issuer": {Issuer: "http://other", Now: now}, "audience": {Audience: "http://other", Now: now}} {
		if err := Verify(measuredToken, &claims, []Row{measured}, e); !errors.Is(err, ErrToken) {
			t.Errorf("another %s: %v; want ErrToken", name, err)
		}
	}
	document, err := json.Marshal(NewDocument([]Row{measured, {ID: "rsa", PublicKey: `{"kty":"RSA"}`}}, now))
	want := `{"keys":[{"alg":"EdDSA","crv":"Ed25519","x":"` + measuredX + `","kty":"OKP","kid":"` + measuredID + `"}]}`
	if err != nil || string(document) != want {
		t.Errorf("document %s, %v; want %s", document, err, want)
	}
}

func TestForeignRow(t *testing.T) {
	t.Parallel()
	var f struct{ PublicKey, PrivateKey, Token string }
	if err := json.Unmarshal(foreign, &f); err != nil {
		t.Fatal(err)
	}
	row := Row{ID: "foreignforeignforeignforeignfore0", PublicKey: f.PublicKey, PrivateKey: f.PrivateKey}
	signer, err := NewSigner(row, keys)
	if err != nil {
		t.Fatal(err)
	}
	if err := Verify(f.Token, jwt.MapClaims{}, []Row{row}, expect); err != nil {
		t.Errorf("the foreign token: %v", err)
	}
	own, err := signer.Sign(jwt.MapClaims{"sub": "x", "exp": 1795465762})
	if err != nil || Verify(own, jwt.MapClaims{}, []Row{row}, Expect{Now: now}) != nil {
		t.Errorf("a token of the foreign key: %v", err)
	}
	if _, err := NewSigner(row, sealed.New("another secret of the tests")); !errors.Is(err, ErrKey) || strings.Contains(err.Error(), f.PrivateKey[1:20]) {
		t.Errorf("another secret: %v; want ErrKey", err)
	}
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	row, err := Generate(keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(row.PrivateKey) != 340 {
		t.Errorf("the private key has %d characters; want 338 hex digits and two quotes", len(row.PrivateKey))
	}
	row.ID = "k1"
	signer, err := NewSigner(row, keys)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signer.Sign(jwt.RegisteredClaims{Subject: "u", ExpiresAt: jwt.NewNumericDate(now.Add(time.Minute))})
	if err != nil {
		t.Fatal(err)
	}
	if header, _ := base64.RawURLEncoding.DecodeString(token[:strings.IndexByte(token, '.')]); string(header) != `{"alg":"EdDSA","kid":"k1"}` {
		t.Errorf("header %s", header)
	}
	if err := Verify(token, &jwt.RegisteredClaims{}, []Row{measured, row}, Expect{Now: now}); err != nil {
		t.Errorf("Verify: %v", err)
	}
	other, err := Generate(keys, nil)
	if err != nil || other.PublicKey == row.PublicKey || other.PrivateKey[:50] == row.PrivateKey[:50] {
		t.Error("two keys or two nonces are equal")
	}
	swapped := Row{ID: "s", PublicKey: other.PublicKey, PrivateKey: row.PrivateKey}
	if _, err := NewSigner(swapped, keys); !errors.Is(err, ErrKey) {
		t.Errorf("halves of two keys: %v; want ErrKey", err)
	}
	if _, err := Generate(keys, bytes.NewReader(make([]byte, 40))); err == nil {
		t.Error("a failing source gave a key")
	}
}

// TestRFC8725_AlgorithmPinnedKidUntrusted: RFC 8725 sections 2.1, 3.1 and 3.10.
func TestRFC8725_AlgorithmPinnedKidUntrusted(t *testing.T) {
	t.Parallel()
	row, err := Generate(keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	row.ID = "k1"
	key, err := row.Private(keys)
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{"exp": now.Add(time.Minute).Unix()}
	public, _ := row.Public()
	sign := func(method jwt.SigningMethod, with any, header map[string]any, c jwt.Claims) string {
		token := jwt.NewWithClaims(method, c)
		token.Header["kid"] = "k1"
		for name, value := range header {
			token.Header[name] = value
		}
		signed, err := token.SignedString(with)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	good := sign(jwt.SigningMethodEdDSA, key, nil, claims)
	if err := Verify(good, jwt.MapClaims{}, []Row{row}, Expect{Now: now}); err != nil {
		t.Fatalf("the good token: %v", err)
	}
	attacker, _ := Generate(keys, nil)
	attackerKey, _ := attacker.Private(keys)
	for name, token := range map[string]string{
		"none":              sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil, claims),
		"HS256, public key": sign(jwt.SigningMethodHS256, []byte(public), nil, claims),
		"HS256, jwks text":  sign(jwt.SigningMethodHS256, []byte(row.PublicKey), nil, claims),
		"no kid":            sign(jwt.SigningMethodEdDSA, key, map[string]any{"kid": nil}, claims),
		"foreign kid":       sign(jwt.SigningMethodEdDSA, key, map[string]any{"kid": "../../k1"}, claims),
		"kid of a number":   sign(jwt.SigningMethodEdDSA, key, map[string]any{"kid": 1}, claims),
		"jwk in the header": sign(jwt.SigningMethodEdDSA, attackerKey, map[string]any{"jwk": map[string]string{"kty": "OKP"}, "jku": "https://evil.example/jwks"}, claims),
		"crit":              sign(jwt.SigningMethodEdDSA, key, map[string]any{"crit": []string{"x"}}, claims),
		"no exp":            sign(jwt.SigningMethodEdDSA, key, nil, jwt.MapClaims{"sub": "x"}),
		"not yet":           sign(jwt.SigningMethodEdDSA, key, nil, jwt.MapClaims{"exp": now.Add(time.Hour).Unix(), "nbf": now.Add(time.Minute).Unix()}),
		"changed":           good[:len(good)-5] + "AAAAA",
		"garbage":           "a.b.c",
		"long":              strings.Repeat("a", 1<<20),
	} {
		if err := Verify(token, jwt.MapClaims{}, []Row{row}, Expect{Now: now}); !errors.Is(err, ErrToken) {
			t.Errorf("%s: %v; want ErrToken", name, err)
		}
	}
}

func TestSigningAndPublished(t *testing.T) {
	t.Parallel()
	past, longPast := now.Add(-time.Hour), now.Add(-Grace-time.Hour)
	rows := []Row{
		{ID: "old", CreatedAt: now.Add(-3 * time.Hour)}, {ID: "a", CreatedAt: now.Add(-2 * time.Hour)}, {ID: "b", CreatedAt: now.Add(-2 * time.Hour)},
		{ID: "expired", CreatedAt: now.Add(-time.Hour), ExpiresAt: &past}, {ID: "gone", ExpiresAt: &longPast},
	}
	if r, ok := Signing(rows, now); !ok || r.ID != "b" {
		t.Errorf("Signing = %s, %v; want b", r.ID, ok)
	}
	if _, ok := Signing(rows[3:], now); ok {
		t.Error("an expired key signs")
	}
	if !rows[3].Published(now) || rows[4].Published(now) {
		t.Error("an expired key must be published for 30 days, and no longer")
	}
}

func FuzzRow(f *testing.F) {
	f.Add(measured.PublicKey, `"00"`)
	f.Fuzz(func(t *testing.T, public, private string) {
		if _, err := NewSigner(Row{PublicKey: public, PrivateKey: private}, keys); err == nil && len(private) < 100 {
			t.Errorf("a signer from %q", private)
		}
	})
}

func FuzzVerify(f *testing.F) {
	f.Add(measuredToken)
	f.Fuzz(func(t *testing.T, token string) {
		if err := Verify(token, jwt.MapClaims{}, []Row{measured}, expect); err == nil && token != measuredToken {
			t.Errorf("a token that nobody signed was accepted: %q", token)
		}
	})
}

func BenchmarkSign(b *testing.B) {
	row, err := Generate(keys, nil)
	if err != nil {
		b.Fatal(err)
	}
	signer, err := NewSigner(row, keys)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := signer.Sign(jwt.RegisteredClaims{Subject: "u"}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	for b.Loop() {
		if err := Verify(measuredToken, &jwt.RegisteredClaims{}, []Row{measured}, expect); err != nil {
			b.Fatal(err)
		}
	}
}
