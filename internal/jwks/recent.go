package jwks

import "sync"

// recent are tokens that were signed a short while ago. The same claims give the same token, bit by bit, and signing is
// what a token costs: the requests of one session within a second share one signature.
type recent struct {
	mu            sync.Mutex
	young, before map[string]string // What is signed -> the token.
}

const (
	// maxRecent is how many tokens a generation has; two of them take some 2 MiB at most.
	maxRecent = 512
	// maxRecentToken is the longest token that is kept, in bytes.
	maxRecentToken = 2 << 10
)

func (r *recent) get(unsigned string) (token string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if token, ok = r.young[unsigned]; !ok {
		token, ok = r.before[unsigned]
	}
	return token, ok
}

func (r *recent) put(unsigned, token string) {
	if len(token) > maxRecentToken {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.young == nil || len(r.young) >= maxRecent {
		r.young, r.before = make(map[string]string), r.young
	}
	r.young[token[:len(unsigned)]] = token // The key is part of the token's memory.
}
