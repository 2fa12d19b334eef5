package authent

import (
	"context"
	"fmt"

	"github.com/agentuity/auth-go/internal/signed"
)

// RequestPasswordResetInput is the input of RequestPasswordReset.
type RequestPasswordResetInput struct {
	Email string `json:"email" check:"email"`
	// RedirectTo is the page where a new password is chosen: the link leads there with the parameter token, or error.
	RedirectTo string `json:"redirectTo,omitempty"`
}

// RequestPasswordResetOutput is the output of RequestPasswordReset, the same for a known and an unknown address.
type RequestPasswordResetOutput struct {
	Status  bool   `json:"status"`
	Message string `json:"message"`
}

// RequestPasswordReset mails the link to choose a new password, if there is a user with the address.
func (a *Auth) RequestPasswordReset(ctx context.Context, in RequestPasswordResetInput) (*RequestPasswordResetOutput, error) {
	if a.config.Mailer == nil || a.config.Password.Disabled {
		return nil, ErrResetDisabled
	}
	out := &RequestPasswordResetOutput{Status: true, Message: "If this email exists in our system, check your email for the reset link"}
	token, err := a.tokens.Reset()
	if err != nil {
		return nil, err
	}
	user, err := a.userByEmail(ctx, in.Email)
	if err != nil {
		return nil, err
	}
	if user == nil {
		// A statement like that for a known address: the time of the answer is alike.
		_, err := a.findVerification(ctx, resetPrefix+token)
		return out, err
	}
	if err := a.createVerification(ctx, resetPrefix+token, user.ID, a.config.Password.ResetLifetime); err != nil {
		return nil, err
	}
	err = a.mail(ctx, Message{
		Kind: MailResetPassword, To: user.Email, User: user, Token: token,
		URL: a.url("/reset-password/"+token) + "?callbackURL=" + signed.EncodeComponent(in.RedirectTo),
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// OpenPasswordResetInput is the input of OpenPasswordReset.
type OpenPasswordResetInput struct {
	Token       string `json:"token" in:"path"`
	CallbackURL string `json:"callbackURL"`
}

// OpenPasswordReset is where the link of the mail leads: it sends the browser to the page where a new password is chosen,
// with the token, or with an error if that is not valid. It does not use the token up.
func (a *Auth) OpenPasswordReset(ctx context.Context, in OpenPasswordResetInput) (*Redirect, error) {
	if in.CallbackURL == "" {
		return &Redirect{URL: withParam(a.url("/error"), "error", ErrInvalidToken.Code)}, nil
	}
	page := a.absolute(in.CallbackURL)
	found, err := a.findVerification(ctx, resetPrefix+in.Token)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return &Redirect{URL: withParam(page, "error", ErrInvalidToken.Code)}, nil
	}
	return &Redirect{URL: withParam(page, "token", in.Token)}, nil
}

// ResetPasswordInput is the input of ResetPassword.
type ResetPasswordInput struct {
	NewPassword string `json:"newPassword" check:"nul"`
	Token       string `json:"token,omitempty" in:"body,query"`
}

// ResetPassword gives the user of a mailed token a new password. The token works once, and the user's other tokens stop
// working; sessions end unless the config keeps them.
//
// The token proves that the user has the address. If that was not proven before, all that whoever signed up may have
// left behind goes: sessions, accounts elsewhere and API keys.
func (a *Auth) ResetPassword(ctx context.Context, in ResetPasswordInput) (*StatusOutput, error) {
	if a.config.Password.Disabled {
		return nil, ErrPasswordsDisabled
	}
	if in.Token == "" {
		return nil, ErrInvalidToken
	}
	if err := a.checkPassword(in.NewPassword); err != nil {
		return nil, err
	}
	found, err := a.findVerification(ctx, resetPrefix+in.Token)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, ErrInvalidToken
	}
	hash, err := a.hashPassword(ctx, in.NewPassword)
	if err != nil {
		return nil, err
	}
	err = a.tx(ctx, func(ctx context.Context, tx *Auth) error { return tx.resetPassword(ctx, found, hash) })
	if err != nil {
		return nil, err
	}
	return &StatusOutput{Status: true}, nil
}

// resetPassword does what ResetPassword does to the database.
func (a *Auth) resetPassword(ctx context.Context, found *Verification, hash string) error {
	mine, err := a.takeVerification(ctx, found)
	if err != nil {
		return err
	}
	if !mine {
		return ErrInvalidToken
	}
	user, err := a.lockedUser(ctx, EQ("id", found.Value))
	if err != nil {
		return err
	}
	if user == nil {
		return ErrInvalidToken
	}
	if err := a.deleteVerifications(ctx, resetPrefix, user.ID); err != nil {
		return err
	}
	if err := a.setPassword(ctx, user.ID, hash); err != nil {
		return err
	}
	if !user.EmailVerified {
		if err := a.deleteUnproven(ctx, user); err != nil {
			return err
		}
		_, err = a.updateUser(ctx, user, Set("emailVerified", true))
		return err
	}
	if a.config.Password.KeepSessionsOnReset {
		return nil
	}
	return a.endSessionsOf(ctx, user.ID)
}

// deleteUnproven deletes the ways into a user's account that were made before anybody proved to have its address: all but
// the password, which the caller replaces.
func (a *Auth) deleteUnproven(ctx context.Context, user *User) error {
	if err := a.endSessionsOf(ctx, user.ID); err != nil {
		return err
	}
	if _, err := a.store.Accounts().Delete(ctx, EQ("userId", user.ID), NEQ("providerId", credentialProvider)); err != nil {
		return fmt.Errorf("delete unproven accounts: %w", err)
	}
	return a.deleteKeys(ctx, user.ID)
}

// deleteKeys deletes the API keys of a user.
func (a *Auth) deleteKeys(ctx context.Context, userID string) error {
	keys := a.store.APIKeys()
	if keys == nil {
		return nil
	}
	if _, err := keys.Delete(ctx, EQ("userId", userID)); err != nil {
		return fmt.Errorf("delete API keys: %w", err)
	}
	return nil
}
