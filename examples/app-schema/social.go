package main

import (
	"os"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/authent/social"
)

// providers returns those whose credentials are in the environment.
func providers() (list []authent.Provider) {
	for _, p := range []struct {
		name string
		make func(social.Credentials) authent.Provider
	}{
		{"GITHUB", social.GitHub},
		{"GOOGLE", social.Google},
		{"GITLAB", func(c social.Credentials) authent.Provider { return social.GitLab(c, os.Getenv("GITLAB_ISSUER")) }},
	} {
		c := social.Credentials{ClientID: os.Getenv(p.name + "_CLIENT_ID"), ClientSecret: os.Getenv(p.name + "_CLIENT_SECRET")}
		if c.ClientID != "" {
			list = append(list, p.make(c))
		}
	}
	return list
}
