package authent

import (
	"context"
	"fmt"
	"net/http"

	"github.com/agentuity/auth-go/internal/clientip"
	"github.com/agentuity/auth-go/internal/ratelimit"
)

// RateLimitConfig configures how many requests a client may make.
type RateLimitConfig struct {
	// Enabled turns the limit on or off. Defaults to on, and to off in Development.
	Enabled *bool
}

// limiter counts requests.
type limiter = ratelimit.Limiter

func (s *service) configureRateLimit(Store) error {
	on := s.config.RateLimit.Enabled
	if on != nil && !*on || on == nil && s.config.Development {
		return nil
	}
	s.limiter = ratelimit.NewMemory(0, s.config.Now)
	return nil
}

// limit counts a request and refuses it if its client made too many.
func (a *Auth) limit(ctx context.Context, r *http.Request, e *Endpoint) error {
	if a.limiter == nil {
		return nil
	}
	addr, _ := a.clients.Addr(r)
	decision, err := a.limiter.Allow(ctx, clientip.Key(addr)+"|"+e.Path, ratelimit.For(ratelimit.DefaultPathRules(), e.Path))
	if err != nil {
		return fmt.Errorf("count a request: %w", err)
	}
	if !decision.Allowed {
		return &Error{Status: ErrTooManyRequests.Status, Message: ErrTooManyRequests.Message, RetryAfter: decision.RetryAfter}
	}
	return nil
}
