package authent

import (
	"context"
	"errors"
	"net/http"

	"github.com/agentuity/auth-go/internal/password"
)

// PasswordHasher makes and checks hashes of passwords. It is safe for concurrent use.
type PasswordHasher interface {
	// Hash returns the hash of a new password, with its salt, as the column password has it.
	Hash(ctx context.Context, password string) (hash string, err error)
	// Verify tells whether a password is that of a hash. A hash that it does not know is of no password: an error fails
	// the request.
	Verify(ctx context.Context, hash, password string) (bool, error)
}

// hasher is what the service needs of a hasher.
type hasher interface {
	PasswordHasher
	// VerifyDummy does the work of Verify for nobody's password.
	VerifyDummy(ctx context.Context, password string) error
	// NeedsRehash tells whether new hashes are made in another way.
	NeedsRehash(hash string) bool
}

// customHasher is the hasher of the config.
type customHasher struct{ PasswordHasher }

// VerifyDummy makes a hash, which is the work of checking one.
func (h customHasher) VerifyDummy(ctx context.Context, password string) error {
	_, err := h.Hash(ctx, password)
	return err
}

// NeedsRehash implements hasher: the app's hasher decides about old hashes itself.
func (customHasher) NeedsRehash(string) bool { return false }

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
