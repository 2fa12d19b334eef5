package authent

import (
	"context"
	"fmt"

	"github.com/agentuity/auth-go/internal/input"
)

// SignInEmailInput is the input of SignInEmail.
type SignInEmailInput struct {
	Email    string `json:"email" check:"nul"`
	Password string `json:"password" check:"nul"`
	// CallbackURL makes the answer a redirect for clients that follow it.
	CallbackURL string `json:"callbackURL,omitempty"`
	// RememberMe false makes a session that ends with the browser, and after a day. Defaults to true.
	RememberMe *bool `json:"rememberMe"`
}

// SignInEmailOutput is the output of SignInEmail.
type SignInEmailOutput struct {
	Redirect bool   `json:"redirect"`
	Token    string `json:"token"`
	URL      string `json:"url,omitempty"` // The callback URL of the input.
	User     *User  `json:"user"`
}

// SignInEmail signs a user in. An unknown address, a wrong password and an account without password are all
// ErrInvalidCredentials after the same work.
func (a *Auth) SignInEmail(ctx context.Context, in SignInEmailInput) (*SignInEmailOutput, error) {
	if a.config.Password.Disabled {
		return nil, ErrPasswordsDisabled
	}
	if !input.Email(in.Email) {
		return nil, ErrInvalidEmail
	}
	user, err := a.userByEmail(ctx, in.Email)
	if err != nil {
		return nil, err
	}
	var account *Account
	if user != nil {
		if account, err = a.credentialAccount(ctx, user.ID); err != nil {
			return nil, err
		}
	}
	ok, err := a.verifyPassword(ctx, account, in.Password)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrInvalidCredentials
	}
	if a.config.Password.RequireVerification && !user.EmailVerified {
		if err := a.verifyAfterSignIn(ctx, user, in.CallbackURL); err != nil {
			return nil, err
		}
		return nil, ErrEmailNotVerified
	}
	if err := a.rehash(ctx, account, in.Password); err != nil {
		return nil, err
	}
	var session *Session
	err = a.tx(ctx, func(ctx context.Context, tx *Auth) error {
		// A password that was changed while it was checked, which ended the sessions, must not start a new one.
		current, err := tx.store.Accounts().Find(ctx, Query{
			Where: []Cond{EQ("id", account.ID), EQ("password", *account.Password)}, Limit: 1, Lock: true,
		})
		if err != nil {
			return fmt.Errorf("lock an account: %w", err)
		}
		if len(current) == 0 {
			return ErrInvalidCredentials
		}
		session, err = tx.createSession(ctx, user, remembered(in.RememberMe))
		return err
	})
	if err != nil {
		return nil, err
	}
	a.setSessionCookies(ctx, session, user, remembered(in.RememberMe))
	out := &SignInEmailOutput{Redirect: in.CallbackURL != "", Token: session.Token, URL: in.CallbackURL, User: user}
	if out.Redirect {
		callOf(ctx).set("Location", in.CallbackURL)
	}
	return out, nil
}

// rehash replaces the hash of a password that has just been checked, if new hashes are made in another way.
func (a *Auth) rehash(ctx context.Context, account *Account, password string) error {
	// On a database that the TypeScript side reads too, only scrypt is written.
	if !a.config.Password.Argon2id || !a.hasher.NeedsRehash(*account.Password) {
		return nil
	}
	hash, err := a.hashPassword(ctx, password)
	if err != nil {
		return err
	}
	// The old hash is a condition: a password that was changed meanwhile stays.
	n, err := a.store.Accounts().Update(ctx, []Change{Set("password", hash), Set("updatedAt", a.now())},
		EQ("id", account.ID), EQ("password", *account.Password))
	if err != nil {
		return fmt.Errorf("hash a password anew: %w", err)
	}
	if n == 1 {
		account.Password = &hash
	}
	return nil
}
