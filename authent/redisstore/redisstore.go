// Package redisstore keeps sessions and counts of requests in Redis, so that several processes share them: a secondary
// storage and a rate limiter of package authent.
//
//	redis := redisstore.New(goredis.NewClient(options))
//	authent.Config{
//		Session:   authent.SessionConfig{Storage: redis},
//		RateLimit: authent.RateLimitConfig{Limiter: redis},
//	}
//
// Keys and values of sessions are those of the TypeScript side with its secondaryStorage on the same Redis. It is a
// module of its own: apps without Redis do not depend on a client of it.
package redisstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/agentuity/auth-go/authent"
)

// Store is a secondary storage and a rate limiter in Redis. It is safe for concurrent use.
type Store struct {
	client redis.UniversalClient
	prefix string
}

var (
	_ authent.SecondaryStorage = (*Store)(nil)
	_ authent.RateLimiter      = (*Store)(nil)
)

// Option sets up a Store.
type Option func(*Store)

// WithPrefix puts a text before all keys, for a Redis that other apps use as well. Defaults to none.
func WithPrefix(prefix string) Option { return func(s *Store) { s.prefix = prefix } }

// New returns a Store on a client, which stays the caller's to close.
func New(client redis.UniversalClient, opts ...Option) *Store {
	s := &Store{client: client}
	for _, opt := range opts {
		opt(s)
	}
	return s
}

// Get implements authent.SecondaryStorage.
func (s *Store) Get(ctx context.Context, key string) (value string, found bool, err error) {
	value, err = s.client.Get(ctx, s.prefix+key).Result()
	if errors.Is(err, redis.Nil) {
		return "", false, nil
	}
	return value, err == nil, wrap(err)
}

// Set implements authent.SecondaryStorage. Redis keeps times in milliseconds.
func (s *Store) Set(ctx context.Context, key, value string, ttl time.Duration) error {
	if ttl < time.Millisecond {
		return s.Delete(ctx, key)
	}
	return wrap(s.client.Set(ctx, s.prefix+key, value, ttl).Err())
}

// Delete implements authent.SecondaryStorage.
func (s *Store) Delete(ctx context.Context, keys ...string) error {
	var errs []error
	for _, key := range keys { // One by one: the keys of a cluster are on several servers.
		errs = append(errs, wrap(s.client.Del(ctx, s.prefix+key).Err()))
	}
	return errors.Join(errs...)
}

// allow decides and counts in one step, by the clock of Redis. It returns 0 to let the request pass, or else how many
// milliseconds to wait.
var allow = redis.NewScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HMGET', KEYS[1], 'count', 'lastRequest')
local count, last = tonumber(state[1]) or 0, tonumber(state[2]) or 0
local max, window = tonumber(ARGV[1]), tonumber(ARGV[2])
if count > 0 and now - last <= window then
	if count >= max then
		return math.max(last + window - now, 1)
	end
	count = count + 1
else
	count = 1
end
redis.call('HSET', KEYS[1], 'count', count, 'lastRequest', now)
redis.call('PEXPIRE', KEYS[1], window + 1000)
return 0
`)

// Allow implements authent.RateLimiter.
func (s *Store) Allow(ctx context.Context, key string, max int, window time.Duration) (allowed bool, retryAfter time.Duration, err error) {
	wait, err := allow.Run(ctx, s.client, []string{s.prefix + "rate-limit:" + key}, max, window.Milliseconds()).Int64()
	if err != nil {
		return false, 0, wrap(err)
	}
	return wait == 0, time.Duration(wait) * time.Millisecond, nil
}

func wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("redisstore: %w", err)
}
