package password

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

// scryptVectors were made with node:crypto's scryptSync and String.prototype.normalize.
//
//go:embed testdata/scrypt.json
var scryptVectors []byte

func newHasher(t testing.TB, o Options) *Hasher {
	t.Helper()
	h, err := NewHasher(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestScryptVectors(t *testing.T) {
	t.Parallel()
	var vectors []struct{ Name, Password, Hash string }
	if err := json.Unmarshal(scryptVectors, &vectors); err != nil {
		t.Fatal(err)
	}
	h := newHasher(t, Options{Concurrency: 1})
	for _, v := range vectors {
		ok, err := h.Verify(t.Context(), v.Hash, v.Password)
		if err != nil || !ok {
			t.Errorf("%s: Verify = %v, %v; want true", v.Name, ok, err)
		}
		if ok, err = h.Verify(t.Context(), v.Hash, v.Password+" "); err != nil || ok {
			t.Errorf("%s: Verify of another password = %v, %v; want false", v.Name, ok, err)
		}
	}
}

func TestHashRoundTrip(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []Algorithm{Scrypt, Argon2id} {
		h := newHasher(t, Options{Algorithm: algorithm, Concurrency: 1})
		encoded, err := h.Hash(t.Context(), "correct horse")
		if err != nil {
			t.Fatal(err)
		}
		again, err := h.Hash(t.Context(), "correct horse")
		if err != nil || again == encoded {
			t.Errorf("%s: two hashes of one password are equal (%v)", algorithm, err)
		}
		if ok, err := h.Verify(t.Context(), encoded, "correct horse"); err != nil || !ok {
			t.Errorf("%s: Verify = %v, %v", algorithm, ok, err)
		}
		if ok, err := h.Verify(t.Context(), encoded, "wrong horse"); err != nil || ok {
			t.Errorf("%s: Verify of a wrong password = %v, %v", algorithm, ok, err)
		}
		if h.NeedsRehash(encoded) {
			t.Errorf("%s: a new hash needs a rehash: %s", algorithm, encoded)
		}
		if err := h.VerifyDummy(t.Context(), "correct horse"); err != nil {
			t.Errorf("%s: VerifyDummy: %v", algorithm, err)
		}
	}
}

func TestNeedsRehash(t *testing.T) {
	t.Parallel()
	scrypt, argon := newHasher(t, Options{}), newHasher(t, Options{Algorithm: Argon2id})
	old := strings.Replace(dummyArgon2id, "m=19456", "m=8192", 1)
	if !argon.NeedsRehash(dummyScrypt) || !argon.NeedsRehash(old) || argon.NeedsRehash(dummyArgon2id) {
		t.Error("argon2id: scrypt and weaker parameters must need a rehash, its own parameters must not")
	}
	if !scrypt.NeedsRehash(dummyArgon2id) || scrypt.NeedsRehash(dummyScrypt) {
		t.Error("scrypt: argon2id must need a rehash, scrypt must not")
	}
}

func TestMalformedHash(t *testing.T) {
	t.Parallel()
	h := newHasher(t, Options{Concurrency: 1})
	for _, encoded := range []string{
		"", ":", "x", dummyScrypt + "0", dummyScrypt[1:], strings.Replace(dummyScrypt, "0", "g", 1), "$2a$10$abcdefghijklmnopqrstuv",
		argonPrefix, argonPrefix + "m=19456,t=2,p=1$AAAA$" + strings.Repeat("A", 43),
		strings.Replace(dummyArgon2id, "m=19456", "m=4294967295", 1),
		strings.Replace(dummyArgon2id, "t=2", "t=4000000", 1),
		strings.Replace(dummyArgon2id, "p=1", "p=0", 1),
		strings.Replace(dummyArgon2id, "argon2id", "argon2i", 1),
	} {
		if ok, err := h.Verify(t.Context(), encoded, "x"); ok || !errors.Is(err, ErrMalformed) {
			t.Errorf("Verify(%q) = %v, %v; want ErrMalformed", encoded, ok, err)
		}
	}
}

func TestLength(t *testing.T) {
	t.Parallel()
	for password, want := range map[string]int{"": 0, "abc": 3, "😀😀😀😀": 8, "é": 1, "e\u0301": 2, "\xff": 1, "\ufffd": 1} {
		if got := Length(password); got != want {
			t.Errorf("Length(%q) = %d; want %d", password, got, want)
		}
	}
}

func TestBusy(t *testing.T) {
	t.Parallel()
	h := newHasher(t, Options{Concurrency: 1, Queue: 1})
	hold, held := make(chan struct{}), make(chan struct{})
	done := make(chan error, 2)
	go func() {
		done <- h.run(context.Background(), func() error { close(held); <-hold; return nil })
	}()
	<-held
	waiting, cancel := context.WithCancel(context.Background())
	go func() { done <- h.run(waiting, func() error { return errors.New("ran after its context ended") }) }()
	for len(h.places) < 2 {
		time.Sleep(time.Millisecond)
	}
	_, err := h.Hash(t.Context(), "third")
	var busy *BusyError
	if !errors.Is(err, ErrBusy) || !errors.As(err, &busy) || busy.RetryAfter < time.Second {
		t.Errorf("Hash with a full queue: %v; want a BusyError of at least a second", err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("the waiting caller got %v; want context.Canceled", err)
	}
	close(hold)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(h.places) != 0 || len(h.slots) != 0 {
		t.Errorf("places left over: %d, %d", len(h.places), len(h.slots))
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	if _, err := NewHasher(Options{Algorithm: "md5"}); err == nil || !strings.Contains(err.Error(), `"md5"`) {
		t.Errorf("unknown algorithm: %v", err)
	}
	if _, err := NewHasher(Options{Concurrency: -1}); err == nil {
		t.Error("negative concurrency was accepted")
	}
	h := newHasher(t, Options{Random: strings.NewReader("short")})
	if _, err := h.Hash(t.Context(), "x"); err == nil {
		t.Error("a failing source of randomness gave a hash")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(dummyScrypt)
	f.Add(dummyArgon2id)
	f.Fuzz(func(t *testing.T, encoded string) {
		if _, key, ok := parseScrypt(encoded); ok && len(key) != scryptKeyLen {
			t.Errorf("%q: a key of %d bytes", encoded, len(key))
		}
		if a, ok := parseArgon2id(encoded); ok && (a.memory > argonMaxMemory || a.time > argonMaxTime || len(a.key) < 16) {
			t.Errorf("%q: parameters out of bounds: %+v", encoded, a)
		}
	})
}

func FuzzNormalize(f *testing.F) {
	f.Add("a" + strings.Repeat("\u0301", 40))
	f.Add("\u1100\u1161\u11a8\u0344")
	f.Fuzz(func(t *testing.T, password string) {
		got := normalize(password)
		if again := normalize(got); again != got {
			t.Errorf("normalize(%q) = %q, and of that %q", password, got, again)
		}
		if strings.Count(got, graphemeJoiner) == strings.Count(password, graphemeJoiner) && composeLong(password) != got {
			t.Errorf("composeLong(%q) = %q; want %q", password, composeLong(password), got)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	for _, encoded := range []string{dummyScrypt, dummyArgon2id} {
		b.Run(encoded[:9], func(b *testing.B) {
			h := newHasher(b, Options{Concurrency: 1})
			for b.Loop() {
				if _, err := h.Verify(b.Context(), encoded, "password-1"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
