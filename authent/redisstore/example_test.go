package redisstore_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/authent/redisstore"
)

// One Redis keeps the sessions and counts the requests of all processes of an app:
//
//	auth, client, err := ent.OpenAuth(ctx, os.Getenv("DATABASE_URL"), config)
func ExampleNew() {
	client := redis.NewClient(exampleOptions()) // Usually redis.ParseURL(os.Getenv("REDIS_URL")).
	defer client.Close()
	store := redisstore.New(client, redisstore.WithPrefix("shop:"))
	config := authent.Config{
		BaseURL:   "https://shop.example.com",
		Session:   authent.SessionConfig{Storage: store},
		RateLimit: authent.RateLimitConfig{Limiter: store},
	}

	ctx := context.Background()
	for range 3 {
		allowed, retryAfter, err := config.RateLimit.Limiter.Allow(ctx, "203.0.113.7|/sign-in/email", 2, 10*time.Second)
		fmt.Println(allowed, retryAfter > 0, err)
	}
	// Output:
	// true false <nil>
	// true false <nil>
	// false true <nil>
}

// A Store keeps any texts that expire. Those of sessions have their tokens as keys.
func ExampleStore() {
	client := redis.NewClient(exampleOptions())
	defer client.Close()
	store := redisstore.New(client, redisstore.WithPrefix("shop:"))

	ctx := context.Background()
	if err := store.Set(ctx, "greeting", "hello", time.Minute); err != nil {
		fmt.Println(err)
	}
	fmt.Println(store.Get(ctx, "greeting"))
	if err := store.Delete(ctx, "greeting", "nothing"); err != nil {
		fmt.Println(err)
	}
	fmt.Println(store.Get(ctx, "greeting"))
	fmt.Println(client.Exists(ctx, "shop:greeting").Val(), "keys")
	// Output:
	// hello true <nil>
	//  false <nil>
	// 0 keys
}

// exampleOptions returns the options of a client of the tests' Redis, for examples.
func exampleOptions() *redis.Options {
	options, err := server()
	if err != nil {
		log.Fatal(err) // Examples have no other way to fail.
	}
	return options
}
