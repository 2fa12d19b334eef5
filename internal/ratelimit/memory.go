package ratelimit

import (
	"container/list"
	"context"
	"hash/maphash"
	"sync"
	"time"
)

// DefaultCapacity is how many keys a Memory holds unless told otherwise: about 20 MiB.
const DefaultCapacity = 100_000

// shards is how many locks a Memory has.
const shards = 16

// Memory is a Limiter in the memory of one process. It holds a bounded number of keys: beyond it the key that was used
// least recently is forgotten.
type Memory struct {
	now    func() time.Time
	seed   maphash.Seed
	shards [shards]shard
}

type shard struct {
	mu       sync.Mutex
	capacity int
	entries  map[string]*list.Element
	recent   list.List // of *entry; the front was used last
}

type entry struct {
	key   string
	state State
}

// NewMemory returns a Memory of capacity keys; zero or less means [DefaultCapacity]. now nil means time.Now.
func NewMemory(capacity int, now func() time.Time) *Memory {
	if capacity <= 0 {
		capacity = DefaultCapacity
	}
	if now == nil {
		now = time.Now
	}
	m := &Memory{now: now, seed: maphash.MakeSeed()}
	for i := range m.shards {
		m.shards[i].capacity = max((capacity+shards-1)/shards, 1)
		m.shards[i].entries = make(map[string]*list.Element)
	}
	return m
}

// Allow implements [Limiter]; its error is the context's.
func (m *Memory) Allow(ctx context.Context, key string, rule Rule) (Decision, error) {
	if err := ctx.Err(); err != nil {
		return Decision{}, err
	}
	s := &m.shards[maphash.String(m.seed, key)%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	now := m.now()
	element, ok := s.entries[key]
	if !ok {
		if len(s.entries) >= s.capacity {
			oldest := s.recent.Back()
			s.recent.Remove(oldest)
			delete(s.entries, oldest.Value.(*entry).key)
		}
		element = s.recent.PushFront(&entry{key: key})
		s.entries[key] = element
	}
	e := element.Value.(*entry)
	var d Decision
	e.state, d = e.state.Step(rule, now)
	s.recent.MoveToFront(element)
	return d, nil
}

// Len returns how many keys are held.
func (m *Memory) Len() int {
	n := 0
	for i := range m.shards {
		m.shards[i].mu.Lock()
		n += len(m.shards[i].entries)
		m.shards[i].mu.Unlock()
	}
	return n
}
