package sessiondata

import (
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/agentuity/auth-go/internal/token"
)

// foreign is what the published better-auth wrote: interop/vectors/sessiondata.mjs makes it.
//
//go:embed testdata/foreign.json
var foreign []byte

type vectors struct {
	Secret, Name string
	Cookies      []struct {
		Strategy, Version, Token string
		Image                    *string
		Chunks, Names            []string
		Seconds                  int
	}
	Texts [][2]string
}

func readVectors(t *testing.T) (v vectors) {
	t.Helper()
	if err := json.Unmarshal(foreign, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func newCodec(t *testing.T, strategy, secret string) *Codec {
	t.Helper()
	c, err := New(strategy, secret)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var strategies = []string{Compact, JWT, JWE}

func TestForeign(t *testing.T) {
	t.Parallel()
	v := readVectors(t)
	for _, cookie := range v.Cookies {
		text := strings.Join(cookie.Chunks, "")
		c := newCodec(t, cookie.Strategy, v.Secret)
		d, ok := c.Decode(text)
		if !ok {
			t.Fatalf("%s is not decoded", cookie.Strategy)
		}
		var session struct{ Token, UserID string }
		var user struct {
			ID, Name, Email string
			Image           *string
			Rank            float64
		}
		if err := errors.Join(json.Unmarshal(d.Session, &session), json.Unmarshal(d.User, &user)); err != nil {
			t.Fatal(err)
		}
		if session.Token != cookie.Token || user.ID == "" || session.UserID != user.ID || user.Name != v.Name || user.Rank != 1.5e-7 ||
			(user.Image == nil) != (cookie.Image == nil) || user.Image != nil && *user.Image != *cookie.Image {
			t.Errorf("%s: session %+v, user %+v", cookie.Strategy, session, user)
		}
		life := d.ExpiresAt.Sub(d.UpdatedAt).Round(time.Second)
		if d.Version != cookie.Version || life < 299*time.Second || life > 301*time.Second || cookie.Seconds != 300 {
			t.Errorf("%s: version %q, %v", cookie.Strategy, d.Version, life)
		}
		// What is written from the same data is the same, but for what is random.
		again, err := c.Encode(d, nil)
		switch {
		case err != nil:
			t.Error(err)
		case cookie.Strategy == Compact && again != text, cookie.Strategy == JWT && len(again) != len(text):
			t.Errorf("%s is written as\n%s\nwant\n%s", cookie.Strategy, again, text)
		case len(again) != len(text):
			t.Errorf("%s has %d bytes, want %d", cookie.Strategy, len(again), len(text))
		}
		if same, ok := c.Decode(again); !ok || string(same.User) != string(d.User) || !same.UpdatedAt.Equal(d.UpdatedAt) || !same.ExpiresAt.Equal(d.ExpiresAt) {
			t.Errorf("%s: round trip %+v", cookie.Strategy, same)
		}
		// Another secret, and another strategy, know nothing of it.
		for _, strategy := range strategies {
			for _, secret := range []string{v.Secret, v.Secret + "x", ""} {
				if _, ok := newCodec(t, strategy, secret).Decode(text); ok && (strategy != cookie.Strategy || secret != v.Secret) {
					t.Errorf("%s is decoded as %s with %q", cookie.Strategy, strategy, secret)
				}
			}
		}
	}
	if _, err := New("cbor", v.Secret); err == nil {
		t.Error("an unknown strategy is accepted")
	}
}

// JSON is written as JavaScript does.
func TestCanonical(t *testing.T) {
	t.Parallel()
	for _, text := range readVectors(t).Texts {
		if got, err := canonical([]byte(text[0])); err != nil || string(got) != text[1] {
			t.Errorf("canonical(%s) = %s, %v; want %s", text[0], got, err, text[1])
		}
	}
	for _, text := range []string{"9007199254740993", "-9007199254740993", "18446744073709551616", "1e999", `{"a":[9223372036854775807]}`, "-1e999"} {
		if got, err := canonical([]byte(text)); !errors.Is(err, ErrInexact) {
			t.Errorf("canonical(%s) = %s, %v; want ErrInexact", text, got, err)
		}
	}
	for _, text := range []string{"", "{", "{} {}", `{"a"}`, "nope", `{"a":1`} {
		if got, err := canonical([]byte(text)); err == nil {
			t.Errorf("canonical(%q) = %s", text, got)
		}
	}
	if got := string(appendString(nil, "a\xff\u2028")); got != "\"a\ufffd\u2028\"" {
		t.Errorf("appendString = %q", got)
	}
}

// TestForged: every change of any character makes a cookie that is none, and so does what else the secret signs.
func TestForged(t *testing.T) {
	t.Parallel()
	secret := readVectors(t).Secret
	now := time.Now()
	d := Data{Session: json.RawMessage(`{"token":"a"}`), User: json.RawMessage(`{"id":"u"}`), UpdatedAt: now, Version: "1", ExpiresAt: now.Add(time.Minute)}
	for _, strategy := range strategies {
		c := newCodec(t, strategy, secret)
		text, err := c.Encode(d, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range text {
			for _, other := range "Aw." {
				forged := text[:i] + string(other) + text[i+1:]
				if got, ok := c.Decode(forged); ok && forged != text {
					t.Errorf("%s: decoded with %q at %d: %+v", strategy, other, i, got)
				}
			}
			if _, ok := c.Decode(text[:i]); ok {
				t.Errorf("%s: decoded when cut at %d", strategy, i)
			}
		}
		mail, err := token.SignMail(secret, token.Mail{Email: "ann@example.com"}, now, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + strings.TrimPrefix(mail[:strings.LastIndexByte(mail, '.')+1], signedHeader)
		for _, other := range []string{"", ".", "..", "....", mail, none, text + text, text + ".", strings.Repeat("A", MaxLength+4), "e30", "bnVsbA", "W10"} {
			if _, ok := c.Decode(other); ok {
				t.Errorf("%s: %.60q is decoded", strategy, other)
			}
		}
	}
	// A cookie of a cache is no mail token.
	if text, err := newCodec(t, JWT, secret).Encode(d, nil); err != nil {
		t.Error(err)
	} else if m, err := token.ParseMail(secret, text, now); err == nil {
		t.Errorf("it is a mail token: %+v", m)
	}
}

// The time of a compact cookie is part of what is signed, wherever it stands.
func TestCompactExpiry(t *testing.T) {
	t.Parallel()
	secret := readVectors(t).Secret
	c := newCodec(t, Compact, secret)
	now := time.UnixMilli(1_800_000_000_000)
	text, err := c.Encode(Data{Session: json.RawMessage(`{}`), User: json.RawMessage(`{}`), UpdatedAt: now, Version: "1", ExpiresAt: now}, nil)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, later := range []string{"1900000000000", "1800000000000.5", "18e11", `"1800000000000"`, "null", " 1800000000000"} {
		forged := strings.Replace(string(plain), `"expiresAt":1800000000000`, `"expiresAt":`+later, 1)
		if forged == string(plain) {
			t.Fatal("nothing was changed")
		}
		if d, ok := c.Decode(base64.RawURLEncoding.EncodeToString([]byte(forged))); ok && !d.ExpiresAt.Equal(now) {
			t.Errorf("it expires at %s: %v", later, d.ExpiresAt)
		}
	}
	if d, ok := c.Decode(text); !ok || !d.ExpiresAt.Equal(now) {
		t.Errorf("it is %+v", d)
	}
}

func FuzzDecodeCache(f *testing.F) {
	var v vectors
	if err := json.Unmarshal(foreign, &v); err != nil {
		f.Fatal(err)
	}
	for _, cookie := range v.Cookies {
		f.Add(strings.Join(cookie.Chunks, ""))
	}
	codecs := map[string]*Codec{}
	for _, strategy := range strategies {
		c, err := New(strategy, v.Secret)
		if err != nil {
			f.Fatal(err)
		}
		codecs[strategy] = c
	}
	genuine := map[string]bool{}
	for _, cookie := range v.Cookies {
		genuine[strings.Join(cookie.Chunks, "")] = true
	}
	f.Fuzz(func(t *testing.T, text string) {
		for strategy, c := range codecs {
			if _, ok := c.Decode(text); ok && !genuine[text] {
				t.Errorf("%s: decoded", strategy)
			}
		}
	})
}

func FuzzCanonical(f *testing.F) {
	var v vectors
	if err := json.Unmarshal(foreign, &v); err != nil {
		f.Fatal(err)
	}
	for _, text := range v.Texts {
		f.Add([]byte(text[0]))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		once, err := canonical(text)
		if err != nil {
			return
		}
		if !json.Valid(once) {
			t.Fatalf("canonical(%q) = %q, which is no JSON", text, once)
		}
		if twice, err := canonical(once); err != nil || string(twice) != string(once) {
			t.Errorf("canonical(%q) = %q, then %q, %v", text, once, twice, err)
		}
	})
}
