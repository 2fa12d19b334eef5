package entstore

import "sync"

// Queries are prepared queries of a store, by what they depend on besides their arguments. A nil *Queries, that of a
// transaction, has none.
type Queries[K comparable, Q any] struct {
	mu    sync.Mutex
	known map[K]Q
}

// maxQueries is how many queries are prepared: clients choose what some depend on.
const maxQueries = 16

// Get returns a query, which is prepared the first time. ok is false if there is none and none is to be prepared.
func (q *Queries[K, Q]) Get(key K, prepare func() (Q, error)) (query Q, ok bool, err error) {
	if q == nil {
		return query, false, nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if query, ok = q.known[key]; ok || len(q.known) >= maxQueries {
		return query, ok, nil
	}
	if query, err = prepare(); err != nil {
		return query, false, err
	}
	if q.known == nil {
		q.known = make(map[K]Q)
	}
	q.known[key] = query
	return query, true, nil
}
