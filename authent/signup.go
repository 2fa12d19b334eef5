package authent

import (
	"context"
	"errors"
	"strings"
)

// SignUpEmailInput is the input of SignUpEmail.
type SignUpEmailInput struct {
	Name     string  `json:"name" check:"max=1024,nul"`
	Email    string  `json:"email" check:"email"`
	Password string  `json:"password" check:"min=1,nul"`
	Image    *string `json:"image" check:"max=4096"`
	// CallbackURL is where the link in the verification mail leads.
	CallbackURL string `json:"callbackURL,omitempty"`
	// RememberMe false makes a session that ends with the browser, and after a day. Defaults to true.
	RememberMe *bool `json:"rememberMe"`
	// Extra are values of the app's own fields that are marked with mixins.AuthInput.
	Extra map[string]any `json:"-" rest:"object,record"`
}

// SignUpEmailOutput is the output of SignUpEmail.
type SignUpEmailOutput struct {
	// Token is that of the new session; nil if there is none, because the address must be verified first.
	Token *string `json:"token"`
	User  *User   `json:"user"`
}

// SignUpEmail creates a user with a password and signs it in. A known address is ErrUserExists, or, where addresses
// must be verified, the same answer as for a new one.
func (a *Auth) SignUpEmail(ctx context.Context, in SignUpEmailInput) (*SignUpEmailOutput, error) {
	config := a.config.Password
	switch {
	case config.Disabled:
		return nil, ErrPasswordsDisabled
	case config.DisableSignUp:
		return nil, ErrSignUpDisabled
	case strings.IndexByte(in.Name, 0) >= 0:
		return nil, ErrUserNotCreated
	}
	if err := a.checkPassword(in.Password); err != nil {
		return nil, err
	}
	if err := checkImage(in.Image); err != nil {
		return nil, err
	}
	extra, err := inputFields(a.store.Users().Extra(), in.Extra, true)
	if err != nil {
		return nil, err
	}
	// The hash is made for a known address too: the time of the answer is the same.
	hash, err := a.hashPassword(ctx, in.Password)
	if err != nil {
		return nil, err
	}
	user := &User{Name: in.Name, Email: in.Email, Image: in.Image, Extra: extra}
	out := &SignUpEmailOutput{}
	signIn := !config.RequireVerification && !config.NoAutoSignIn
	var session *Session
	err = a.tx(ctx, func(ctx context.Context, tx *Auth) error {
		known, err := tx.userByEmail(ctx, in.Email)
		if err != nil {
			return err
		}
		if known != nil {
			return ErrUserExists
		}
		created, err := tx.createUser(ctx, user, &Account{ProviderID: credentialProvider, Password: &hash})
		if err != nil {
			return err
		}
		out.User = created
		if signIn {
			session, err = tx.createSession(ctx, created, remembered(in.RememberMe))
		}
		return err
	})
	if errors.Is(err, ErrUserExists) && config.RequireVerification {
		return a.syntheticSignUp(callOf(ctx), user)
	}
	if err != nil {
		return nil, err
	}
	if err := a.verifyAfterSignUp(ctx, out.User, in.CallbackURL); err != nil {
		return nil, err
	}
	a.rememberSignUp(callOf(ctx), out.User)
	if session != nil {
		out.Token = &session.Token
		a.setSessionCookies(ctx, session, out.User, remembered(in.RememberMe))
	}
	return out, nil
}

// syntheticSignUp is the answer to a sign-up with a known address where addresses must be verified: that of a new one.
func (a *Auth) syntheticSignUp(c *call, user *User) (*SignUpEmailOutput, error) {
	id, err := a.tokens.ID()
	if err != nil {
		return nil, err
	}
	now := a.now()
	user.ID, user.Email, user.CreatedAt, user.UpdatedAt = id, normalizeEmail(user.Email), now, now
	user.Extra = newFields(a.store.Users().Extra(), user.Extra)
	a.rememberSignUp(c, user)
	return &SignUpEmailOutput{User: user}, nil
}

// remembered is the value of a rememberMe that may be absent.
func remembered(rememberMe *bool) bool { return rememberMe == nil || *rememberMe }
