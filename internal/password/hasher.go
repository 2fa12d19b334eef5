package password

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Algorithm names how new passwords are hashed.
type Algorithm string

// The algorithms. The zero Algorithm means Scrypt.
const (
	// Scrypt is the format that other implementations on the same database read.
	Scrypt Algorithm = "scrypt"
	// Argon2id is stronger for its memory, and only this implementation reads it.
	Argon2id Algorithm = "argon2id"
)

// ErrMalformed is returned by [Hasher.Verify] for a stored value that is no hash of a known format.
var ErrMalformed = errors.New("password: the stored hash has no known format")

// ErrBusy matches every [BusyError] with errors.Is.
var ErrBusy = errors.New("password: too many passwords are being hashed")

// BusyError says that the hasher's queue is full.
type BusyError struct {
	// RetryAfter is when a place is likely to be free: at least one second, in whole seconds.
	RetryAfter time.Duration
}

func (e *BusyError) Error() string {
	return fmt.Sprintf("%v; try again in %v", ErrBusy, e.RetryAfter)
}

// Is makes errors.Is(err, ErrBusy) true.
func (e *BusyError) Is(target error) bool { return target == ErrBusy }

// Options configure a [Hasher]. The zero Options are good for production.
type Options struct {
	// Algorithm of new hashes. Defaults to Scrypt.
	Algorithm Algorithm
	// Concurrency is how many hashes run at the same time; each takes 32 MiB (scrypt) or 19 MiB (argon2id).
	// Defaults to GOMAXPROCS.
	Concurrency int
	// Queue is how many callers may wait for their turn; the next one gets a *BusyError at once.
	// Defaults to 32 for each of Concurrency; a negative Queue means none.
	Queue int
	// Random is the source of salts. Defaults to crypto/rand.
	Random io.Reader
}

// Hasher hashes and checks passwords with bounded concurrency. It is safe for concurrent use.
type Hasher struct {
	algorithm   Algorithm
	concurrency int
	random      io.Reader
	slots       chan struct{} // one element for each hash that runs
	places      chan struct{} // one element for each caller that runs or waits

	mu      sync.Mutex
	average time.Duration // of one hash; for RetryAfter
}

// NewHasher returns a Hasher, or an error that names the option that is wrong.
func NewHasher(o Options) (*Hasher, error) {
	switch o.Algorithm {
	case "":
		o.Algorithm = Scrypt
	case Scrypt, Argon2id:
	default:
		return nil, fmt.Errorf("password: unknown algorithm %q: use %q or %q", o.Algorithm, Scrypt, Argon2id)
	}
	if o.Concurrency < 0 {
		return nil, fmt.Errorf("password: concurrency is %d: it must not be negative", o.Concurrency)
	}
	if o.Concurrency == 0 {
		o.Concurrency = runtime.GOMAXPROCS(0)
	}
	switch {
	case o.Queue == 0:
		o.Queue = 32 * o.Concurrency
	case o.Queue < 0:
		o.Queue = 0
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	return &Hasher{
		algorithm:   o.Algorithm,
		concurrency: o.Concurrency,
		random:      o.Random,
		slots:       make(chan struct{}, o.Concurrency),
		places:      make(chan struct{}, o.Concurrency+o.Queue),
		average:     100 * time.Millisecond,
	}, nil
}

// Hash returns the encoded hash of a password under a new salt. It returns a *BusyError when the queue is full and
// the context's error when the context ends while waiting.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	var encoded string
	err := h.run(ctx, func() (err error) {
		encoded, err = h.hash(password)
		return err
	})
	return encoded, err
}

// Verify tells whether a password belongs to an encoded hash, in constant time. The errors are those of
// [Hasher.Hash], and [ErrMalformed] for a stored value that is no hash.
func (h *Hasher) Verify(ctx context.Context, encoded, password string) (bool, error) {
	if saltText, key, found := parseScrypt(encoded); found {
		var ok bool
		err := h.run(ctx, func() (err error) {
			ok, err = verifyScrypt(saltText, key, password)
			return err
		})
		return ok && err == nil, err
	}
	if parsed, found := parseArgon2id(encoded); found {
		var ok bool
		err := h.run(ctx, func() error {
			ok = parsed.verify(password)
			return nil
		})
		return ok && err == nil, err
	}
	return false, ErrMalformed
}

// VerifyDummy does the work of one Verify for an account that does not exist, so that the time of an answer does not
// tell whether it does. It never succeeds; the errors are those of [Hasher.Hash].
func (h *Hasher) VerifyDummy(ctx context.Context, password string) error {
	encoded := dummyScrypt
	if h.algorithm == Argon2id {
		encoded = dummyArgon2id
	}
	_, err := h.Verify(ctx, encoded, password)
	return err
}

// NeedsRehash tells whether a hash should be replaced after a successful Verify: it has another algorithm or other
// parameters than new hashes.
func (h *Hasher) NeedsRehash(encoded string) bool {
	if h.algorithm == Argon2id {
		parsed, ok := parseArgon2id(encoded)
		return !ok || !parsed.current()
	}
	_, _, ok := parseScrypt(encoded)
	return !ok
}

func (h *Hasher) hash(password string) (string, error) {
	size := scryptSaltLen
	if h.algorithm == Argon2id {
		size = argonSaltLen
	}
	salt := make([]byte, size)
	if _, err := io.ReadFull(h.random, salt); err != nil {
		return "", fmt.Errorf("password: read a salt: %w", err)
	}
	if h.algorithm == Argon2id {
		return hashArgon2id(salt, password), nil
	}
	return hashScrypt(salt, password)
}

// The hashes that no password belongs to: their keys are zero. They have the cost of real ones.
var (
	dummyScrypt   = strings.Repeat("0", 2*scryptSaltLen) + ":" + strings.Repeat("0", 2*scryptKeyLen)
	dummyArgon2id = argonPrefix + "m=19456,t=2,p=1$" + strings.Repeat("A", 22) + "$" + strings.Repeat("A", 43)
)

// run does one piece of hashing when its turn comes.
func (h *Hasher) run(ctx context.Context, work func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case h.places <- struct{}{}:
		defer func() { <-h.places }()
	default:
		return &BusyError{RetryAfter: h.retryAfter()}
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	start := time.Now()
	err := work()
	h.observe(time.Since(start))
	return err
}

func (h *Hasher) observe(took time.Duration) {
	h.mu.Lock()
	h.average += (took - h.average) / 8
	h.mu.Unlock()
}

// retryAfter estimates when the callers that are here now are done.
func (h *Hasher) retryAfter() time.Duration {
	h.mu.Lock()
	average := h.average
	h.mu.Unlock()
	wait := average * time.Duration(cap(h.places)) / time.Duration(h.concurrency)
	seconds := (wait + time.Second - 1) / time.Second
	return max(seconds, 1) * time.Second
}
