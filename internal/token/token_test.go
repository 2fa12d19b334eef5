package token

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const secret = "a-secret-of-the-tests-0123456789abcdef"

func TestAlphabets(t *testing.T) {
	t.Parallel()
	var s Source
	for name, c := range map[string]struct {
		make     func() (string, error)
		alphabet string
		length   int
	}{
		"id": {s.ID, Alphanumeric, 32}, "session": {s.Session, Alphanumeric, 32}, "reset": {s.Reset, Alphanumeric, 24},
		"delete": {s.Delete, LowerAlphanumeric, 32}, "state": {s.State, URLSafe, 32}, "verifier": {s.Verifier, URLSafe, 128},
	} {
		got, err := c.make()
		if err != nil || len(got) != c.length || strings.Trim(got, c.alphabet) != "" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestUnbiased: with a uniform source each character of a 62-letter alphabet is as frequent as the others.
// A plain modulo would give the first 8 characters 5/4 of the others' share.
func TestUnbiased(t *testing.T) {
	t.Parallel()
	const n = 620_000
	got, err := Source{Random: rand.NewChaCha8([32]byte{1})}.String(Alphanumeric, n)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range Alphanumeric {
		if count := strings.Count(got, string(c)); count < 9500 || count > 10500 {
			t.Errorf("%q appears %d times in %d", c, count, n)
		}
	}
}

func TestSourceFails(t *testing.T) {
	t.Parallel()
	if got, err := (Source{Random: bytes.NewReader(nil)}).ID(); err == nil || got != "" {
		t.Errorf("ID with a failing source = %q, %v", got, err)
	}
	if _, err := (Source{}).String("a", 3); err == nil {
		t.Error("an alphabet of one character was accepted")
	}
}

func TestMailRoundTrip(t *testing.T) {
	t.Parallel()
	now := time.Unix(1795464859, 5e8)
	signed, err := SignMail(secret, Mail{Email: "CE@example.com", UpdateTo: "ce2@example.com", Purpose: VerifyChange}, now, 0)
	if err != nil {
		t.Fatal(err)
	}
	// The header and the members' order of a measured token.
	const measured = "eyJhbGciOiJIUzI1NiJ9.eyJlbWFpbCI6ImNl"
	if !strings.HasPrefix(signed, measured) {
		t.Errorf("the token starts with %.40s; want %s", signed, measured)
	}
	m, err := ParseMail(secret, signed, now)
	if err != nil || m.Email != "ce@example.com" || m.UpdateTo != "ce2@example.com" || m.Purpose != VerifyChange || m.ExpiresAt.Unix() != 1795468459 {
		t.Errorf("ParseMail = %+v, %v", m, err)
	}
	if _, err := ParseMail(secret, signed, now.Add(time.Hour+time.Second)); !errors.Is(err, ErrMailExpired) {
		t.Errorf("after an hour: %v; want ErrMailExpired", err)
	}
	if _, err := ParseMail(secret+"x", signed, now); !errors.Is(err, ErrMailInvalid) {
		t.Errorf("another secret: %v", err)
	}
}

// TestMailForeign reads tokens that node:crypto signed under the secret of the tests.
func TestMailForeign(t *testing.T) {
	t.Parallel()
	m, err := ParseMail(secret, foreignVerify, time.Unix(1795464859, 0))
	if err != nil || m.Email != "verify@example.com" || m.Purpose != VerifyEmail || m.UpdateTo != "" {
		t.Errorf("ParseMail = %+v, %v", m, err)
	}
	own, err := SignMail(secret, Mail{Email: "verify@example.com"}, time.Unix(1795464858, 0), 0)
	if err != nil || own != foreignVerify {
		t.Errorf("SignMail = %s, %v; want %s", own, err, foreignVerify)
	}
}

// TestRFC8725_MailAlgorithmPinned: RFC 8725 section 3.1.
func TestRFC8725_MailAlgorithmPinned(t *testing.T) {
	t.Parallel()
	now := time.Unix(1795464859, 0)
	claims := mailClaims{Email: "a@example.com", IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(time.Hour))}
	none, err := jwt.NewWithClaims(jwt.SigningMethodNone, claims).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	other, err := jwt.NewWithClaims(jwt.SigningMethodHS512, claims).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	unlimited, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"email": "a@example.com"}).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	purpose, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"email": "a@example.com", "exp": now.Add(time.Hour).Unix(), "requestType": "x"}).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{"none": none, "HS512": other, "no exp": unlimited, "unknown purpose": purpose, "empty": "", "dots": "a.b.c"} {
		if m, err := ParseMail(secret, token, now); !errors.Is(err, ErrMailInvalid) {
			t.Errorf("%s: %+v, %v; want ErrMailInvalid", name, m, err)
		}
	}
}

func FuzzParseMail(f *testing.F) {
	f.Add(foreignVerify)
	f.Fuzz(func(t *testing.T, token string) {
		if m, err := ParseMail(secret, token, time.Unix(1795464859, 0)); err == nil && token != foreignVerify {
			t.Errorf("a token that nobody signed was accepted: %q %+v", token, m)
		}
	})
}

func BenchmarkID(b *testing.B) {
	for b.Loop() {
		if _, err := (Source{}).ID(); err != nil {
			b.Fatal(err)
		}
	}
}

// foreignVerify is {"email":"verify@example.com","iat":1795464858,"exp":1795468458}, signed by node:crypto.
const foreignVerify = "eyJhbGciOiJIUzI1NiJ9.eyJlbWFpbCI6InZlcmlmeUBleGFtcGxlLmNvbSIsImlhdCI6MTc5NTQ2NDg1OCwiZXhwIjoxNzk1NDY4NDU4fQ.UyHXSH_sEWUbcD1jeFI-Zs7-H-N06xU1MZHgFec3XSI"
