package social

import (
	"context"
	"strings"

	"golang.org/x/oauth2"

	"github.com/agentuity/auth-go/authent"
)

// github is GitHub, which speaks OAuth 2 with a profile of its own.
type github struct {
	client
	api string
}

// GitHub returns the provider "github". Its scopes are read:user and user:email.
func GitHub(c Credentials) authent.Provider {
	return gitHubAt(c, "https://github.com", "https://api.github.com")
}

// GitHubEnterprise returns the provider "github" on a server of one's own, such as https://github.example.com.
func GitHubEnterprise(c Credentials, server string) authent.Provider {
	server = strings.TrimSuffix(server, "/")
	return gitHubAt(c, server, server+"/api/v3")
}

func gitHubAt(c Credentials, server, api string) authent.Provider {
	g := &github{api: api, client: newClient("github", c, oauth2.Endpoint{
		AuthURL: server + "/login/oauth/authorize", TokenURL: server + "/login/oauth/access_token", AuthStyle: oauth2.AuthStyleInParams,
	}, "read:user", "user:email")}
	g.confidential = true
	return g
}

// AuthorizeURL implements authent.Provider.
func (g *github) AuthorizeURL(_ context.Context, r authent.AuthorizeRequest) (string, error) {
	return g.authorizeURL(r), nil
}

// Profile implements authent.Provider. The address is the primary one, and verified only if GitHub says so.
func (g *github) Profile(ctx context.Context, t *authent.ProviderTokens, _ string) (*authent.Profile, error) {
	var raw map[string]any
	if err := g.get(ctx, g.api+"/user", t.AccessToken, &raw); err != nil {
		return nil, err
	}
	var emails []struct {
		Email    string `json:"email"`
		Primary  bool   `json:"primary"`
		Verified bool   `json:"verified"`
	}
	if err := g.get(ctx, g.api+"/user/emails", t.AccessToken, &emails); err != nil {
		return nil, err
	}
	p := &authent.Profile{ID: text(raw, "id"), Name: firstOf(text(raw, "name"), text(raw, "login")), Image: text(raw, "avatar_url"), Email: text(raw, "email"), Raw: raw}
	for _, e := range emails {
		if p.Email == "" && e.Primary {
			p.Email = e.Email
		}
	}
	for _, e := range emails {
		p.EmailVerified = p.EmailVerified || e.Verified && strings.EqualFold(e.Email, p.Email)
	}
	return p, nil
}
