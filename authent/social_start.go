package authent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/agentuity/auth-go/internal/signed"
)

// SignInSocialInput is the input of SignInSocial.
type SignInSocialInput struct {
	Provider           string `json:"provider" check:"union"`
	CallbackURL        string `json:"callbackURL,omitempty"`        // Where to go afterwards. Defaults to BaseURL.
	NewUserCallbackURL string `json:"newUserCallbackURL,omitempty"` // Where new users go instead.
	ErrorCallbackURL   string `json:"errorCallbackURL,omitempty"`   // Where to go with ?error=. Defaults to the error page.
	// DisableRedirect leaves it to the client to open the URL.
	DisableRedirect bool     `json:"disableRedirect,omitempty"`
	Scopes          []string `json:"scopes,omitempty" check:"list"`
	// RequestSignUp is accepted for the sake of clients.
	RequestSignUp bool   `json:"requestSignUp,omitempty"`
	LoginHint     string `json:"loginHint,omitempty"`
	// IDToken signs in at once with a token that an app has got from the provider by itself.
	IDToken *IDTokenInput `json:"idToken"`

	_ map[string]any `unused:"additionalData"`
}

// IDTokenInput is a token of a provider that an app has got by itself.
type IDTokenInput struct {
	Token        string `json:"token"`
	Nonce        string `json:"nonce,omitempty"`
	AccessToken  string `json:"accessToken,omitempty"`
	RefreshToken string `json:"refreshToken,omitempty"`

	_ float64 `unused:"expiresAt"`
}

// SignInSocialOutput is the output of SignInSocial.
type SignInSocialOutput struct {
	// URL is the page of the provider; empty with an id token.
	URL      string `json:"url,omitempty"`
	Redirect bool   `json:"redirect"`
	// Token and User are those of a sign-in with an id token.
	Token string `json:"token,omitempty"`
	User  *User  `json:"user,omitempty"`
}

// SignInSocial starts the sign-in with an account elsewhere: the browser is to open the URL.
func (a *Auth) SignInSocial(ctx context.Context, in SignInSocialInput) (*SignInSocialOutput, error) {
	provider := a.providers[in.Provider]
	if provider == nil {
		return nil, ErrProviderNotFound
	}
	if in.IDToken != nil {
		return a.signInIDToken(ctx, provider, in.IDToken)
	}
	return a.startOAuth(ctx, provider, in, nil)
}

// LinkSocialInput is the input of LinkSocial.
type LinkSocialInput struct {
	Provider         string   `json:"provider" check:"union"`
	CallbackURL      string   `json:"callbackURL,omitempty"`
	ErrorCallbackURL string   `json:"errorCallbackURL,omitempty"`
	DisableRedirect  bool     `json:"disableRedirect,omitempty"`
	Scopes           []string `json:"scopes,omitempty" check:"list"`
	RequestSignUp    bool     `json:"requestSignUp,omitempty"` // Accepted for the sake of clients.
	// IDToken links at once, with a token that an app has got from the provider by itself.
	IDToken *IDTokenInput `json:"idToken"`

	_ map[string]any `unused:"additionalData"`
}

// LinkSocialOutput is the output of LinkSocial.
type LinkSocialOutput struct {
	// URL is the page of the provider; empty with an id token.
	URL string `json:"url"`
	// Status tells that the account is linked, by an id token.
	Status   bool `json:"status,omitempty"`
	Redirect bool `json:"redirect"`
}

// LinkSocial starts the linking of an account elsewhere to the signed-in user: the browser is to open the URL. The
// provider must have verified the account's address, which must be that of the user unless Account.AllowDifferentEmails
// is set.
func (a *Auth) LinkSocial(ctx context.Context, in LinkSocialInput) (*LinkSocialOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	provider := a.providers[in.Provider]
	if provider == nil {
		return nil, ErrProviderNotFound
	}
	link := oauthLink{Email: id.User.Email, UserID: id.User.ID}
	if in.IDToken != nil {
		return a.linkIDToken(ctx, link, provider, in.IDToken)
	}
	out, err := a.startOAuth(ctx, provider, SignInSocialInput{
		CallbackURL: in.CallbackURL, ErrorCallbackURL: in.ErrorCallbackURL, DisableRedirect: in.DisableRedirect, Scopes: in.Scopes,
	}, &link)
	if err != nil {
		return nil, err
	}
	return &LinkSocialOutput{URL: out.URL, Redirect: out.Redirect}, nil
}

// oauthState is what a browser that goes to a provider comes back for: the value of a verification row, read and
// written by the TypeScript side too.
type oauthState struct {
	CallbackURL   string     `json:"callbackURL"`
	CodeVerifier  string     `json:"codeVerifier"`
	ErrorURL      string     `json:"errorURL,omitempty"`
	NewUserURL    string     `json:"newUserURL,omitempty"`
	Link          *oauthLink `json:"link,omitempty"`
	ExpiresAt     int64      `json:"expiresAt"` // Milliseconds.
	RequestSignUp bool       `json:"requestSignUp,omitempty"`
	// Provider and Nonce bind the state to one provider and its id token. Rows of the TypeScript side do not have them.
	Provider string `json:"provider,omitempty"`
	Nonce    string `json:"nonce,omitempty"`
}

