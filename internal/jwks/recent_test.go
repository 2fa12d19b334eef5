package jwks

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// TestRecentTokens: a token that is kept is the one that would be signed, and what is kept is bounded.
func TestRecentTokens(t *testing.T) {
	t.Parallel()
	row, err := Generate(keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	row.ID = "k"
	signer, err := NewSigner(row, keys)
	if err != nil {
		t.Fatal(err)
	}
	another, err := NewSigner(row, keys)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 3 * maxRecent {
				claims := jwt.MapClaims{"sub": fmt.Sprint(i), "exp": 1795465762}
				for range 2 {
					token, err := signer.Sign(claims)
					if err != nil {
						t.Error(err)
					}
					var got jwt.MapClaims
					if i%100 == 0 && (Verify(token, &got, []Row{row}, Expect{Now: now}) != nil || got["sub"] != claims["sub"]) {
						t.Errorf("the token of %v says %v", claims, got)
					}
				}
			}
		})
	}
	wg.Wait()
	if n := len(signer.recent.young) + len(signer.recent.before); n > 2*maxRecent {
		t.Errorf("%d tokens are kept", n)
	}
	claims := jwt.MapClaims{"sub": "x", "exp": 1795465762}
	first, _ := signer.Sign(claims)
	again, _ := signer.Sign(claims)
	other, _ := another.Sign(claims)
	if first != again || first != other {
		t.Errorf("%s, %s and %s differ", first, again, other)
	}
	long, err := signer.Sign(jwt.MapClaims{"sub": strings.Repeat("x", maxRecentToken), "exp": 1795465762})
	if _, kept := signer.recent.get(long[:strings.LastIndexByte(long, '.')]); err != nil || kept {
		t.Errorf("a long token is kept, or %v", err)
	}
}
