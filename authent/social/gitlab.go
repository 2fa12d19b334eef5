package social

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/oauth2"

	"github.com/agentuity/auth-go/authent"
)

// gitlab is GitLab, by its API and without discovery.
type gitlab struct {
	client
	issuer string
}

// GitLab returns the provider "gitlab" at an issuer such as https://gitlab.example.com; an empty one is
// https://gitlab.com. Its scope is read_user.
func GitLab(c Credentials, issuer string) authent.Provider {
	issuer = strings.TrimSuffix(firstOf(issuer, "https://gitlab.com"), "/")
	return &gitlab{issuer: issuer, client: newClient("gitlab", c, oauth2.Endpoint{
		AuthURL: issuer + "/oauth/authorize", TokenURL: issuer + "/oauth/token", AuthStyle: oauth2.AuthStyleInParams,
	}, "read_user")}
}

// Check implements authent.ProviderChecker.
func (g *gitlab) Check() error {
	return g.checkWith(g.issuer)
}

// AuthorizeURL implements authent.Provider.
func (g *gitlab) AuthorizeURL(_ context.Context, r authent.AuthorizeRequest) (string, error) {
	return g.authorizeURL(r), nil
}

// Profile implements authent.Provider. Users who are blocked or locked are refused. The address is verified if GitLab
// says so.
func (g *gitlab) Profile(ctx context.Context, t *authent.ProviderTokens, _ string) (*authent.Profile, error) {
	var raw map[string]any
	if err := g.get(ctx, g.issuer+"/api/v4/user", t.AccessToken, &raw); err != nil {
		return nil, err
	}
	if state := text(raw, "state"); state != "" && state != "active" || raw["locked"] == true {
		return nil, fmt.Errorf("%w: the user is not active", authent.ErrProviderRefused)
	}
	verified := raw["email_verified"] == true || text(raw, "confirmed_at") != ""
	return &authent.Profile{
		ID: text(raw, "id"), Name: firstOf(text(raw, "name"), text(raw, "username")), Email: text(raw, "email"), EmailVerified: verified,
		Image: text(raw, "avatar_url"), Raw: raw,
	}, nil
}
