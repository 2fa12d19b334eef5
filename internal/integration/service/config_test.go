package service_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/authent/social"
)

// What is wrong with a config is told at the start, and not to the people who sign in.
func TestWrongConfig(t *testing.T) {
	t.Parallel()
	s := newServer(t, databases[0].open(t), nil)
	both := social.Credentials{ClientID: "id", ClientSecret: "secret"}
	for _, test := range []struct {
		change func(*authent.Config)
		want   string // Empty if nothing is wrong.
	}{
		{func(c *authent.Config) { c.BaseURL = "https://app.example.com:443/" }, ""},
		{func(c *authent.Config) { c.BaseURL = "https://app.example.com/api/auth" }, ""},
		{func(c *authent.Config) { c.BaseURL = "https://app.example.com/api/auth/" }, ""},
		{func(c *authent.Config) { c.BaseURL, c.BasePath = "https://app.example.com/auth", "/auth" }, ""},
		{
			func(c *authent.Config) { c.BaseURL = "https://app.example.com/auth" },
			`BaseURL: "https://app.example.com/auth" is more than an origin: write https://app.example.com, and the path of the endpoints in BasePath`,
		},
		{func(c *authent.Config) { c.BaseURL = "https://app.example.com?from=mail" }, `is more than an origin`},
		{func(c *authent.Config) { c.BaseURL = "https://app.example.com/#top" }, `is more than an origin`},

		{func(c *authent.Config) { c.Social = []authent.Provider{social.GitHub(both), social.Google(both)} }, ""},
		{func(c *authent.Config) {
			c.Social = []authent.Provider{social.Microsoft(social.Credentials{ClientID: "id"}, "")}
		}, ""},
		{
			func(c *authent.Config) {
				c.Social = []authent.Provider{social.GitHub(social.Credentials{ClientSecret: "secret"})}
			},
			`Social: provider "github": there is no ClientID: set it, or leave the provider out`,
		},
		{
			func(c *authent.Config) {
				c.Social = []authent.Provider{social.Google(social.Credentials{ClientID: "id"})}
			},
			`Social: provider "google": there is no ClientSecret: set it, or leave the provider out`,
		},
		{
			func(c *authent.Config) {
				c.Social = []authent.Provider{social.GitLab(social.Credentials{}, ""), social.OIDC("okta", social.Credentials{}, "https://okta.example.com")}
			},
			"Social: provider \"gitlab\": there is no ClientID: set it, or leave the provider out\n  Social: provider \"okta\": there is no ClientID",
		},
		{
			func(c *authent.Config) {
				c.Social = []authent.Provider{social.GitLab(both, "gitlab.example.com"), social.OIDC("okta", both, "https://?x")}
			},
			"Social: provider \"gitlab\": the issuer \"gitlab.example.com\" is no URL of a site: it is written like https://login.example.com\n" +
				"  Social: provider \"okta\": the issuer \"https://?x\" is no URL",
		},
	} {
		config := authent.Config{Secret: secret, BaseURL: s.url}
		test.change(&config)
		_, err := authent.New(s.client.AuthStore(), config)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%+v: %v, want %q", config, err, test.want)
		}
	}
}

// The mailer of development needs no logger.
func TestLogMailerWithoutLogger(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	defer slog.SetDefault(before)
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	if err := authent.LogMailer(nil).Send(t.Context(), authent.Message{Kind: authent.MailVerifyEmail, URL: "http://localhost/here"}); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), "url=http://localhost/here") {
		t.Errorf("the log is %q", log.String())
	}
}
