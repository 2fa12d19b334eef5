// Package social has the providers that users sign in with: GitHub, GitLab, Google, Microsoft and every other one that
// speaks OpenID Connect.
//
//	authent.Config{Social: []authent.Provider{
//		social.GitHub(social.Credentials{ClientID: id, ClientSecret: secret}),
//	}}
//
// The page of the app to register with a provider is BaseURL + BasePath + "/callback/" + the provider's id, for instance
// https://app.example.com/api/auth/callback/github.
package social

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/agentuity/auth-go/authent"
)

// Credentials are those of the app at a provider.
type Credentials struct {
	ClientID string
	// ClientSecret is required by GitHub and Google. Elsewhere an app may be a public client, without one.
	ClientSecret string
	// Scopes are asked for besides those that sign-in needs.
	Scopes []string
	// Client makes the requests to the provider. Defaults to one with a timeout of ten seconds.
	Client *http.Client
}

// timeout of a request to a provider.
const timeout = 10 * time.Second

// maxAnswer is how much of a provider's answer is read, in bytes.
const maxAnswer = 1 << 20

// client is what all providers have in common: the OAuth 2 protocol.
type client struct {
	id     string
	config oauth2.Config
	http   *http.Client
	// confidential says that the provider knows no public clients: nobody signs in without a secret.
	confidential bool
}

func newClient(id string, c Credentials, endpoint oauth2.Endpoint, scopes ...string) client {
	httpClient := c.Client
	if httpClient == nil {
		httpClient = &http.Client{Timeout: timeout}
	}
	return client{
		id:   id,
		http: httpClient,
		config: oauth2.Config{
			ClientID: c.ClientID, ClientSecret: c.ClientSecret, Endpoint: endpoint, Scopes: append(scopes, c.Scopes...),
		},
	}
}

// Check implements authent.ProviderChecker. An environment variable that is not set leaves a credential empty.
func (c client) Check() error {
	switch {
	case c.config.ClientID == "":
		return errors.New("there is no ClientID: set it, or leave the provider out")
	case c.config.ClientSecret == "" && c.confidential:
		return errors.New("there is no ClientSecret: set it, or leave the provider out")
	}
	return nil
}

// checkWith is Check for a provider with an issuer, too. One without https:// would lead a browser to a page of the app.
func (c client) checkWith(issuer string) error {
	if err := c.Check(); err != nil {
		return err
	}
	if u, err := url.Parse(issuer); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("the issuer %q is no URL of a site: it is written like https://login.example.com", issuer)
	}
	return nil
}

// ID returns the id of the provider.
func (c client) ID() string { return c.id }

// authorizeURL returns the page that asks the user, with the parameters in the order that the TypeScript side has.
func (c client) authorizeURL(r authent.AuthorizeRequest, more ...string) string {
	params := []string{
		"response_type", "code",
		"client_id", c.config.ClientID,
		"state", r.State,
		"scope", strings.Join(append(append([]string(nil), c.config.Scopes...), r.Scopes...), " "),
		"redirect_uri", r.RedirectURI,
	}
	if r.LoginHint != "" {
		params = append(params, "login_hint", r.LoginHint)
	}
	params = append(params, "code_challenge_method", "S256", "code_challenge", oauth2.S256ChallengeFromVerifier(r.Verifier))
	params = append(params, more...)
	var b strings.Builder
	b.WriteString(c.config.Endpoint.AuthURL)
	separator := "?"
	if strings.Contains(c.config.Endpoint.AuthURL, "?") {
		separator = "&"
	}
	for i := 0; i < len(params); i += 2 {
		b.WriteString(separator + params[i] + "=" + url.QueryEscape(params[i+1]))
		separator = "&"
	}
	return b.String()
}

// Exchange gets the tokens for a code.
func (c client) Exchange(ctx context.Context, r authent.ExchangeRequest) (*authent.ProviderTokens, error) {
	config := c.config
	config.RedirectURL = r.RedirectURI
	token, err := config.Exchange(c.context(ctx), r.Code, oauth2.VerifierOption(r.Verifier))
	if err != nil {
		return nil, refusal(err)
	}
	return c.tokens(token), nil
}

// Refresh gets new tokens for a refresh token.
func (c client) Refresh(ctx context.Context, refreshToken string) (*authent.ProviderTokens, error) {
	token, err := c.config.TokenSource(c.context(ctx), &oauth2.Token{RefreshToken: refreshToken}).Token()
	if err != nil {
		return nil, refusal(err)
	}
	return c.tokens(token), nil
}

func (c client) context(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, c.http)
}

func (c client) tokens(t *oauth2.Token) *authent.ProviderTokens {
	tokens := &authent.ProviderTokens{AccessToken: t.AccessToken, RefreshToken: t.RefreshToken, ExpiresAt: t.Expiry, Scopes: c.config.Scopes}
	if scope, ok := t.Extra("scope").(string); ok && scope != "" {
		tokens.Scopes = strings.FieldsFunc(scope, func(r rune) bool { return r == ' ' || r == ',' })
	}
	if idToken, ok := t.Extra("id_token").(string); ok {
		tokens.IDToken = idToken
	}
	return tokens
}

// refusal makes the error of an answer of the provider match authent.ErrProviderRefused. An answer with a status of
// 5xx is a failure, not a refusal.
func refusal(err error) error {
	var answer *oauth2.RetrieveError
	if errors.As(err, &answer) && (answer.Response == nil || answer.Response.StatusCode < 500) {
		// The answer may quote what was sent: only its code is kept.
		return fmt.Errorf("%w: %s", authent.ErrProviderRefused, firstOf(answer.ErrorCode, "no code"))
	}
	return err
}

// get reads JSON from the provider with an access token.
func (c client) get(ctx context.Context, target, accessToken string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+accessToken)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "authent")
	answer, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	switch {
	case answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests:
		return fmt.Errorf("%s answered %s", target, answer.Status)
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("%w: %s answered %s", authent.ErrProviderRefused, target, answer.Status)
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxAnswer)).Decode(into); err != nil {
		return fmt.Errorf("%s: %w", target, err)
	}
	return nil
}

// text returns a member of a profile as text: ids are numbers at some providers.
func text(raw map[string]any, name string) string {
	switch v := raw[name].(type) {
	case string:
		return v
	case float64:
		return fmt.Sprintf("%.0f", v)
	case json.Number:
		return v.String()
	}
	return ""
}

// firstOf returns the first text that is not empty.
func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
