package authent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// AccountTokenInput is the input of GetAccessToken and RefreshProviderToken.
type AccountTokenInput struct {
	ProviderID string `json:"providerId"`
	// AccountID is the id of the account elsewhere, for a user who has several of one provider.
	AccountID string `json:"accountId,omitempty"`

	_ string `unused:"userId"`
}

// AccessTokenOutput is the output of GetAccessToken.
type AccessTokenOutput struct {
	AccessToken          string     `json:"accessToken"`
	AccessTokenExpiresAt *time.Time `json:"accessTokenExpiresAt,omitempty"`
	Scopes               []string   `json:"scopes"`
	IDToken              string     `json:"idToken,omitempty"`
}

// GetAccessToken returns the access token of an account elsewhere of the signed-in user. One that has expired is
// refreshed first.
func (a *Auth) GetAccessToken(ctx context.Context, in AccountTokenInput) (*AccessTokenOutput, error) {
	provider, account, err := a.providerAccount(ctx, in)
	if err != nil {
		return nil, err
	}
	if expires := account.AccessTokenExpiresAt; expires != nil && expires.Before(a.now().Add(5*time.Second)) && account.RefreshToken != nil {
		if err := a.refreshAccount(ctx, provider, account); err != nil {
			return nil, err
		}
	}
	return a.accessToken(account)
}

func (a *Auth) accessToken(account *Account) (*AccessTokenOutput, error) {
	out := &AccessTokenOutput{AccessTokenExpiresAt: account.AccessTokenExpiresAt, Scopes: scopes(account)}
	var err error
	if out.AccessToken, err = a.openToken(account.AccessToken); err != nil {
		return nil, err
	}
	out.IDToken, err = a.openToken(account.IDToken)
	return out, err
}

// scopes returns the scopes of an account.
func scopes(account *Account) []string {
	if account.Scope == nil || *account.Scope == "" {
		return []string{}
	}
	return strings.Split(*account.Scope, ",")
}

// RefreshTokenOutput is the output of RefreshProviderToken.
type RefreshTokenOutput struct {
	AccessToken           string     `json:"accessToken"`
	RefreshToken          string     `json:"refreshToken"`
	AccessTokenExpiresAt  *time.Time `json:"accessTokenExpiresAt"`
	RefreshTokenExpiresAt *time.Time `json:"refreshTokenExpiresAt"`
	Scope                 *string    `json:"scope"`
	IDToken               *string    `json:"idToken"`
	ProviderID            string     `json:"providerId"`
	AccountID             string     `json:"accountId"`
}

// RefreshProviderToken gets new tokens of an account elsewhere of the signed-in user.
func (a *Auth) RefreshProviderToken(ctx context.Context, in AccountTokenInput) (*RefreshTokenOutput, error) {
	provider, account, err := a.providerAccount(ctx, in)
	if err != nil {
		return nil, err
	}
	if account.RefreshToken == nil {
		return nil, ErrNoRefreshToken
	}
	if err := a.refreshAccount(ctx, provider, account); err != nil {
		return nil, err
	}
	out := &RefreshTokenOutput{
		AccessTokenExpiresAt: account.AccessTokenExpiresAt, RefreshTokenExpiresAt: account.RefreshTokenExpiresAt,
		Scope: account.Scope, ProviderID: account.ProviderID, AccountID: account.AccountID,
	}
	if out.AccessToken, err = a.openToken(account.AccessToken); err != nil {
		return nil, err
	}
	if out.RefreshToken, err = a.openToken(account.RefreshToken); err != nil {
		return nil, err
	}
	if account.IDToken != nil {
		idToken, err := a.openToken(account.IDToken)
		if err != nil {
			return nil, err
		}
		out.IDToken = &idToken
	}
	return out, nil
}

// refreshAccount gets new tokens of an account and stores them.
func (a *Auth) refreshAccount(ctx context.Context, provider Provider, account *Account) error {
	refreshToken, err := a.openToken(account.RefreshToken)
	if err != nil {
		return err
	}
	tokens, err := provider.Refresh(ctx, refreshToken)
	if errors.Is(err, ErrProviderRefused) {
		a.log.DebugContext(ctx, "authent: a provider refused a refresh token", "provider", provider.ID(), "error", err)
		return ErrRefreshFailed
	}
	if err != nil {
		return fmt.Errorf("refresh a token of %s: %w", provider.ID(), err)
	}
	return a.storeTokens(ctx, account, tokens)
}

// providerAccount returns an account elsewhere of the signed-in user.
func (a *Auth) providerAccount(ctx context.Context, in AccountTokenInput) (Provider, *Account, error) {
	id, err := a.identity(ctx)
	if err != nil {
		return nil, nil, err
	}
	if id == nil {
		return nil, nil, newError(http.StatusUnauthorized, "", "")
	}
	provider := a.providers[in.ProviderID]
	if provider == nil {
		return nil, nil, newError(http.StatusBadRequest, "PROVIDER_NOT_SUPPORTED", fmt.Sprintf("Provider %s is not supported.", validText(in.ProviderID, 100)))
	}
	where := []Cond{EQ("userId", id.User.ID), EQ("providerId", in.ProviderID)}
	if in.AccountID != "" {
		where = append(where, EQ("accountId", in.AccountID))
	}
	account, err := a.findAccount(ctx, where...)
	if err != nil {
		return nil, nil, err
	}
	if account == nil {
		return nil, nil, ErrNoAccount
	}
	return provider, account, nil
}

// AccountInfoInput is the input of AccountInfo.
type AccountInfoInput struct {
	// AccountID is the id of the account elsewhere.
	AccountID string `json:"accountId,omitempty"`
}

// AccountInfoOutput is the output of AccountInfo.
type AccountInfoOutput struct {
	User AccountUser    `json:"user"`
	Data map[string]any `json:"data"` // The whole profile, as the provider has it.
}

// AccountUser is who has an account elsewhere.
type AccountUser struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Email         string `json:"email"`
	Image         string `json:"image,omitempty"`
	EmailVerified bool   `json:"emailVerified"`
}

// AccountInfo returns the profile of an account elsewhere of the signed-in user, asked of the provider.
func (a *Auth) AccountInfo(ctx context.Context, in AccountInfoInput) (*AccountInfoOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	if in.AccountID == "" {
		return nil, ErrNoAccount
	}
	account, err := a.findAccount(ctx, EQ("userId", id.User.ID), EQ("accountId", in.AccountID), NEQ("providerId", credentialProvider))
	if err != nil {
		return nil, err
	}
	if account == nil {
		return nil, ErrNoAccount
	}
	token, err := a.GetAccessToken(ctx, AccountTokenInput{ProviderID: account.ProviderID, AccountID: account.AccountID})
	if err != nil {
		return nil, err
	}
	profile, err := a.providers[account.ProviderID].Profile(ctx, &ProviderTokens{AccessToken: token.AccessToken}, "")
	if err != nil {
		return nil, fmt.Errorf("the profile of %s: %w", account.ProviderID, err)
	}
	return &AccountInfoOutput{
		User: AccountUser{ID: profile.ID, Name: profile.Name, Email: profile.Email, Image: profile.Image, EmailVerified: profile.EmailVerified},
		Data: profile.Raw,
	}, nil
}
