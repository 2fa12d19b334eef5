package authent

import (
	"context"

	"github.com/agentuity/auth-go/internal/signed"
	"github.com/agentuity/auth-go/internal/token"
)

// ChangeEmailInput is the input of ChangeEmail.
type ChangeEmailInput struct {
	NewEmail string `json:"newEmail" check:"email"`
	// CallbackURL is where the links lead when they were opened.
	CallbackURL string `json:"callbackURL,omitempty"`
}

// ChangeEmail starts the change of the address of the session's user. A proven address must approve first, by a link that
// is mailed to it; then the new one is proven by a link of its own, which makes the change. The answer does not tell
// whether the new address is that of another user.
func (a *Auth) ChangeEmail(ctx context.Context, in ChangeEmailInput) (*StatusOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	if !a.config.Email.Change {
		return nil, ErrChangeEmailDisabled
	}
	user, newEmail := id.User, normalizeEmail(in.NewEmail)
	if newEmail == user.Email {
		return nil, ErrEmailSame
	}
	taken, err := a.userByEmail(ctx, newEmail)
	if err != nil {
		return nil, err
	}
	switch done := (&StatusOutput{Status: true}); {
	case taken != nil:
		return done, nil
	case user.EmailVerified:
		return done, a.mailConfirmChange(ctx, user, newEmail, in.CallbackURL)
	default:
		return done, a.mailVerifyChange(ctx, user, newEmail, in.CallbackURL)
	}
}

// mailConfirmChange asks the current address to approve a new one.
func (a *Auth) mailConfirmChange(ctx context.Context, user *User, newEmail, callbackURL string) error {
	m := Message{Kind: MailConfirmChange, To: user.Email, User: user, NewEmail: newEmail}
	return a.mailToken(ctx, m, token.Mail{UpdateTo: newEmail, Purpose: token.ConfirmChange}, callbackURL)
}

// mailVerifyChange mails the link that changes the address, to the new one.
func (a *Auth) mailVerifyChange(ctx context.Context, user *User, newEmail, callbackURL string) error {
	m := Message{Kind: MailVerifyChange, To: newEmail, User: user, NewEmail: newEmail}
	return a.mailToken(ctx, m, token.Mail{UpdateTo: newEmail, Purpose: token.VerifyChange}, callbackURL)
}

// mailToken sends a message with a link to verify-email.
func (a *Auth) mailToken(ctx context.Context, m Message, t token.Mail, callbackURL string) error {
	t.Email, t.UserID = m.User.Email, m.User.ID
	var err error
	if m.Token, err = token.SignMail(a.secret, t, a.now(), a.config.Email.VerificationLifetime); err != nil {
		return err
	}
	defaultTo(&callbackURL, "/")
	m.URL = a.url("/verify-email") + "?token=" + m.Token + "&callbackURL=" + signed.EncodeComponent(callbackURL)
	return a.mail(ctx, m)
}
