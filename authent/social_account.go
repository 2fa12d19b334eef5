package authent

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/agentuity/auth-go/internal/input"
	"github.com/agentuity/auth-go/internal/sealed"
)

// signInProfile signs in who has an account elsewhere: the user that it is linked to, or the user with its address if
// that can be trusted, or else a new user.
func (a *Auth) signInProfile(ctx context.Context, provider Provider, profile *Profile, tokens *ProviderTokens) (user *User, session *Session, created bool, err error) {
	if profile.ID == "" {
		return nil, nil, false, fmt.Errorf("the profile of %s has no id", provider.ID())
	}
	err = a.tx(ctx, func(ctx context.Context, tx *Auth) error {
		user, created, err = tx.userOfProfile(ctx, provider, profile, tokens)
		if err != nil {
			return err
		}
		session, err = tx.createSession(ctx, user, true)
		return err
	})
	if errors.Is(err, ErrUserExists) {
		err = ErrAccountNotLinked // Somebody signed up with the address at the same moment.
	}
	return user, session, created, err
}

func (a *Auth) userOfProfile(ctx context.Context, provider Provider, profile *Profile, tokens *ProviderTokens) (*User, bool, error) {
	account, err := a.findAccount(ctx, EQ("providerId", provider.ID()), EQ("accountId", profile.ID))
	if err != nil {
		return nil, false, err
	}
	if account != nil {
		user, err := a.userByID(ctx, account.UserID)
		if err == nil && user == nil {
			err = fmt.Errorf("the account %s has no user", account.ID)
		}
		if err == nil {
			err = a.storeTokens(ctx, account, tokens)
		}
		return user, false, err
	}
	if !input.Email(profile.Email) {
		return nil, false, ErrProviderEmail
	}
	email := normalizeEmail(profile.Email)
	// The row is locked: of two sign-ins at the same moment, one links.
	users, err := a.store.Users().Find(ctx, Query{Where: []Cond{EQ("email", email)}, Limit: 1, Lock: true})
	if err != nil {
		return nil, false, fmt.Errorf("find a user: %w", err)
	}
	if len(users) > 0 {
		user := users[0]
		// An address that nobody has proved here may have been taken by somebody else, with a password of their own.
		if a.config.Account.DisableLinking || !profile.EmailVerified || !user.EmailVerified {
			return nil, false, ErrAccountNotLinked
		}
		if account, err = a.findAccount(ctx, EQ("providerId", provider.ID()), EQ("accountId", profile.ID)); err != nil || account != nil {
			return user, false, err
		}
		return user, false, a.link(ctx, user.ID, provider, profile, tokens)
	}
	if a.config.Account.DisableSignUp {
		return nil, false, ErrSocialSignUpDisabled
	}
	account, err = a.newAccount(provider, profile, tokens)
	if err != nil {
		return nil, false, err
	}
	user := &User{Name: validText(profile.Name, 1024), Email: email, EmailVerified: profile.EmailVerified}
	if image := validText(profile.Image, 4096); image != "" {
		user.Image = &image
	}
	user, err = a.createUser(ctx, user, account)
	return user, err == nil, err
}

// finishLink links an account to the user who asked for it.
func (a *Auth) finishLink(ctx context.Context, state *oauthState, provider Provider, profile *Profile, tokens *ProviderTokens) (*Redirect, error) {
	problem, err := a.linkProfile(ctx, *state.Link, provider, profile, tokens)
	switch {
	case err != nil:
		return nil, err
	case problem != "":
		return a.oauthError(state.ErrorURL, problem, ""), nil
	}
	return &Redirect{URL: state.CallbackURL}, nil
}

// What is in the way of linking an account.
const (
	linkUnverified = "unable_to_link_account"
	linkOtherEmail = "email_doesn't_match"
)

// linkProfile links the account of a profile to a user, and returns what is in the way, if anything is.
func (a *Auth) linkProfile(ctx context.Context, link oauthLink, provider Provider, profile *Profile, tokens *ProviderTokens) (problem string, err error) {
	if !profile.EmailVerified {
		return linkUnverified, nil
	}
	if !a.config.Account.AllowDifferentEmails && normalizeEmail(profile.Email) != normalizeEmail(link.Email) {
		return linkOtherEmail, nil
	}
	err = a.tx(ctx, func(ctx context.Context, tx *Auth) error {
		users, err := tx.store.Users().Find(ctx, Query{Where: []Cond{EQ("id", link.UserID)}, Limit: 1, Lock: true})
		if err != nil {
			return fmt.Errorf("find a user: %w", err)
		}
		if len(users) == 0 {
			problem = "user_not_found"
			return nil
		}
		account, err := tx.findAccount(ctx, EQ("providerId", provider.ID()), EQ("accountId", profile.ID))
		switch {
		case err != nil:
			return err
		case account == nil:
			return tx.link(ctx, link.UserID, provider, profile, tokens)
		case account.UserID != link.UserID:
			problem = "account_already_linked_to_different_user"
			return nil
		}
		return tx.storeTokens(ctx, account, tokens)
	})
	return problem, err
}

