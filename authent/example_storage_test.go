package authent_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/agentuity/auth-go/authent"
)

// cache is a SecondaryStorage in the memory of one process. Package redisstore has one that processes share.
type cache struct {
	mu     sync.Mutex
	values map[string]cached
	reads  int
}

type cached struct {
	text    string
	expires time.Time
}

func (c *cache) Get(_ context.Context, key string) (string, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	v, ok := c.values[key]
	return v.text, ok && time.Now().Before(v.expires), nil
}

func (c *cache) Set(_ context.Context, key, value string, ttl time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values[key] = cached{value, time.Now().Add(ttl)}
	return nil
}

func (c *cache) Delete(_ context.Context, keys ...string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range keys {
		delete(c.values, key)
	}
	return nil
}

// Sessions are read from the storage, and from the database when it does not have them.
func ExampleSecondaryStorage() {
	storage := &cache{values: map[string]cached{}}
	auth, client := newAuth(authent.Config{Session: authent.SessionConfig{Storage: storage}})
	defer client.Close()
	cookie := signUp(auth, "Ada")
	reads := storage.reads

	got := get(auth.Handler(), "/api/auth/get-session", cookie)
	fmt.Println(got.Code, storage.reads-reads, "read of the storage")
	// Output: 200 1 read of the storage
}
