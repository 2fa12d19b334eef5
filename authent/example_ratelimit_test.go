package authent_test

import (
	"fmt"
	"time"

	"github.com/agentuity/auth-go/authent"
)

// A limit of one path, before the usual ones, which are on in production. The client is told apart by its address, also
// behind a proxy that is named.
func ExampleRateLimitConfig() {
	auth, client := newAuth(authent.Config{
		RateLimit: authent.RateLimitConfig{
			Rules: []authent.RateLimitRule{{Path: "/get-session", Max: 2, Window: time.Minute}},
		},
		TrustedProxies: []string{"10.0.0.0/8"},
	})
	defer client.Close()
	for range 3 {
		w := get(auth.Handler(), "/api/auth/get-session", nil)
		fmt.Println(w.Code, "retry after:", w.Header()["Retry-After"])
	}
	// Output:
	// 200 retry after: []
	// 200 retry after: []
	// 429 retry after: [60]
}
