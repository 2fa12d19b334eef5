package authent

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/agentuity/auth-go/internal/signed"
)

// OAuthCallbackInput is the input of OAuthCallback.
type OAuthCallbackInput struct {
	ProviderID       string `json:"id" in:"path"`
	Code             string `json:"code,omitempty"`
	Error            string `json:"error,omitempty"`
	ErrorDescription string `json:"error_description,omitempty"`
	State            string `json:"state,omitempty"`

	_ string `unused:"device_id"`
	_ string `unused:"user"`
}

// OAuthCallbackPostInput is the input of OAuthCallbackPost. What is nil is not passed on.
type OAuthCallbackPostInput struct {
	ProviderID       string  `json:"id" in:"path"`
	Code             *string `json:"code" in:"body,query"`
	Error            *string `json:"error" in:"body,query"`
	DeviceID         *string `json:"device_id" in:"body,query"`
	ErrorDescription *string `json:"error_description" in:"body,query"`
	State            *string `json:"state" in:"body,query"`
	User             *string `json:"user" in:"body,query"` // A profile as JSON, of some providers.
}

// Redirect is an output that sends the browser to a URL.
type Redirect struct {
	URL string `json:"url"`
}

func (r *Redirect) redirectTo() string { return r.URL }

// OAuthCallbackPost sends the browser that a provider made send a form on to OAuthCallback, with its cookies.
func (a *Auth) OAuthCallbackPost(_ context.Context, in OAuthCallbackPostInput) (*Redirect, error) {
	var query []string
	for _, p := range []struct {
		name  string
		value *string
	}{
		{"code", in.Code}, {"error", in.Error}, {"device_id", in.DeviceID},
		{"error_description", in.ErrorDescription}, {"state", in.State}, {"user", in.User},
	} {
		if p.value != nil {
			query = append(query, p.name+"="+url.QueryEscape(*p.value))
		}
	}
	return &Redirect{URL: a.url("/callback/"+url.PathEscape(in.ProviderID)) + "?" + strings.Join(query, "&")}, nil
}

// OAuthCallback ends a sign-in or a linking with an account elsewhere. Its state works once, in the browser that started,
// for the provider that it was started with.
func (a *Auth) OAuthCallback(ctx context.Context, in OAuthCallbackInput) (*Redirect, error) {
	if in.State == "" {
		return a.oauthError("", "state_not_found", ""), nil
	}
	state, problem, err := a.takeState(ctx, in.State)
	if err != nil {
		return nil, err
	}
	if problem != "" {
		return a.oauthError("", problem, ""), nil
	}
	c := callOf(ctx)
	a.setCookie(c, signed.Cookie{Name: stateCookie, MaxAge: -1})
	provider := a.providers[in.ProviderID]
	switch {
	case provider == nil, state.Provider != "" && state.Provider != in.ProviderID:
		return a.oauthError(state.ErrorURL, "oauth_provider_not_found", ""), nil
	case in.Error != "":
		return a.oauthError(state.ErrorURL, in.Error, in.ErrorDescription), nil
	case in.Code == "":
		return a.oauthError(state.ErrorURL, "no_code", ""), nil
	}
	tokens, err := provider.Exchange(ctx, ExchangeRequest{Code: in.Code, Verifier: state.CodeVerifier, RedirectURI: a.callbackURL(provider)})
	if err != nil {
		return a.oauthFailure(ctx, state, "invalid_code", fmt.Errorf("exchange a code with %s: %w", provider.ID(), err)), nil
	}
	profile, err := provider.Profile(ctx, tokens, state.Nonce)
	if err != nil {
		return a.oauthFailure(ctx, state, "unable_to_get_user_info", fmt.Errorf("the profile of %s: %w", provider.ID(), err)), nil
	}
	if state.Link != nil {
		return a.finishLink(ctx, state, provider, profile, tokens)
	}
	user, session, created, err := a.signInProfile(ctx, provider, profile, tokens)
	if problem := oauthProblem(err); problem != "" {
		return a.oauthError(state.ErrorURL, problem, ""), nil
	}
	if err != nil {
		return nil, err
	}
	a.setSessionCookies(ctx, session, user, true)
	if created && state.NewUserURL != "" {
		return &Redirect{URL: state.NewUserURL}, nil
	}
	return &Redirect{URL: state.CallbackURL}, nil
}

// takeState returns what a state stands for, and uses it up. problem is why it may not be used.
func (a *Auth) takeState(ctx context.Context, name string) (state *oauthState, problem string, err error) {
	now := a.now()
	rows, err := a.store.Verifications().Find(ctx, Query{Where: []Cond{EQ("identifier", name)}, Limit: 1})
	if err != nil {
		return nil, "", fmt.Errorf("find the state of a sign-in: %w", err)
	}
	// A row of another purpose is no state: its value is not such an object.
	state = &oauthState{}
	if len(rows) == 0 || !readJSON([]byte(rows[0].Value), state) || state.CodeVerifier == "" || state.CallbackURL == "" {
		return nil, "please_restart_the_process", nil
	}
	c := callOf(ctx)
	value, _ := a.cookie(c, stateCookie)
	if browser, ok := a.signer.Verify(value); !ok || browser != name {
		return nil, "state_mismatch", nil
	}
	n, err := a.store.Verifications().Delete(ctx, EQ("id", rows[0].ID))
	if err != nil {
		return nil, "", fmt.Errorf("use up the state of a sign-in: %w", err)
	}
	if n == 0 || !rows[0].ExpiresAt.After(now) || state.ExpiresAt < now.UnixMilli() {
		return nil, "please_restart_the_process", nil
	}
	return state, "", nil
}

// oauthError sends the browser to a URL with an error, or to the error page.
func (a *Auth) oauthError(target, code, description string) *Redirect {
	if target == "" {
		target = a.url("/error")
	}
	target = withParam(target, "error", code)
	if description != "" {
		target = withParam(target, "error_description", description)
	}
	return &Redirect{URL: target}
}

// oauthFailure is oauthError for an error of a provider: what is no refusal is logged.
func (a *Auth) oauthFailure(ctx context.Context, state *oauthState, code string, err error) *Redirect {
	if errors.Is(err, ErrProviderRefused) {
		a.log.DebugContext(ctx, "authent: a sign-in was refused", "error", err)
	} else {
		a.log.ErrorContext(ctx, "authent: a provider failed", "error", err)
		code = "internal_server_error"
	}
	return a.oauthError(state.ErrorURL, code, "")
}

// oauthProblem returns the code of an error for a browser that is sent on; "" for other errors.
func oauthProblem(err error) string {
	switch {
	case errors.Is(err, ErrAccountNotLinked):
		return "account_not_linked"
	case errors.Is(err, ErrSocialSignUpDisabled):
		return "signup_disabled"
	case errors.Is(err, ErrProviderEmail):
		return "email_not_found"
	}
	return ""
}
