package authent

import (
	"context"
	"fmt"
	"time"
)

// LinkedAccount is a way in which a user signs in, without its secrets.
type LinkedAccount struct {
	AccountID  string         `json:"accountId"`
	ProviderID string         `json:"providerId"` // "credential" for a password, else the provider's id.
	UserID     string         `json:"userId"`
	CreatedAt  time.Time      `json:"createdAt"`
	UpdatedAt  time.Time      `json:"updatedAt"`
	ID         string         `json:"id"`
	Extra      map[string]any `json:"-" wire:"extra"` // The app's own fields, by column, without secret ones.
	Scopes     []string       `json:"scopes"`
}

// ListAccounts returns the accounts with which the session's user signs in, oldest first.
func (a *Auth) ListAccounts(ctx context.Context) ([]*LinkedAccount, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := a.accountsOf(ctx, id.User.ID)
	if err != nil {
		return nil, err
	}
	linked := make([]*LinkedAccount, len(accounts))
	for i, account := range accounts {
		linked[i] = &LinkedAccount{
			AccountID: account.AccountID, ProviderID: account.ProviderID, UserID: account.UserID,
			CreatedAt: account.CreatedAt, UpdatedAt: account.UpdatedAt, ID: account.ID, Extra: account.Extra, Scopes: scopes(account),
		}
	}
	return linked, nil
}

// accountsOf returns the accounts of a user, oldest first.
func (a *Auth) accountsOf(ctx context.Context, userID string) ([]*Account, error) {
	accounts, err := a.store.Accounts().Find(ctx, Query{
		Where: []Cond{EQ("userId", userID)}, Order: []Order{{Column: "createdAt"}, {Column: "id"}},
	})
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return accounts, nil
}

// UnlinkAccountInput is the input of UnlinkAccount.
type UnlinkAccountInput struct {
	ProviderID string `json:"providerId"`
	// AccountID chooses among several accounts with one provider.
	AccountID string `json:"accountId,omitempty"`
}

// UnlinkAccount deletes an account of the session's user, who must have signed in a short while ago (Session.FreshFor).
// The last one stays: ErrLastAccount.
func (a *Auth) UnlinkAccount(ctx context.Context, in UnlinkAccountInput) (*StatusOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	if !a.fresh(id.Session) {
		return nil, ErrSessionNotFresh
	}
	err = a.tx(ctx, func(ctx context.Context, tx *Auth) error {
		// Two requests at the same time must not unlink the last two.
		if err := tx.lockUser(ctx, id.User.ID); err != nil {
			return err
		}
		accounts, err := tx.accountsOf(ctx, id.User.ID)
		if err != nil {
			return err
		}
		if len(accounts) <= 1 {
			return ErrLastAccount
		}
		for _, account := range accounts {
			if account.ProviderID == in.ProviderID && (in.AccountID == "" || account.AccountID == in.AccountID) {
				if _, err := tx.store.Accounts().Delete(ctx, EQ("id", account.ID)); err != nil {
					return fmt.Errorf("unlink an account: %w", err)
				}
				return nil
			}
		}
		return ErrNoAccount
	})
	if err != nil {
		return nil, err
	}
	return &StatusOutput{Status: true}, nil
}
