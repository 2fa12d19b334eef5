package authent

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/agentuity/auth-go/internal/sealed"
	"github.com/agentuity/auth-go/internal/signed"
	"github.com/agentuity/auth-go/internal/token"
)

// Secret is one of several secrets.
type Secret struct {
	// Version is a number from 0 up that no other secret of the list has. It is written beside what the secret encrypts:
	// a value never gets another version.
	Version int
	// Value is at least 32 characters, as Config.Secret. An old one that is shorter, or public, only decrypts.
	Value string
}

func (s *service) configureSecret(Store) error {
	c := &s.config
	defaultTo(&c.Secret, firstEnv("AGENTUITY_AUTH_SECRET", "BETTER_AUTH_SECRET", "AUTH_SECRET"))
	if len(c.Secrets) > 0 {
		return s.configureSecrets("Config.Secrets", c.Secrets, nil)
	}
	for _, name := range []string{"AGENTUITY_AUTH_SECRETS", "BETTER_AUTH_SECRETS"} {
		if text := os.Getenv(name); text != "" {
			list, malformed := parseSecrets(text)
			c.Secrets = list
			return s.configureSecrets(name, list, malformed)
		}
	}
	problem := weakSecret(c.Secret)
	switch {
	case problem == "":
	case !c.Development:
		return fmt.Errorf("  Secret: %s: set Config.Secret or AGENTUITY_AUTH_SECRET to at least %d random characters, such as \"authent secret\" prints", problem, minSecret)
	case c.Secret == "":
		secret, err := s.tokens.String(token.Alphanumeric, 2*minSecret)
		if err != nil {
			return fmt.Errorf("  Secret: %w", err)
		}
		c.Secret = secret
		s.log.Warn("authent: there is no secret, so a random one was made: sessions end with this process", "set", "AGENTUITY_AUTH_SECRET")
	default:
		s.log.Warn("authent: the secret is weak, which only development accepts", "problem", problem)
	}
	s.secret, s.sealing, s.signer = c.Secret, sealed.New(c.Secret), signed.NewSigner(c.Secret)
	return nil
}

// parseSecrets parses the list of an environment variable: 2:new,1:old. What is wrong with it shows no part of a secret.
func parseSecrets(text string) (list []Secret, problems []string) {
	for i, entry := range strings.Split(text, ",") {
		number, value, found := strings.Cut(entry, ":")
		version, err := strconv.ParseUint(strings.TrimSpace(number), 10, 31)
		if !found || err != nil {
			problems = append(problems, fmt.Sprintf("entry %d does not begin with a version: write <version>:<secret>, such as 2:...,1:..., with secrets that have no comma", i+1))
			continue
		}
		list = append(list, Secret{Version: int(version), Value: strings.TrimSpace(value)})
	}
	return list, problems
}

// configureSecrets makes the first of several secrets the current one. problems are those that are known already.
func (s *service) configureSecrets(source string, list []Secret, problems []string) error {
	seen := map[int]bool{}
	versions := make([]sealed.Secret, len(list))
	for i, one := range list {
		versions[i] = sealed.Secret(one)
		switch {
		case one.Version < 0:
			problems = append(problems, fmt.Sprintf("version %d: versions are numbers from 0 up", one.Version))
		case seen[one.Version]:
			problems = append(problems, fmt.Sprintf("version %d is there twice: give each secret a version of its own", one.Version))
		}
		seen[one.Version] = true
		weak := weakSecret(one.Value)
		switch {
		case one.Value == "":
			problems = append(problems, fmt.Sprintf("version %d has no secret", one.Version))
		case i > 0 || weak == "":
		case s.config.Development:
			s.log.Warn("authent: the current secret is weak, which only development accepts", "version", one.Version, "problem", weak)
		default:
			problems = append(problems, fmt.Sprintf("the current secret, version %d: %s: put one of at least %d random characters first, such as \"authent secret\" prints", one.Version, weak, minSecret))
		}
	}
	if len(problems) > 0 {
		errs := make([]error, len(problems))
		for i, problem := range problems {
			errs[i] = fmt.Errorf("  Secrets: %s: %s", source, problem)
		}
		return errors.Join(errs...)
	}
	s.secret = list[0].Value
	s.sealing = sealed.NewVersions(s.config.Secret, versions...)
	s.signer = signed.NewSigner(s.secret, s.oldSecrets(list[1:])...)
	return nil
}

// oldSecrets returns the old secrets whose signatures are accepted. That of the time before there were several is one of
// them.
func (s *service) oldSecrets(list []Secret) []string {
	var old []string
	accept := func(secret, name string) {
		if secret == s.secret || slices.Contains(old, secret) {
			return
		}
		if weak := weakSecret(secret); weak != "" {
			s.log.Warn("authent: an old secret is weak: it decrypts, but what it signed is not accepted", "secret", name, "problem", weak)
			return
		}
		old = append(old, secret)
	}
	for _, one := range list {
		accept(one.Value, "version "+strconv.Itoa(one.Version))
	}
	if s.config.Secret != "" {
		accept(s.config.Secret, "Config.Secret")
	}
	return old
}

// minSecret is the length of the shortest secret that is not weak.
const minSecret = 32

// publicSecrets are secrets that documentation and examples show.
var publicSecrets = []string{
	"better-auth-secret-12345678901234567890",
	"better-auth-secret-123456789",
	"your-secret-key",
	"changeme",
}

// weakSecret returns what is wrong with a secret, or "".
func weakSecret(secret string) string {
	if secret == "" {
		return "there is none"
	}
	for _, public := range publicSecrets {
		if strings.EqualFold(secret, public) {
			return "it is a published default"
		}
	}
	if len(secret) < minSecret {
		return fmt.Sprintf("it has %d characters", len(secret))
	}
	distinct := map[rune]bool{}
	for _, r := range secret {
		distinct[r] = true
	}
	if len(distinct) < 8 {
		return fmt.Sprintf("it repeats %d characters", len(distinct))
	}
	return ""
}