func (a *Auth) link(ctx context.Context, userID string, provider Provider, profile *Profile, tokens *ProviderTokens) error {
	account, err := a.newAccount(provider, profile, tokens)
	if err != nil {
		return err
	}
	account.UserID = userID
	return a.createAccount(ctx, account)
}

// findAccount returns the account that fulfils all conditions, or nil.
func (a *Auth) findAccount(ctx context.Context, where ...Cond) (*Account, error) {
	accounts, err := a.store.Accounts().Find(ctx, Query{Where: where, Order: []Order{{Column: "createdAt"}}, Limit: 1})
	if err != nil {
		return nil, fmt.Errorf("find an account: %w", err)
	}
	if len(accounts) == 0 {
		return nil, nil
	}
	return accounts[0], nil
}

// newAccount returns the account of a profile, without user.
func (a *Auth) newAccount(provider Provider, profile *Profile, tokens *ProviderTokens) (*Account, error) {
	account := &Account{ProviderID: provider.ID(), AccountID: profile.ID}
	return account, a.setTokens(account, tokens)
}

// setTokens puts tokens into an account; those that are empty leave it as it is.
func (a *Auth) setTokens(account *Account, tokens *ProviderTokens) error {
	for _, t := range []struct {
		column **string
		value  string
	}{{&account.AccessToken, tokens.AccessToken}, {&account.RefreshToken, tokens.RefreshToken}, {&account.IDToken, tokens.IDToken}} {
		if t.value == "" {
			continue
		}
		value, err := a.sealToken(t.value)
		if err != nil {
			return err
		}
		*t.column = &value
	}
	if scope := strings.Join(tokens.Scopes, ","); scope != "" {
		account.Scope = &scope
	}
	account.AccessTokenExpiresAt = timeOrNil(tokens.ExpiresAt)
	if !tokens.RefreshExpiresAt.IsZero() {
		account.RefreshTokenExpiresAt = timeOrNil(tokens.RefreshExpiresAt)
	}
	return nil
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Millisecond)
	return &t
}

// storeTokens stores new tokens of an account. Where they were refreshed meanwhile, the newer ones stay.
func (a *Auth) storeTokens(ctx context.Context, account *Account, tokens *ProviderTokens) error {
	where := []Cond{EQ("id", account.ID)}
	if account.RefreshToken != nil {
		where = append(where, EQ("refreshToken", *account.RefreshToken))
	}
	if err := a.setTokens(account, tokens); err != nil {
		return err
	}
	changes := []Change{Set("updatedAt", a.now())}
	for column, value := range map[string]*string{
		"accessToken": account.AccessToken, "refreshToken": account.RefreshToken, "idToken": account.IDToken, "scope": account.Scope,
	} {
		if value != nil {
			changes = append(changes, Set(column, *value))
		}
	}
	if account.AccessTokenExpiresAt != nil {
		changes = append(changes, Set("accessTokenExpiresAt", *account.AccessTokenExpiresAt))
	}
	if account.RefreshTokenExpiresAt != nil {
		changes = append(changes, Set("refreshTokenExpiresAt", *account.RefreshTokenExpiresAt))
	}
	if _, err := a.store.Accounts().Update(ctx, changes, where...); err != nil {
		return fmt.Errorf("store the tokens of an account: %w", err)
	}
	return nil
}

// sealToken returns a token as it is stored.
func (a *Auth) sealToken(token string) (string, error) {
	if !a.config.Account.EncryptTokens {
		return token, nil
	}
	random := a.config.Random
	if random == nil {
		random = rand.Reader
	}
	return a.sealing.Encrypt([]byte(token), random)
}

// openToken returns a stored token.
func (a *Auth) openToken(stored *string) (string, error) {
	if stored == nil {
		return "", nil
	}
	if !sealed.Is(*stored) {
		return *stored, nil
	}
	plain, err := a.sealing.Decrypt(*stored)
	if err != nil {
		if !a.config.Account.EncryptTokens {
			return *stored, nil // A token of a provider that happens to look like this.
		}
		return "", fmt.Errorf("decrypt the token of an account: %w", err)
	}
	return string(plain), nil
}
