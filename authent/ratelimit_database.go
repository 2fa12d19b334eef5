package authent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/agentuity/auth-go/internal/ratelimit"
)

// databaseLimiter is a RateLimiter in the table verification. The id of a row comes from the key, so that there is one
// row for each; it is changed on the condition that it is as it was read.
type databaseLimiter struct {
	table Table[Verification]
	now   func() time.Time
}

// limitState is the value of a row.
type limitState struct {
	Count       int   `json:"count"`
	LastRequest int64 `json:"lastRequest"` // Milliseconds.
}

// limitAttempts is how often a request tries when others change its row: each of them was counted meanwhile.
const limitAttempts = 100

func (l *databaseLimiter) Allow(ctx context.Context, key string, max int, window time.Duration) (bool, time.Duration, error) {
	sum := sha256.Sum256([]byte(key))
	id := hex.EncodeToString(sum[:16])
	for range limitAttempts {
		now := l.now()
		rows, err := l.table.Find(ctx, Query{Where: []Cond{EQ("id", id)}, Limit: 1})
		if err != nil {
			return false, 0, err
		}
		var known limitState
		if len(rows) > 0 {
			if err := json.Unmarshal([]byte(rows[0].Value), &known); err != nil {
				return false, 0, fmt.Errorf("the row %s of the table verification is no count of requests: %w", id, err)
			}
		}
		state, decision := ratelimit.State{Count: known.Count, Last: time.UnixMilli(known.LastRequest)}.Step(ratelimit.Rule{Max: max, Window: window}, now)
		if !decision.Allowed {
			return false, decision.RetryAfter, nil
		}
		value, err := json.Marshal(limitState{Count: state.Count, LastRequest: state.Last.UnixMilli()})
		if err != nil {
			return false, 0, err
		}
		if len(rows) == 0 {
			_, err = l.table.Create(ctx, &Verification{
				ID: id, Identifier: "rate-limit:" + id, Value: string(value), ExpiresAt: now.Add(window), CreatedAt: now, UpdatedAt: now,
			})
			if errors.Is(err, ErrConflict) {
				continue
			}
			return err == nil, 0, err
		}
		n, err := l.table.Update(ctx, []Change{Set("value", string(value)), Set("expiresAt", now.Add(window)), Set("updatedAt", now)},
			EQ("id", id), EQ("value", rows[0].Value))
		if err != nil || n > 0 {
			return err == nil, 0, err
		}
	}
	return false, 0, fmt.Errorf("the row %s of the table verification was changed by others %d times", id, limitAttempts)
}
