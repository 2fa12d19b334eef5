package keys

import (
	"strings"
	"testing"

	"github.com/agentuity/auth-go/internal/token"
)

// The key of a measured exchange and its hash, computed with openssl.
const (
	measured     = "ag_gtnIQaRONayqiDRTCjswPmwPvmEilfJbtgkCBbWhpNZOkIbCZaAcgMhZSgNrsofe"
	measuredHash = "VXupjZJWB5uJ_ehvcd9wk-UzXydZgwtzrdAu8R08aD8"
)

func TestMeasuredKey(t *testing.T) {
	t.Parallel()
	if got := Hash(measured); got != measuredHash {
		t.Errorf("Hash = %s; want %s", got, measuredHash)
	}
	if got := Start(measured); got != "ag_gtn" {
		t.Errorf("Start = %s; want ag_gtn", got)
	}
	if !Plausible(measured, 0) {
		t.Error("the measured key is not plausible")
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	k, err := New(token.Source{}, DefaultPrefix, 0)
	if err != nil || len(k.Plain) != 67 || strings.Trim(k.Plain[3:], token.Letters) != "" || k.Hash != Hash(k.Plain) || k.Start != k.Plain[:6] {
		t.Errorf("New = %+v, %v", k, err)
	}
	if _, err := New(token.Source{Random: strings.NewReader("")}, "", 0); err == nil {
		t.Error("a failing source gave a key")
	}
}

func TestValidPrefix(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]bool{"ag_": true, "A-9_": true, strings.Repeat("a", 32): true, strings.Repeat("a", 33): false, "": false, "a b": false, "é": false, "a/": false} {
		if got := ValidPrefix(prefix); got != want {
			t.Errorf("ValidPrefix(%q) = %v", prefix, got)
		}
	}
}

func TestPlausible(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 64)
	for plain, want := range map[string]bool{"": false, long[1:]: false, long: true, long + "\n": false, long + " ": false, long + "\x00": false, strings.Repeat(long, 17): false, strings.Repeat("é", 64): false} {
		if got := Plausible(plain, 0); got != want {
			t.Errorf("Plausible(%.70q) = %v", plain, got)
		}
	}
}

func FuzzPlausible(f *testing.F) {
	f.Add(measured)
	f.Fuzz(func(t *testing.T, plain string) {
		if Plausible(plain, 1) && (strings.Trim(plain, token.URLSafe) != "" || len(plain) > 1024) {
			t.Errorf("%q is plausible", plain)
		}
		if len(Hash(plain)) != 43 {
			t.Errorf("a hash of %d characters", len(Hash(plain)))
		}
	})
}
