package authent

import "sync"

// seenKeys are the rows of keys as they were when this process used them last, by hash. They accept nobody: what is
// remembered only tells which statement to try, so that the use of a key that was seen before takes one round trip. The
// statement has all that the decision depends on as its conditions; where they do not hold, the row is read.
type seenKeys struct {
	mu   sync.Mutex
	keys map[string]*APIKey
}

// maxSeenKeys bounds the memory: about 5 MiB.
const maxSeenKeys = 10_000

// get returns a copy of what is remembered of a key, or nil.
func (s *seenKeys) get(hash string) *APIKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.keys[hash]
	if key == nil {
		return nil
	}
	seen := *key
	return &seen
}

// put remembers what decides about a key.
func (s *seenKeys) put(key *APIKey) {
	seen := *key
	seen.Name, seen.Start, seen.Prefix, seen.Metadata, seen.Extra = nil, nil, nil, nil, nil
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys == nil {
		s.keys = map[string]*APIKey{}
	}
	if _, known := s.keys[key.Hash]; !known && len(s.keys) >= maxSeenKeys {
		for hash := range s.keys { // Any other one: it takes a round trip more the next time.
			delete(s.keys, hash)
			break
		}
	}
	s.keys[key.Hash] = &seen
}

// forget drops what is remembered of a key.
func (s *seenKeys) forget(hash string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keys, hash)
}