// oauthLink is the user that an account is to be linked to.
type oauthLink struct {
	Email  string `json:"email"`
	UserID string `json:"userId"`
}

const (
	stateCookie         = "state"
	stateCookieLifetime = 5 * time.Minute
	stateLifetime       = 10 * time.Minute
)

// startOAuth stores the state and returns the provider's page.
func (a *Auth) startOAuth(ctx context.Context, provider Provider, in SignInSocialInput, link *oauthLink) (*SignInSocialOutput, error) {
	var random [3]string
	for i, generate := range []func() (string, error){a.tokens.State, a.tokens.Verifier, a.tokens.State} {
		var err error
		if random[i], err = generate(); err != nil {
			return nil, err
		}
	}
	state, verifier, nonce := random[0], random[1], random[2]
	callback := in.CallbackURL
	if callback == "" {
		callback = a.baseURL
	}
	value, err := json.Marshal(oauthState{
		CallbackURL: callback, CodeVerifier: verifier, ErrorURL: in.ErrorCallbackURL, NewUserURL: in.NewUserCallbackURL, Link: link,
		ExpiresAt: a.now().Add(stateLifetime).UnixMilli(), RequestSignUp: in.RequestSignUp, Provider: provider.ID(), Nonce: nonce,
	})
	if err != nil {
		return nil, err
	}
	url, err := provider.AuthorizeURL(ctx, AuthorizeRequest{
		State: state, Verifier: verifier, RedirectURI: a.callbackURL(provider), Scopes: in.Scopes, LoginHint: in.LoginHint, Nonce: nonce,
	})
	if err != nil {
		return nil, fmt.Errorf("the page of %s: %w", provider.ID(), err)
	}
	if err := a.createVerification(ctx, state, string(value), stateLifetime); err != nil {
		return nil, fmt.Errorf("store the state of a sign-in: %w", err)
	}
	c := callOf(ctx)
	a.setCookie(c, signed.Cookie{Name: stateCookie, Value: a.signer.SignCookie(state), MaxAge: stateCookieLifetime})
	if !in.DisableRedirect {
		c.set("Location", url)
	}
	return &SignInSocialOutput{URL: url, Redirect: !in.DisableRedirect}, nil
}

// callbackURL returns where a provider sends the browser back to.
func (a *Auth) callbackURL(provider Provider) string { return a.url("/callback/" + provider.ID()) }

// signInIDToken signs in with an id token that an app has got by itself.
func (a *Auth) signInIDToken(ctx context.Context, provider Provider, in *IDTokenInput) (*SignInSocialOutput, error) {
	profile, err := profileOfIDToken(ctx, provider, in)
	if err != nil {
		return nil, err
	}
	user, session, _, err := a.signInProfile(ctx, provider, profile, in.tokens())
	if err != nil {
		return nil, err
	}
	a.setSessionCookies(ctx, session, user, true)
	return &SignInSocialOutput{Token: session.Token, User: user}, nil
}

// linkIDToken links the account of an id token that an app has got by itself.
func (a *Auth) linkIDToken(ctx context.Context, link oauthLink, provider Provider, in *IDTokenInput) (*LinkSocialOutput, error) {
	profile, err := profileOfIDToken(ctx, provider, in)
	if err != nil {
		return nil, err
	}
	problem, err := a.linkProfile(ctx, link, provider, profile, in.tokens())
	switch {
	case err != nil:
		return nil, err
	case problem == linkUnverified:
		return nil, ErrLinkingNotAllowed
	case problem == linkOtherEmail:
		return nil, ErrLinkingOtherEmail
	case problem != "":
		return nil, ErrLinkingFailed
	}
	return &LinkSocialOutput{Status: true}, nil
}

// profileOfIDToken returns who an id token is about.
func profileOfIDToken(ctx context.Context, provider Provider, in *IDTokenInput) (*Profile, error) {
	verifier, ok := provider.(IDTokenVerifier)
	if !ok {
		return nil, ErrIDTokenNotSupported
	}
	profile, err := verifier.VerifyIDToken(ctx, in.Token, in.Nonce)
	if errors.Is(err, ErrProviderRefused) {
		return nil, ErrInvalidIDToken
	}
	if err != nil {
		return nil, fmt.Errorf("check an id token of %s: %w", provider.ID(), err)
	}
	return profile, nil
}

func (in *IDTokenInput) tokens() *ProviderTokens {
	return &ProviderTokens{AccessToken: in.AccessToken, RefreshToken: in.RefreshToken, IDToken: in.Token}
}
