package authent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/agentuity/auth-go/internal/clientip"
	"github.com/agentuity/auth-go/internal/ratelimit"
)

// RateLimitConfig configures how many requests a client may make to an endpoint. Clients are told apart by their
// address, IPv6 by its /64 network; see Config.TrustedProxies.
type RateLimitConfig struct {
	// Enabled turns the limit on or off. Defaults to on, and to off in Development.
	Enabled *bool
	// Rules are limits of paths, before the usual ones: 3 requests in 10 seconds to /sign-in, /sign-up,
	// /change-password, /change-email, /verify-password and /delete-user, 3 in 60 seconds to /request-password-reset and
	// /send-verification-email, and 100 in 10 seconds to every other endpoint.
	Rules []RateLimitRule
	// Limiter counts the requests. Defaults to the memory of the process. Package redisstore has one that processes
	// share.
	Limiter RateLimiter
	// Database counts in the table verification, which all processes share: two more statements for each request.
	// It cannot be set beside Limiter.
	Database bool
}

// RateLimitRule is the limit of the paths that start with a prefix.
type RateLimitRule struct {
	// Path is below the base path, such as /sign-in. It is the whole path if Exact is set.
	Path  string
	Exact bool
	// Max requests pass within Window. Zero means no limit.
	Max    int
	Window time.Duration
}

// RateLimiter counts requests. It is safe for concurrent use.
type RateLimiter interface {
	// Allow decides about a request and counts it in one atomic step: of many at the same moment exactly as many pass
	// as the limit says. The window begins anew with each request that passes; one that is refused does not extend
	// it. retryAfter is when to try again. An error fails the request.
	Allow(ctx context.Context, key string, max int, window time.Duration) (allowed bool, retryAfter time.Duration, err error)
}

// memoryLimiter is the RateLimiter of one process.
type memoryLimiter struct{ memory *ratelimit.Memory }

func (m memoryLimiter) Allow(ctx context.Context, key string, max int, window time.Duration) (bool, time.Duration, error) {
	d, err := m.memory.Allow(ctx, key, ratelimit.Rule{Max: max, Window: window})
	return d.Allowed, d.RetryAfter, err
}

func (s *service) configureRateLimit(store Store) error {
	c := s.config.RateLimit
	if c.Database && c.Limiter != nil {
		return errors.New("  RateLimit: Database and Limiter exclude each other")
	}
	for _, r := range c.Rules {
		if r.Max < 0 || r.Max > 0 && r.Window <= 0 || r.Path == "" || r.Path[0] != '/' {
			return fmt.Errorf("  RateLimit.Rules: the rule of %q needs a path such as /sign-in, a Max and a Window", r.Path)
		}
		s.limits = append(s.limits, ratelimit.PathRule{Path: r.Path, Exact: r.Exact, Rule: ratelimit.Rule{Max: r.Max, Window: r.Window}})
	}
	s.limits = append(s.limits, ratelimit.DefaultPathRules()...)
	switch on := c.Enabled; {
	case on != nil && !*on, on == nil && s.config.Development:
	case c.Limiter != nil:
		s.limiter = c.Limiter
	case c.Database:
		s.limiter = &databaseLimiter{table: store.Verifications(), now: s.now}
	default:
		s.limiter = memoryLimiter{ratelimit.NewMemory(0, s.config.Now)}
	}
	return nil
}

// limit counts a request and refuses it if its client made too many.
func (a *Auth) limit(ctx context.Context, r *http.Request, e *Endpoint) error {
	if a.limiter == nil {
		return nil
	}
	rule := ratelimit.For(a.limits, e.Path)
	if rule.Max <= 0 {
		return nil
	}
	addr, _ := a.clients.Addr(r)
	allowed, retryAfter, err := a.limiter.Allow(ctx, clientip.Key(addr)+"|"+e.Path, rule.Max, rule.Window)
	if err != nil {
		return fmt.Errorf("count a request: %w", err)
	}
	if !allowed {
		return &Error{Status: ErrTooManyRequests.Status, Message: ErrTooManyRequests.Message, RetryAfter: retryAfter}
	}
	return nil
}
