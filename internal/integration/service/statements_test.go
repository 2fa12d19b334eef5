package service_test

import (
	"testing"
	"time"
)

// The TypeScript side reads all signing keys, decrypts one and signs with each get-session. Here it is one statement, and none for nobody.
func TestGetSessionIsOneStatement(t *testing.T) {
	t.Parallel()
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			driver := &faultyDriver{Driver: d.open(t)}
			s := newServer(t, driver, nil)
			b := s.signUp(t, "ann")
			b.get(t, "/get-session").ok(t)
			statements := func(b *browser) int {
				const many = 1000
				driver.failAt(many)
				b.get(t, "/get-session").ok(t)
				driver.mu.Lock()
				defer driver.mu.Unlock()
				return many - driver.left
			}
			for i, want := range []int{1, 1, 1} {
				if got := statements(b); got != want {
					t.Errorf("request %d: %d statements, want %d", i+1, got, want)
				}
				s.clock.advance(10 * time.Second)
			}
			if got := statements(s.browser()); got != 0 {
				t.Errorf("%d statements for nobody, want none", got)
			}
		})
	}
}
