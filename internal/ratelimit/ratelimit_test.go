package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var strict = Rule{Max: 3, Window: 10 * time.Second}

func allow(t *testing.T, l Limiter, key string, rule Rule) Decision {
	t.Helper()
	d, err := l.Allow(context.Background(), key, rule)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestMeasuredWindow: a window starts anew with each request that passes, as was measured.
func TestMeasuredWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(0, nil)
		for i := range 3 {
			if d := allow(t, m, "k", strict); !d.Allowed || d.Remaining != 2-i {
				t.Fatalf("request %d: %+v", i+1, d)
			}
			time.Sleep(4500 * time.Millisecond)
		}
		// 4.5 s after the third: refused until 10 s after it, however often it is tried.
		for range 5 {
			d := allow(t, m, "k", strict)
			if d.Allowed || d.RetryAfter <= 0 || d.RetrySeconds() > 6 {
				t.Fatalf("the fourth: %+v", d)
			}
			time.Sleep(time.Second)
		}
		time.Sleep(501 * time.Millisecond)
		if d := allow(t, m, "k", strict); !d.Allowed || d.Remaining != 2 {
			t.Fatalf("after the window: %+v", d)
		}
		if d := allow(t, m, "other", strict); !d.Allowed {
			t.Fatal("another key shares the window")
		}
	})
}

// TestLimiterIsAtomic: 20 concurrent requests against a limit of 3 let 3 through.
func TestLimiterIsAtomic(t *testing.T) {
	t.Parallel()
	m := NewMemory(0, nil)
	start := make(chan struct{})
	var passed atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			<-start
			if d, err := m.Allow(context.Background(), "k", strict); err == nil && d.Allowed {
				passed.Add(1)
			}
		})
	}
	close(start)
	wg.Wait()
	if passed.Load() != 3 {
		t.Errorf("%d passed; want 3", passed.Load())
	}
}

func TestBoundedMemory(t *testing.T) {
	t.Parallel()
	m := NewMemory(160, nil)
	for i := range 10_000 {
		allow(t, m, fmt.Sprint(i), strict)
	}
	if m.Len() > 160 {
		t.Errorf("%d keys are held; want at most 160", m.Len())
	}
	// A key in use is not forgotten while others come and go.
	for i := range 1000 {
		d := allow(t, m, "used", strict)
		if d.Allowed != (i < 3) {
			t.Fatalf("request %d of a key in use: %+v", i, d)
		}
		allow(t, m, fmt.Sprint("x", i), strict)
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	rules := DefaultPathRules()
	for path, want := range map[string]Rule{
		"/sign-in/email": strict, "/sign-up/email": strict, "/change-password": strict, "/change-email": strict, "/verify-password": strict, "/delete-user": strict,
		"/request-password-reset": {3, time.Minute}, "/send-verification-email": {3, time.Minute},
		"/ok": DefaultRule, "/delete-user/callback": DefaultRule, "/get-session": DefaultRule, "/request-password-reset/x": DefaultRule,
	} {
		if got := For(rules, path); got != want {
			t.Errorf("For(%s) = %v; want %v", path, got, want)
		}
	}
	if d := allow(t, NewMemory(0, nil), "k", Rule{}); !d.Allowed {
		t.Error("the zero rule refuses")
	}
	if got := (Decision{}).RetrySeconds(); got != 1 {
		t.Errorf("RetrySeconds of nothing = %d; want 1", got)
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if d, err := NewMemory(0, nil).Allow(ctx, "k", strict); !errors.Is(err, context.Canceled) || d.Allowed {
		t.Errorf("Allow = %+v, %v", d, err)
	}
}

func BenchmarkMemory(b *testing.B) {
	m := NewMemory(0, nil)
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, err := m.Allow(context.Background(), "198.51.100.1|/get-session", DefaultRule); err != nil {
				b.Fatal(err)
			}
		}
	})
}
