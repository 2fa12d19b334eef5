package social_test

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/authent/social"
)

// offline is a network that is not there.
type offline struct{}

func (offline) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("there is no network")
}

// A browser is sent to Google without a word from Google: its endpoints are known.
func TestGoogleWithoutDiscovery(t *testing.T) {
	t.Parallel()
	google := social.Google(social.Credentials{ClientID: "id", ClientSecret: "secret", Client: &http.Client{Transport: offline{}}})
	to, err := google.AuthorizeURL(t.Context(), authent.AuthorizeRequest{State: "s", Verifier: "v", RedirectURI: "https://app.example.com/cb", Nonce: "n"})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	if q := u.Query(); u.Host != "accounts.google.com" || u.Path != "/o/oauth2/v2/auth" || q.Get("client_id") != "id" || q.Get("scope") != "openid email profile" ||
		q.Get("nonce") != "n" || q.Get("code_challenge_method") != "S256" || q.Get("redirect_uri") != "https://app.example.com/cb" {
		t.Errorf("%s", to)
	}
}
