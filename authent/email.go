package authent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/agentuity/auth-go/internal/token"
)

// EmailConfig configures the verification and the change of addresses.
type EmailConfig struct {
	// VerifyOnSignUp mails the link at sign-up. It is always mailed if Password.RequireVerification is set.
	VerifyOnSignUp bool
	// NoVerifyOnSignIn does not mail the link again when somebody whose address must be verified signs in.
	NoVerifyOnSignIn bool
	// SignInOnVerify signs the user in whose link is opened.
	SignInOnVerify bool
	// VerificationLifetime is how long a link works. Defaults to one hour.
	VerificationLifetime time.Duration
	// Change lets users change their address.
	Change bool
	// DistrustSignUp is for apps in which somebody may sign up with the address of somebody else, and wait for that
	// person to open the link. It ends all that whoever signed up has left in the account, when the link proves the
	// address for the first time: the password, sessions, accounts elsewhere and API keys. They stay if the link is
	// opened in the browser that signed up, or in one where the user is signed in. Who opens it elsewhere, such as on
	// another device, chooses a new password with a reset, which clears the account in any case. Defaults to off: the link
	// leaves all as it is, as on the TypeScript side.
	DistrustSignUp bool
}

func (s *service) configureEmail(Store) error {
	c := &s.config.Email
	defaultTo(&c.VerificationLifetime, token.MailLifetime)
	if s.config.Mailer == nil && (c.VerifyOnSignUp || c.Change) {
		return errors.New("  Email: VerifyOnSignUp and Change need a Mailer that sends the links")
	}
	return nil
}

// verifyAfterSignUp mails the link to a new user, if the config says so.
func (a *Auth) verifyAfterSignUp(ctx context.Context, user *User, callbackURL string) error {
	if a.config.Mailer == nil || !a.config.Email.VerifyOnSignUp && !a.config.Password.RequireVerification {
		return nil
	}
	return a.mailVerification(ctx, user, callbackURL)
}

// verifyAfterSignIn mails the link to a user who may not sign in without it.
func (a *Auth) verifyAfterSignIn(ctx context.Context, user *User, callbackURL string) error {
	if a.config.Mailer == nil || a.config.Email.NoVerifyOnSignIn {
		return nil
	}
	return a.mailVerification(ctx, user, callbackURL)
}

// mailVerification mails the link that proves the address of a user.
func (a *Auth) mailVerification(ctx context.Context, user *User, callbackURL string) error {
	return a.mailToken(ctx, Message{Kind: MailVerifyEmail, To: user.Email, User: user}, token.Mail{}, callbackURL)
}

// mail sends a message.
func (a *Auth) mail(ctx context.Context, m Message) error {
	if err := a.config.Mailer.Send(ctx, m); err != nil {
		return fmt.Errorf("send the mail %s: %w", m.Kind, err)
	}
	return nil
}

// url returns the URL of an endpoint.
func (s *service) url(path string) string { return s.baseURL + s.config.BasePath + path }
