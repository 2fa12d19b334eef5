package authent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"
)

// normalizeEmail returns an address as rows have it: in lower case.
func normalizeEmail(email string) string { return strings.ToLower(email) }

// userByEmail returns the user with an address, or nil.
func (a *Auth) userByEmail(ctx context.Context, email string) (*User, error) {
	return a.findUser(ctx, EQ("email", normalizeEmail(email)))
}

// userByID returns a user, or nil.
func (a *Auth) userByID(ctx context.Context, id string) (*User, error) {
	return a.findUser(ctx, EQ("id", id))
}

func (a *Auth) findUser(ctx context.Context, where Cond) (*User, error) {
	users, err := a.store.Users().Find(ctx, Query{Where: []Cond{where}, Limit: 1})
	if err != nil {
		return nil, fmt.Errorf("find a user: %w", err)
	}
	if len(users) == 0 {
		return nil, nil
	}
	return users[0], nil
}

// createUser creates a user with the account of a sign-in method. It runs in a transaction of the caller. The error is
// ErrUserExists for a known address.
func (a *Auth) createUser(ctx context.Context, user *User, account *Account) (*User, error) {
	var err error
	if user.ID, err = a.tokens.ID(); err != nil {
		return nil, err
	}
	now := a.now()
	user.Email, user.CreatedAt, user.UpdatedAt = normalizeEmail(user.Email), now, now
	if before := a.config.Hooks.BeforeUserCreate; before != nil {
		if err := before(ctx, user); err != nil {
			return nil, err
		}
	}
	created, err := a.store.Users().Create(ctx, user)
	if err != nil {
		a.logUnset(ctx, "user", a.store.Users().Extra(), err)
		return nil, userError(err)
	}
	if account != nil {
		account.UserID = created.ID
		if account.ProviderID == credentialProvider {
			account.AccountID = created.ID
		}
		if err := a.createAccount(ctx, account); err != nil {
			return nil, err
		}
	}
	if after := a.config.Hooks.AfterUserCreate; after != nil {
		if err := after(ctx, created); err != nil {
			return nil, err
		}
	}
	return created, nil
}

// userError returns the error of writing a user as clients see it.
func userError(err error) error {
	var invalid *FieldError
	switch {
	case errors.Is(err, ErrConflict):
		return ErrUserExists
	case errors.As(err, &invalid):
		return newError(http.StatusBadRequest, ErrValidation.Code, "[body."+invalid.Field+"] "+invalid.Error())
	}
	return fmt.Errorf("write a user: %w", err)
}

// updateUser changes a user and returns it as it is then. It runs in a transaction of the caller if there are hooks.
// The error is ErrUserExists if the address is that of another user.
func (a *Auth) updateUser(ctx context.Context, user *User, changes ...Change) (*User, error) {
	if before := a.config.Hooks.BeforeUserUpdate; before != nil {
		if err := before(ctx, user, changes); err != nil {
			return nil, err
		}
	}
	n, err := a.store.Users().Update(ctx, append(changes, Set("updatedAt", a.now())), EQ("id", user.ID))
	if err != nil {
		return nil, userError(err)
	}
	if n == 0 {
		return nil, ErrUnauthorized // The user was deleted meanwhile.
	}
	a.dropCache(callOf(ctx))
	updated, err := a.userByID(ctx, user.ID)
	if err != nil {
		return nil, err
	}
	if updated == nil {
		return nil, ErrUnauthorized
	}
	if after := a.config.Hooks.AfterUserUpdate; after != nil {
		if err := after(ctx, updated); err != nil {
			return nil, err
		}
	}
	if a.config.Session.Storage != nil {
		if err := a.afterCommit(ctx, func(ctx context.Context, a *Auth) error { return a.renewUser(ctx, updated) }); err != nil {
			return nil, err
		}
	}
	return updated, nil
}

// credentialProvider is the provider of accounts with a password.
const credentialProvider = "credential"

// createAccount creates an account.
func (a *Auth) createAccount(ctx context.Context, account *Account) error {
	var err error
	if account.ID, err = a.tokens.ID(); err != nil {
		return err
	}
	now := a.now()
	account.CreatedAt, account.UpdatedAt = now, now
	if _, err := a.store.Accounts().Create(ctx, account); err != nil {
		return fmt.Errorf("create an account: %w", err)
	}
	return nil
}

// credentialAccount returns the account with the password of a user, or nil.
func (a *Auth) credentialAccount(ctx context.Context, userID string) (*Account, error) {
	return a.findAccount(ctx, EQ("userId", userID), EQ("providerId", credentialProvider))
}

// validText returns a text as a database takes it: valid UTF-8 without U+0000, of at most max bytes.
func validText(s string, max int) string {
	if len(s) > max {
		s = s[:max]
	}
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}
