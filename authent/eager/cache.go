package eager

import "sync"

// cache remembers values by text. The zero value is ready for use, by many goroutines.
type cache[V any] struct {
	mu    sync.RWMutex
	known map[string]V
}

func (c *cache[V]) get(text string) (v V, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	v, ok = c.known[text]
	return v, ok
}

// set keeps a value. When there are most of them, it begins anew.
func (c *cache[V]) set(text string, v V, most int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= most {
		c.known = make(map[string]V)
	}
	c.known[text] = v
}
