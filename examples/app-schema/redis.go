package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/authent/redisstore"
)

// useRedis keeps sessions and rate limits in the Redis of REDIS_URL, if it is set.
func (a *app) useRedis(ctx context.Context, c *authent.Config) error {
	url := os.Getenv("REDIS_URL")
	if url == "" {
		return nil
	}
	options, err := redis.ParseURL(url)
	if err != nil {
		return errors.New("REDIS_URL is not a URL such as redis://user:password@localhost:6379/0") // The error quotes it.
	}
	client := redis.NewClient(options)
	a.closes = append(a.closes, client.Close)
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("REDIS_URL: the Redis on %s cannot be used: %w", options.Addr, err)
	}
	store := redisstore.New(client)
	c.Session.Storage, c.RateLimit.Limiter = store, store
	return nil
}
