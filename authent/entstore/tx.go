package entstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// attempts is how often a transaction is run that fails because of others at the same time.
const attempts = 5

// Retry runs a transaction, and again when the database gave it up for the sake of another one: a
// deadlock or a serialization failure on Postgres, a lock on SQLite.
func Retry(ctx context.Context, run func() error) error {
	for i := 1; ; i++ {
		err := run()
		if err == nil || i == attempts || !retryable(err) {
			return err
		}
		wait := time.Duration(rand.Int64N(int64(i*20)*int64(time.Millisecond))) + time.Millisecond
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

func retryable(err error) bool {
	var state interface{ SQLState() string }
	if errors.As(err, &state) {
		return state.SQLState() == "40001" || state.SQLState() == "40P01"
	}
	return strings.Contains(err.Error(), "database is locked") || strings.Contains(err.Error(), "SQLITE_BUSY")
}

// Tx is a transaction of a generated client.
type Tx interface {
	Commit() error
	Rollback() error
}

// Finish runs fn and then commits the transaction if it returns nil, or rolls it back if it
// returns an error or panics.
func Finish(tx Tx, fn func() error) (err error) {
	done := false
	defer func() {
		if !done {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	if err = fn(); err != nil {
		done = true
		if rollback := tx.Rollback(); rollback != nil {
			return errors.Join(err, fmt.Errorf("roll back: %w", rollback))
		}
		return err
	}
	done = true
	if err = tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", DeleteError(err)) // A constraint may wait for the end of the transaction.
	}
	return nil
}
