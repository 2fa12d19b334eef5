package mixins_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/agentuity/auth-go/mixins"
)

var id = regexp.MustCompile(`^[a-zA-Z0-9]{32}$`)

func TestNewID(t *testing.T) {
	t.Parallel()
	const n = 20000
	seen := make(map[string]bool, n)
	var all strings.Builder
	for range n {
		s := mixins.NewID()
		if !id.MatchString(s) {
			t.Fatalf("%q is not 32 characters of [a-zA-Z0-9]", s)
		}
		if seen[s] {
			t.Fatalf("%q twice", s)
		}
		seen[s] = true
		all.WriteString(s)
	}
	// Every character is equally likely: 10,322 times each, give or take 6 standard deviations.
	count := make(map[rune]int)
	for _, r := range all.String() {
		count[r]++
	}
	for r, c := range count {
		if c < 9700 || c > 10950 {
			t.Errorf("%q is there %d times of %d", r, c, 32*n)
		}
	}
	if len(count) != 62 {
		t.Errorf("%d different characters", len(count))
	}
}

func TestNow(t *testing.T) {
	t.Parallel()
	now := mixins.Now()
	if now.Location() != time.UTC || now.Nanosecond()%int(time.Millisecond) != 0 {
		t.Errorf("%v is not UTC in milliseconds", now)
	}
}

func BenchmarkNewID(b *testing.B) {
	for b.Loop() {
		mixins.NewID()
	}
}
