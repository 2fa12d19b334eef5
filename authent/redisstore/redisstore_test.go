package redisstore_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/agentuity/auth-go/authent/redisstore"
)

// newStore returns a store with keys of its own, and its client.
func newStore(t *testing.T) (*redisstore.Store, *redis.Client) {
	t.Helper()
	options, err := server()
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return redisstore.New(client, redisstore.WithPrefix(fmt.Sprintf("%s-%d:", t.Name(), time.Now().UnixNano()))), client
}

func TestStorage(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	ctx := t.Context()
	if _, found, err := s.Get(ctx, "k"); found || err != nil {
		t.Fatal(found, err)
	}
	if err := s.Set(ctx, "k", "v", 80*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if v, found, err := s.Get(ctx, "k"); v != "v" || !found || err != nil {
		t.Fatal(v, found, err)
	}
	time.Sleep(120 * time.Millisecond)
	if _, found, _ := s.Get(ctx, "k"); found {
		t.Error("an expired value is found")
	}
	for _, key := range []string{"a", "b"} {
		if err := s.Set(ctx, key, "v", time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Delete(ctx, "a", "b", "none"); err != nil {
		t.Fatal(err)
	}
	if _, found, _ := s.Get(ctx, "a"); found {
		t.Error("a deleted value is found")
	}
}

// TestAllowRace: of many requests at one moment exactly as many pass as the limit says.
func TestAllowRace(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	var passed atomic.Int32
	var done sync.WaitGroup
	for range 20 {
		done.Go(func() {
			ok, wait, err := s.Allow(t.Context(), "k", 3, time.Minute)
			switch {
			case err != nil:
				t.Error(err)
			case ok:
				passed.Add(1)
			case wait <= 0 || wait > time.Minute:
				t.Errorf("wait %v", wait)
			}
		})
	}
	done.Wait()
	if passed.Load() != 3 {
		t.Errorf("%d passed, want 3", passed.Load())
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	allow := func(want bool) {
		t.Helper()
		if ok, _, err := s.Allow(t.Context(), "k", 1, 100*time.Millisecond); ok != want || err != nil {
			t.Fatalf("Allow = %v, %v; want %v", ok, err, want)
		}
	}
	allow(true)
	allow(false)
	time.Sleep(150 * time.Millisecond)
	allow(true)
}

// TestDown: a Redis that does not answer is an error, not a permission.
func TestDown(t *testing.T) {
	t.Parallel()
	s, client := newStore(t)
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	if ok, _, err := s.Allow(t.Context(), "k", 1, time.Minute); ok || err == nil {
		t.Errorf("Allow = %v, %v", ok, err)
	}
	if _, _, err := s.Get(t.Context(), "k"); err == nil {
		t.Error("Get: no error")
	}
}
