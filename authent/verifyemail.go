package authent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/agentuity/auth-go/internal/token"
)

// VerifyEmailInput is the input of VerifyEmail.
type VerifyEmailInput struct {
	Token string `json:"token"`
	// CallbackURL is the page where the browser is sent afterwards, with the parameter error if the token is not valid.
	CallbackURL string `json:"callbackURL,omitempty"`
}

// VerifyEmailOutput is the output of VerifyEmail.
type VerifyEmailOutput struct {
	Status bool `json:"status"`
	// User is the user after a change of the address; nil otherwise.
	User *User `json:"user"`

	page      string
	confirmed bool
}

func (o *VerifyEmailOutput) redirectTo() string { return o.page }

// MarshalWire returns what clients get: after the approval of a change, the status alone.
func (o *VerifyEmailOutput) MarshalWire() any {
	if o.confirmed {
		return StatusOutput{Status: o.Status}
	}
	type output VerifyEmailOutput
	return output(*o)
}

// VerifyEmail opens a link that was mailed: to prove the address of a new user, to approve a new address from the current
// one, or to prove the new address. The last one signs the user in who is not, and so does the first if the config
// says so. Where a session is, it must be of the user whom the token is about.
//
// Proving the address of a new user leaves the password alone, which is that of the sign-up that the mail answers, unless
// EmailConfig.DistrustSignUp says otherwise.
func (a *Auth) VerifyEmail(ctx context.Context, in VerifyEmailInput) (*VerifyEmailOutput, error) {
	out, err := a.verifyEmail(ctx, in)
	if err != nil {
		return nil, redirectOnError(in.CallbackURL, err)
	}
	out.page = in.CallbackURL
	return out, nil
}

func (a *Auth) verifyEmail(ctx context.Context, in VerifyEmailInput) (*VerifyEmailOutput, error) {
	mail, err := token.ParseMail(a.secret, in.Token, a.now())
	switch {
	case errors.Is(err, token.ErrMailExpired):
		return nil, ErrTokenExpired
	case err != nil, mail.UpdateTo == "" && mail.Purpose != token.VerifyEmail:
		return nil, ErrInvalidToken.withStatus(http.StatusUnauthorized)
	}
	id, err := a.identity(ctx)
	if err != nil {
		return nil, err
	}
	user, err := a.userByEmail(ctx, mail.Email)
	if err != nil {
		return nil, err
	}
	if user == nil || !isOf(mail, user) {
		return nil, ErrUserNotFound
	}
	if mail.UpdateTo == "" {
		return a.proveEmail(ctx, id, user)
	}
	if id != nil && id.User.ID != user.ID {
		return nil, ErrUserNotFound
	}
	if mail.Purpose == token.ConfirmChange {
		return a.confirmChange(ctx, user, mail.UpdateTo, in.CallbackURL)
	}
	return a.changeEmail(ctx, id, user, mail, in.CallbackURL)
}

// isOf tells whether a token is about this user, and not about one who had the address before. Tokens of the TypeScript
// side do not say whose they are, but the user must have been there when they were made.
func isOf(mail token.Mail, user *User) bool {
	if mail.UserID != "" {
		return mail.UserID == user.ID
	}
	const skew = time.Minute // Between the clocks of two servers.
	return mail.IssuedAt.IsZero() || !user.CreatedAt.After(mail.IssuedAt.Add(skew))
}

