package social_test

import (
	"context"
	"fmt"
	"log"
	"net/url"
	"os"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/authent/social"
	"github.com/agentuity/auth-go/ent"
)

// The credentials are those of an application that is registered with the provider, with the redirect URI
// https://app.example.com/api/auth/callback/github.
func Example() {
	ctx := context.Background()
	auth, client, err := ent.OpenAuth(ctx, os.Getenv("DATABASE_URL"), authent.Config{
		Secret:  "examples-have-a-secret-0123456789abcdef",
		BaseURL: "https://app.example.com",
		Social: []authent.Provider{
			social.GitHub(social.Credentials{ClientID: "the-id", ClientSecret: "the-secret"}),
			social.Google(social.Credentials{ClientID: "the-id", ClientSecret: "the-secret"}),
			social.OIDC("okta", social.Credentials{ClientID: "the-id", ClientSecret: "the-secret"}, "https://example.okta.com"),
		},
	}, authent.CreateTables())
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	// What the JavaScript client does with signIn.social({provider: "github"}): the browser opens the URL.
	out, err := auth.SignInSocial(ctx, authent.SignInSocialInput{Provider: "github", CallbackURL: "/dashboard"})
	if err != nil {
		log.Fatal(err)
	}
	u, err := url.Parse(out.URL)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(u.Host, u.Query().Get("scope"))
	fmt.Println(u.Query().Get("redirect_uri"))
	// Output:
	// github.com read:user user:email
	// https://app.example.com/api/auth/callback/github
}

// A server of one's own.
func ExampleGitLab() {
	provider := social.GitLab(social.Credentials{ClientID: "the-id", ClientSecret: "the-secret"}, "https://gitlab.example.com")
	page, err := provider.AuthorizeURL(context.Background(), authent.AuthorizeRequest{State: "s", RedirectURI: "https://app.example.com/api/auth/callback/gitlab"})
	if err != nil {
		log.Fatal(err)
	}
	u, err := url.Parse(page)
	fmt.Println(provider.ID(), u.Host, err)
	// Output: gitlab gitlab.example.com <nil>
}
