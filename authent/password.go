package authent

import (
	"context"
	"errors"
	"net/http"

	"github.com/agentuity/auth-go/internal/password"
)

// checkPassword returns an error if a new password is too short or too long.
func (a *Auth) checkPassword(text string) error {
	switch n := password.Length(text); {
	case n < a.config.Password.MinLength:
		return ErrPasswordTooShort
	case n > a.config.Password.MaxLength:
		return ErrPasswordTooLong
	}
	return nil
}

// hashPassword returns the hash of a new password.
func (a *Auth) hashPassword(ctx context.Context, text string) (string, error) {
	hash, err := a.hasher.Hash(ctx, text)
	return hash, busy(err)
}

// verifyPassword tells whether a password is that of an account; account may be nil. It does the same work whether or
// not there is an account with a password, so that the time of the answer does not tell.
func (a *Auth) verifyPassword(ctx context.Context, account *Account, text string) (bool, error) {
	if account == nil || account.Password == nil {
		return false, busy(a.hasher.VerifyDummy(ctx, text))
	}
	ok, err := a.hasher.Verify(ctx, *account.Password, text)
	if errors.Is(err, password.ErrMalformed) {
		a.log.ErrorContext(ctx, "authent: the stored hash of a password has no known format", "account", account.ID)
		return false, nil
	}
	return ok, busy(err)
}

// busy returns an error of the hasher as clients see it.
func busy(err error) error {
	var full *password.BusyError
	if errors.As(err, &full) {
		return &Error{Status: http.StatusServiceUnavailable, Code: ErrTooManyPasswords.Code, Message: ErrTooManyPasswords.Message, RetryAfter: full.RetryAfter}
	}
	return err
}
