package authent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Provider is a way to sign in with an account elsewhere. Package social has GitHub, Google, GitLab, Microsoft and
// generic OpenID Connect.
type Provider interface {
	// ID is the name in URLs and in account.providerId, such as "github".
	ID() string
	// AuthorizeURL returns the page of the provider that asks the user.
	AuthorizeURL(ctx context.Context, r AuthorizeRequest) (string, error)
	// Exchange gets the tokens for a code. The error matches ErrProviderRefused if the provider did not accept it.
	Exchange(ctx context.Context, r ExchangeRequest) (*ProviderTokens, error)
	// Profile returns who signed in. With nonce not empty, the id token must have it.
	Profile(ctx context.Context, t *ProviderTokens, nonce string) (*Profile, error)
	// Refresh gets new tokens for a refresh token. The error matches ErrProviderRefused if it is not valid (any more).
	Refresh(ctx context.Context, refreshToken string) (*ProviderTokens, error)
}

// IDTokenVerifier is a Provider whose id tokens can be had by other means than Exchange, such as a library in an app.
type IDTokenVerifier interface {
	// VerifyIDToken returns who an id token is about, if it is for this app. An error matches ErrProviderRefused.
	VerifyIDToken(ctx context.Context, idToken, nonce string) (*Profile, error)
}

// ProviderChecker is a Provider that can tell what is wrong with its own settings before anybody signs in. New asks it.
type ProviderChecker interface {
	// Check returns what is wrong, or nil.
	Check() error
}

// ErrProviderRefused is matched by the errors of a provider that answered with a refusal.
var ErrProviderRefused = errors.New("authent: the provider refused")

// AuthorizeRequest is what a provider's page is asked with.
type AuthorizeRequest struct {
	State       string
	Verifier    string // The PKCE code verifier: its S256 challenge is sent.
	RedirectURI string
	Scopes      []string // Besides those of the provider.
	LoginHint   string
	Nonce       string
}

// ExchangeRequest is what a code is exchanged with.
type ExchangeRequest struct {
	Code        string
	Verifier    string
	RedirectURI string
}

// ProviderTokens are the tokens of an account elsewhere.
type ProviderTokens struct {
	AccessToken      string
	RefreshToken     string
	IDToken          string
	ExpiresAt        time.Time // Zero if it does not expire.
	RefreshExpiresAt time.Time
	Scopes           []string
}

// Profile is who has an account elsewhere.
type Profile struct {
	ID            string
	Email         string
	EmailVerified bool
	Name          string
	Image         string
	// Raw is the whole answer of the provider.
	Raw map[string]any
}

// AccountConfig configures accounts elsewhere.
type AccountConfig struct {
	// EncryptTokens stores the tokens of providers encrypted under the secret. Tokens of either form are read.
	EncryptTokens bool
	// DisableSignUp lets only those sign in with a provider who have an account already.
	DisableSignUp bool
	// DisableLinking never adds an account to a user with the same address by itself. By default it does if both
	// the provider and this service have verified the address.
	DisableLinking bool
	// AllowDifferentEmails lets a signed-in user link an account whose address is another one.
	AllowDifferentEmails bool
}

func (s *service) configureSocial(Store) error {
	s.providers = map[string]Provider{}
	var problems []error
	for i, p := range s.config.Social {
		if c, ok := p.(ProviderChecker); ok {
			if err := c.Check(); err != nil {
				problems = append(problems, fmt.Errorf("  Social: provider %q: %w", p.ID(), err))
			}
		}
		switch {
		case p == nil:
			problems = append(problems, fmt.Errorf("  Social: provider %d is nil", i))
		case p.ID() == "" || p.ID() == credentialProvider || strings.ContainsAny(p.ID(), "/?#% "):
			problems = append(problems, fmt.Errorf("  Social: %q cannot be the id of a provider", p.ID()))
		case s.providers[p.ID()] != nil:
			problems = append(problems, fmt.Errorf("  Social: there are two providers %q", p.ID()))
		default:
			s.providers[p.ID()] = p
		}
	}
	return errors.Join(problems...)
}

// Errors of sign-in with accounts elsewhere.
var (
	ErrProviderNotFound     = newError(http.StatusNotFound, "PROVIDER_NOT_FOUND", "Provider not found")
	ErrIDTokenNotSupported  = newError(http.StatusNotFound, "ID_TOKEN_NOT_SUPPORTED", "id_token not supported")
	ErrInvalidIDToken       = newError(http.StatusUnauthorized, "INVALID_TOKEN", "Invalid token")
	ErrAccountNotLinked     = newError(http.StatusUnauthorized, "ACCOUNT_NOT_LINKED", "Account not linked")
	ErrLinkingNotAllowed    = newError(http.StatusUnauthorized, "LINKING_NOT_ALLOWED", "Account not linked - linking not allowed")
	ErrLinkingOtherEmail    = newError(http.StatusUnauthorized, "LINKING_DIFFERENT_EMAILS_NOT_ALLOWED", "Account not linked - different emails not allowed")
	ErrLinkingFailed        = newError(http.StatusExpectationFailed, "LINKING_FAILED", "Account not linked - unable to create account")
	ErrSocialSignUpDisabled = newError(http.StatusUnauthorized, "SIGNUP_DISABLED", "Sign up is disabled")
	ErrProviderEmail        = newError(http.StatusUnauthorized, "USER_EMAIL_NOT_FOUND", "User email not found")
	ErrNoAccount            = newError(http.StatusBadRequest, "ACCOUNT_NOT_FOUND", "Account not found")
	ErrNoRefreshToken       = newError(http.StatusBadRequest, "REFRESH_TOKEN_NOT_FOUND", "Refresh token not found")
	ErrRefreshFailed        = newError(http.StatusBadRequest, "FAILED_TO_REFRESH_ACCESS_TOKEN", "Failed to refresh access token")
)

// socialEndpoints are the endpoints of accounts elsewhere.
func socialEndpoints() []Endpoint {
	return []Endpoint{
		post("/sign-in/social", "signInSocial", "Starts the sign-in with an account elsewhere.", (*Auth).SignInSocial),
		post("/link-social", "linkSocialAccount", "Starts the linking of an account elsewhere to the user.", (*Auth).LinkSocial),
		get("/callback/:id", "callbackOAuth", "Where a provider sends the browser back to.", (*Auth).OAuthCallback),
		post("/callback/:id", "callbackOAuthPost", "Sends the browser on to the same path with GET.", (*Auth).OAuthCallbackPost).orForm(),
		post("/get-access-token", "getAccessToken", "Returns the access token of an account elsewhere, refreshed if it has expired.", (*Auth).GetAccessToken),
		post("/refresh-token", "refreshToken", "Refreshes the tokens of an account elsewhere.", (*Auth).RefreshProviderToken),
		get("/account-info", "accountInfo", "Returns the profile of an account elsewhere.", (*Auth).AccountInfo),
	}
}