// proveEmail marks the address of a user as proven.
func (a *Auth) proveEmail(ctx context.Context, id *Identity, user *User) (*VerifyEmailOutput, error) {
	out := &VerifyEmailOutput{Status: true}
	if user.EmailVerified {
		return out, nil
	}
	proven := user
	var session *Session
	err := a.tx(ctx, func(ctx context.Context, tx *Auth) error {
		locked, err := tx.lockAddress(ctx, user)
		if err != nil {
			return err
		}
		if proven = locked; locked.EmailVerified {
			return nil // Another request was faster.
		}
		if a.config.Email.DistrustSignUp && (id == nil || id.User.ID != user.ID) && !a.signedUpHere(callOf(ctx), user) {
			if err := tx.distrust(ctx, locked); err != nil {
				return err
			}
		}
		if proven, err = tx.updateUser(ctx, locked, Set("emailVerified", true)); err != nil {
			return err
		}
		if a.config.Email.SignInOnVerify && (id == nil || id.User.ID != user.ID) {
			session, err = tx.createSession(ctx, proven, true)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if !a.config.Email.SignInOnVerify || id != nil && id.User.ID != user.ID {
		id = nil
	}
	a.signInVerified(ctx, id, session, proven)
	return out, nil
}

// confirmChange mails the next link, to the new address.
func (a *Auth) confirmChange(ctx context.Context, user *User, newEmail, callbackURL string) (*VerifyEmailOutput, error) {
	out := &VerifyEmailOutput{Status: true, confirmed: true}
	if a.config.Mailer == nil {
		return nil, ErrVerificationDisabled
	}
	taken, err := a.userByEmail(ctx, newEmail)
	if err != nil {
		return nil, err
	}
	if taken != nil {
		return out, nil // Whoever asks does not learn that there is such a user.
	}
	return out, a.mailVerifyChange(ctx, user, newEmail, callbackURL)
}

// changeEmail changes the address of a user to that of the token, which was mailed there. Links to reset the password that
// were mailed to the old address stop working.
func (a *Auth) changeEmail(ctx context.Context, id *Identity, user *User, mail token.Mail, callbackURL string) (*VerifyEmailOutput, error) {
	proven := mail.Purpose == token.VerifyChange
	var session *Session
	err := a.tx(ctx, func(ctx context.Context, tx *Auth) error {
		locked, err := tx.lockAddress(ctx, user)
		if err != nil {
			return err
		}
		user, err = tx.updateUser(ctx, locked, Set("email", normalizeEmail(mail.UpdateTo)), Set("emailVerified", proven))
		if err != nil {
			return err
		}
		if err := tx.deleteVerifications(ctx, resetPrefix, user.ID); err != nil {
			return err
		}
		if proven && id == nil {
			session, err = tx.createSession(ctx, user, true)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	a.signInVerified(ctx, id, session, user)
	if !proven && a.config.Mailer != nil {
		// A token of an old kind, which was mailed to the old address: the new one is still to be proven.
		if err := a.mailVerification(ctx, user, callbackURL); err != nil {
			return nil, err
		}
	}
	return &VerifyEmailOutput{Status: true, User: user}, nil
}

// signInVerified sets the cookies after a link was opened: those of the session that was started, or else those of the
// session of the request again, whose user has changed.
func (a *Auth) signInVerified(ctx context.Context, id *Identity, started *Session, user *User) {
	switch {
	case started != nil:
		a.setSessionCookies(ctx, started, user, true)
	case id != nil:
		a.resendSessionCookie(ctx, id.Session, user)
	}
}

// lockAddress locks a user who still has the address; the error is ErrUserNotFound for one who has not. Of two requests
// that change it, with one token or two, one finds it.
func (a *Auth) lockAddress(ctx context.Context, user *User) (*User, error) {
	locked, err := a.lockedUser(ctx, EQ("id", user.ID), EQ("email", user.Email))
	if err == nil && locked == nil {
		err = ErrUserNotFound
	}
	return locked, err
}

// lockedUser returns the user that fulfils all conditions, locked until the end of the transaction; nil if there is none.
func (a *Auth) lockedUser(ctx context.Context, where ...Cond) (*User, error) {
	users, err := a.store.Users().Find(ctx, Query{Where: where, Limit: 1, Lock: true})
	if err != nil {
		return nil, fmt.Errorf("lock a user: %w", err)
	}
	if len(users) == 0 {
		return nil, nil
	}
	return users[0], nil
}
