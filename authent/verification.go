package authent

import (
	"context"
	"fmt"
	"time"
)

// createVerification stores something that can be done once, until it expires. Rows that have expired are deleted: they
// are of no use to anybody.
func (a *Auth) createVerification(ctx context.Context, identifier, value string, lifetime time.Duration) error {
	id, err := a.tokens.ID()
	if err != nil {
		return err
	}
	now := a.now()
	if err := a.sweepVerifications(ctx, now); err != nil {
		return err
	}
	row := &Verification{ID: id, Identifier: identifier, Value: value, ExpiresAt: now.Add(lifetime), CreatedAt: now, UpdatedAt: now}
	if _, err := a.store.Verifications().Create(ctx, row); err != nil {
		return fmt.Errorf("create a verification: %w", err)
	}
	return nil
}

// sweepVerifications deletes what can no longer be done.
func (a *Auth) sweepVerifications(ctx context.Context, now time.Time) error {
	if _, err := a.store.Verifications().Delete(ctx, LT("expiresAt", now)); err != nil {
		return fmt.Errorf("delete expired verifications: %w", err)
	}
	return nil
}

// findVerification returns what can still be done, or nil. It does not use it up. One that cannot be found may have
// expired: such rows are deleted then, as by every look-up of the TypeScript side.
func (a *Auth) findVerification(ctx context.Context, identifier string) (*Verification, error) {
	now := a.now()
	rows, err := a.store.Verifications().Find(ctx, Query{
		Where: []Cond{EQ("identifier", identifier), GT("expiresAt", now)},
		Order: []Order{{Column: "createdAt", Desc: true}}, Limit: 1,
	})
	if err != nil {
		return nil, fmt.Errorf("find a verification: %w", err)
	}
	if len(rows) == 0 {
		return nil, a.sweepVerifications(ctx, now)
	}
	return rows[0], nil
}

// takeVerification uses up what findVerification returned, and tells whether it was this call that did: of several
// requests at the same time, one. In a transaction that is rolled back, nothing is used up.
func (a *Auth) takeVerification(ctx context.Context, v *Verification) (bool, error) {
	n, err := a.store.Verifications().Delete(ctx, EQ("id", v.ID), EQ("identifier", v.Identifier), GT("expiresAt", a.now()))
	if err != nil {
		return false, fmt.Errorf("use a verification up: %w", err)
	}
	return n == 1, nil
}

// deleteVerifications deletes what a user can still do, of one kind.
func (a *Auth) deleteVerifications(ctx context.Context, prefix, userID string) error {
	_, err := a.store.Verifications().Delete(ctx, EQ("value", userID), Cond{Column: "identifier", Op: OpHasPrefix, Value: prefix})
	if err != nil {
		return fmt.Errorf("delete verifications: %w", err)
	}
	return nil
}

// The prefixes of identifiers, before the token: each kind of token is good for one thing.
const (
	resetPrefix  = "reset-password:"
	deletePrefix = "delete-account-"
)
