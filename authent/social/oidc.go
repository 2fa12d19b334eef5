package social

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/agentuity/auth-go/authent"
)

// openID is a provider that speaks OpenID Connect. Its endpoints are found by discovery at the first use.
type openID struct {
	client
	issuer string
	// endpoints are those of a provider that needs no discovery.
	endpoints *oidc.ProviderConfig
	// acceptIssuer tells whether the issuer of a token is right, for a provider with one for each tenant.
	acceptIssuer func(issuer string, claims map[string]any) bool
	// discovery is the issuer that the discovery document names, if it is not the one it is at.
	discovery string
	// trusted tells whether a missing email_verified means that the provider has verified the address.
	trusted func(claims map[string]any) bool

	mu       sync.Mutex
	provider *oidc.Provider
}

// OIDC returns a provider of OpenID Connect with an id of one's own choice, at an issuer such as
// https://login.example.com. Its scopes are openid, email and profile.
func OIDC(id string, c Credentials, issuer string) authent.Provider {
	return newOpenID(id, c, issuer)
}

// Google returns the provider "google".
func Google(c Credentials) authent.Provider {
	p := newOpenID("google", c, "https://accounts.google.com")
	p.confidential = true
	// As in its discovery document, so that a sign-in starts without asking for that.
	p.endpoints = &oidc.ProviderConfig{
		IssuerURL:   p.issuer,
		AuthURL:     "https://accounts.google.com/o/oauth2/v2/auth",
		TokenURL:    "https://oauth2.googleapis.com/token",
		UserInfoURL: "https://openidconnect.googleapis.com/v1/userinfo",
		JWKSURL:     "https://www.googleapis.com/oauth2/v3/certs",
		Algorithms:  []string{oidc.RS256},
	}
	return p
}

// Microsoft returns the provider "microsoft" for a tenant: the id of one, or "common", "organizations" or "consumers".
// An empty one is "common". With these three, anybody's tenant issues tokens, so that an address counts as verified only if the
// token says that its domain's owner was verified (xms_edov).
func Microsoft(c Credentials, tenant string) authent.Provider {
	tenant = firstOf(tenant, "common")
	const login = "https://login.microsoftonline.com/"
	p := newOpenID("microsoft", c, login+tenant+"/v2.0")
	p.trusted = func(claims map[string]any) bool { return claims["xms_edov"] == true || claims["xms_edov"] == "1" }
	if tenant == "common" || tenant == "organizations" || tenant == "consumers" {
		p.discovery = login + "{tenantid}/v2.0"
		p.acceptIssuer = func(issuer string, claims map[string]any) bool {
			id, ok := claims["tid"].(string)
			return ok && id != "" && issuer == login+id+"/v2.0"
		}
	}
	return p
}

func newOpenID(id string, c Credentials, issuer string) *openID {
	p := &openID{issuer: strings.TrimSuffix(issuer, "/")}
	p.client = newClient(id, c, p.config.Endpoint, oidc.ScopeOpenID, "email", "profile")
	return p
}

// Check implements authent.ProviderChecker.
func (p *openID) Check() error {
	return p.checkWith(p.issuer)
}

// discover returns the provider with the endpoints that it names. A failure is not kept: the next use tries again.
func (p *openID) discover(ctx context.Context) (*oidc.Provider, client, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.provider == nil {
		// The keys are fetched later too, in the context of the discovery: it must not end with a request.
		provider, err := p.find(oidc.ClientContext(context.WithoutCancel(ctx), p.http))
		if err != nil {
			return nil, client{}, fmt.Errorf("the discovery of %s: %w", p.issuer, err)
		}
		p.provider = provider
	}
	c := p.client
	c.config.Endpoint = p.provider.Endpoint()
	return p.provider, c, nil
}

// find returns the provider by its known endpoints, or those that it names.
func (p *openID) find(ctx context.Context) (*oidc.Provider, error) {
	if p.endpoints != nil {
		return p.endpoints.NewProvider(ctx), nil
	}
	if p.discovery != "" {
		ctx = oidc.InsecureIssuerURLContext(ctx, p.discovery) // The issuer of each token is checked instead.
	}
	return oidc.NewProvider(ctx, p.issuer)
}

// AuthorizeURL implements authent.Provider.
func (p *openID) AuthorizeURL(ctx context.Context, r authent.AuthorizeRequest) (string, error) {
	_, c, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	return c.authorizeURL(r, "nonce", r.Nonce), nil
}

// Exchange implements authent.Provider.
func (p *openID) Exchange(ctx context.Context, r authent.ExchangeRequest) (*authent.ProviderTokens, error) {
	_, c, err := p.discover(ctx)
	if err != nil {
		return nil, err
	}
	return c.Exchange(ctx, r)
}

// Refresh implements authent.Provider.
func (p *openID) Refresh(ctx context.Context, refreshToken string) (*authent.ProviderTokens, error) {
	_, c, err := p.discover(ctx)
	if err != nil {
		return nil, err
	}
	return c.Refresh(ctx, refreshToken)
}

// Profile implements authent.Provider: the claims of the id token, or the answer of the userinfo endpoint without one.
func (p *openID) Profile(ctx context.Context, t *authent.ProviderTokens, nonce string) (*authent.Profile, error) {
	if t.IDToken != "" {
		return p.VerifyIDToken(ctx, t.IDToken, nonce)
	}
	if nonce != "" {
		return nil, fmt.Errorf("%w: there is no id token", authent.ErrProviderRefused)
	}
	provider, c, err := p.discover(ctx)
	if err != nil {
		return nil, err
	}
	var raw map[string]any
	if err := c.get(ctx, provider.UserInfoEndpoint(), t.AccessToken, &raw); err != nil {
		return nil, err
	}
	return p.profile(raw), nil
}

// VerifyIDToken implements authent.IDTokenVerifier: signature, issuer, audience, time and nonce are checked.
func (p *openID) VerifyIDToken(ctx context.Context, idToken, nonce string) (*authent.Profile, error) {
	provider, _, err := p.discover(ctx)
	if err != nil {
		return nil, err
	}
	verifier := provider.Verifier(&oidc.Config{ClientID: p.config.ClientID, SkipIssuerCheck: p.acceptIssuer != nil})
	token, err := verifier.Verify(oidc.ClientContext(ctx, p.http), idToken)
	if err != nil {
		if ctx.Err() != nil || strings.Contains(err.Error(), "fetching keys") {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", authent.ErrProviderRefused, err)
	}
	if nonce != "" && token.Nonce != nonce {
		return nil, fmt.Errorf("%w: the id token has another nonce", authent.ErrProviderRefused)
	}
	var raw map[string]any
	if err := token.Claims(&raw); err != nil {
		return nil, errors.Join(authent.ErrProviderRefused, err)
	}
	if p.acceptIssuer != nil && !p.acceptIssuer(token.Issuer, raw) {
		return nil, fmt.Errorf("%w: the id token has another issuer", authent.ErrProviderRefused)
	}
	return p.profile(raw), nil
}

func (p *openID) profile(raw map[string]any) *authent.Profile {
	verified := raw["email_verified"] == true || raw["email_verified"] == "true"
	if p.trusted != nil {
		verified = p.trusted(raw)
	}
	email := text(raw, "email")
	return &authent.Profile{
		ID: text(raw, "sub"), Email: email, EmailVerified: verified && email != "",
		Name: firstOf(text(raw, "name"), text(raw, "preferred_username")), Image: text(raw, "picture"), Raw: raw,
	}
}
