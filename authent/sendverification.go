package authent

import "context"

// SendVerificationEmailInput is the input of SendVerificationEmail.
type SendVerificationEmailInput struct {
	Email string `json:"email" check:"email"`
	// CallbackURL is where the link leads when it was opened.
	CallbackURL string `json:"callbackURL,omitempty"`
}

// SendVerificationEmail mails the link that proves an address, if there is a user with it. Without a session the answer
// is the same for all addresses; with one, it must be that of the session's user.
func (a *Auth) SendVerificationEmail(ctx context.Context, in SendVerificationEmailInput) (*StatusOutput, error) {
	if a.config.Mailer == nil {
		return nil, ErrVerificationDisabled
	}
	id, err := a.identity(ctx)
	if err != nil {
		return nil, err
	}
	done := &StatusOutput{Status: true}
	if id != nil {
		switch {
		case normalizeEmail(in.Email) != id.User.Email:
			return nil, ErrEmailMismatch
		case id.User.EmailVerified:
			return nil, ErrEmailVerified
		}
		return done, a.mailVerification(ctx, id.User, in.CallbackURL)
	}
	user, err := a.userByEmail(ctx, in.Email)
	if err != nil {
		return nil, err
	}
	if user == nil || user.EmailVerified {
		return done, nil
	}
	return done, a.mailVerification(ctx, user, in.CallbackURL)
}
