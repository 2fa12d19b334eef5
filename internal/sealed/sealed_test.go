package sealed

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"strings"
	"testing"
)

// foreign is what the published better-auth encrypted: interop/vectors/sealed.mjs makes it.
//
//go:embed testdata/foreign.json
var foreign []byte

type vectors struct{ Before, One, Two, Plain, Bare, First, Second string }

func readVectors(t *testing.T) (v vectors) {
	t.Helper()
	if err := json.Unmarshal(foreign, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestForeign(t *testing.T) {
	t.Parallel()
	v := readVectors(t)
	one, two := Secret{1, v.One}, Secret{2, v.Two}
	for name, c := range map[string]struct {
		keys    *Keys
		decrypt []string // Which of the texts.
	}{
		"one secret":            {New(v.Before), []string{v.Bare}},
		"first":                 {NewVersions(v.Before, one), []string{v.Bare, v.First}},
		"second":                {NewVersions(v.Before, two, one), []string{v.Bare, v.First, v.Second}},
		"first dropped":         {NewVersions(v.Before, two), []string{v.Bare, v.Second}},
		"nothing before":        {NewVersions("", two, one), []string{v.First, v.Second}},
		"before has a version":  {NewVersions("", two, one, Secret{0, v.Before}), []string{v.Bare, v.First, v.Second}},
		"versions are swapped":  {NewVersions("", Secret{1, v.Two}, Secret{2, v.One}), nil},
		"another secret":        {New(v.One), nil},
		"a version is no index": {NewVersions("", Secret{0, v.Two}, Secret{7, v.One}), nil},
	} {
		for _, text := range []string{v.Bare, v.First, v.Second} {
			plain, err := c.keys.Decrypt(text)
			want := false
			for _, one := range c.decrypt {
				want = want || one == text
			}
			if want != (err == nil) || want && string(plain) != v.Plain {
				t.Errorf("%s: Decrypt(%.12s...) = %q, %v", name, text, plain, err)
			}
			if err != nil && (strings.Contains(err.Error(), text[8:30]) || strings.Contains(err.Error(), v.One)) {
				t.Errorf("%s: the error shows too much: %v", name, err)
			}
		}
	}
}

func TestEncrypt(t *testing.T) {
	t.Parallel()
	v := readVectors(t)
	single, list := New(v.One), NewVersions("", Secret{12, v.Two}, Secret{1, v.One})
	for _, k := range []*Keys{single, list} {
		text, err := k.Encrypt([]byte(v.Plain), rand.Reader)
		if err != nil || !Is(text) || strings.HasPrefix(text, "$ba$12$") != (k == list) {
			t.Fatalf("Encrypt = %s, %v", text, err)
		}
		if plain, err := k.Decrypt(text); err != nil || string(plain) != v.Plain {
			t.Errorf("round trip = %q, %v", plain, err)
		}
		again, err := k.Encrypt([]byte(v.Plain), rand.Reader)
		if err != nil || again == text {
			t.Errorf("two nonces are equal: %v", err)
		}
		if _, err := k.Encrypt([]byte(v.Plain), bytes.NewReader(nil)); err == nil {
			t.Error("a failing source encrypted")
		}
	}
}

// A text that was changed, or has not the form, is none.
func TestMalformed(t *testing.T) {
	t.Parallel()
	v := readVectors(t)
	keys := NewVersions(v.Before, Secret{2, v.Two}, Secret{1, v.One})
	digits := strings.TrimPrefix(v.Second, "$ba$2$")
	for _, text := range []string{
		"", "$", "$ba$", "$ba$2", "$ba$2$", "$ba$$" + digits, "$ba$-2$" + digits, "$ba$+2$" + digits, "$ba$2x$" + digits, "$ba$ 2$" + digits, "$ba$2.0$" + digits,
		"$ba$99999999999999999999$" + digits, "$ba$1$" + digits, "$ba$3$" + digits, "$ba$2$" + strings.ToUpper(digits), "$ba$2$" + digits[2:], "$ba$2$" + digits + "00",
		"$ba$2$" + digits[:len(digits)-1], "$BA$2$" + digits, "$ba$2$$ba$2$" + digits, v.Second[:len(v.Second)-1] + "x",
	} {
		if plain, err := keys.Decrypt(text); err == nil {
			t.Errorf("Decrypt(%.20q) = %q", text, plain)
		}
	}
	for i := range digits {
		flipped := []byte(digits)
		flipped[i] = "1032547698badcfe"[strings.IndexByte("0123456789abcdef", flipped[i])]
		if _, err := keys.Decrypt("$ba$2$" + string(flipped)); err == nil {
			t.Errorf("changed at %d, it is decrypted", i)
		}
	}
}
