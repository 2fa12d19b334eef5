package authent

import (
	"context"
	"fmt"
)

// ChangePasswordInput is the input of ChangePassword.
type ChangePasswordInput struct {
	NewPassword     string `json:"newPassword" check:"nul"`
	CurrentPassword string `json:"currentPassword" check:"nul"`
	// RevokeOtherSessions ends all sessions and starts a new one. False leaves all sessions alone. By default the
	// other sessions end and this one goes on, unless PasswordConfig.KeepSessionsOnChange is set.
	RevokeOtherSessions *bool `json:"revokeOtherSessions"`
}

// ChangePasswordOutput is the output of ChangePassword.
type ChangePasswordOutput struct {
	// Token is that of the new session; nil if the session goes on.
	Token *string `json:"token"`
	User  *User   `json:"user"`
}

// ChangePassword changes the password of the session's user, who must know the current one. Links to reset the password
// that were mailed before stop working.
func (a *Auth) ChangePassword(ctx context.Context, in ChangePasswordInput) (*ChangePasswordOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.checkPassword(in.NewPassword); err != nil {
		return nil, err
	}
	account, err := a.passwordAccount(ctx, id.User.ID, in.CurrentPassword)
	if err != nil {
		return nil, err
	}
	hash, err := a.hashPassword(ctx, in.NewPassword)
	if err != nil {
		return nil, err
	}
	var session *Session
	err = a.tx(ctx, func(ctx context.Context, tx *Auth) error {
		// The old hash is a condition: of two changes at the same time, one finds it.
		n, err := tx.store.Accounts().Update(ctx, []Change{Set("password", hash), Set("updatedAt", tx.now())},
			EQ("id", account.ID), EQ("password", *account.Password))
		if err != nil {
			return fmt.Errorf("change a password: %w", err)
		}
		if n == 0 {
			return ErrInvalidPassword
		}
		if err := tx.deleteVerifications(ctx, resetPrefix, id.User.ID); err != nil {
			return err
		}
		switch {
		case in.RevokeOtherSessions == nil && a.config.Password.KeepSessionsOnChange:
			return nil
		case in.RevokeOtherSessions == nil:
			return tx.endOtherSessionsOf(ctx, id.User.ID, id.Session.Token)
		case !*in.RevokeOtherSessions:
			return nil
		}
		if err := tx.endSessionsOf(ctx, id.User.ID); err != nil {
			return err
		}
		session, err = tx.createSession(ctx, id.User, !a.dontRemember(callOf(ctx)))
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &ChangePasswordOutput{User: id.User}
	if session != nil {
		out.Token = &session.Token
		a.resendSessionCookie(ctx, session, id.User)
	}
	return out, nil
}

// passwordAccount returns the account with the password of a user, if this is the password.
func (a *Auth) passwordAccount(ctx context.Context, userID, password string) (*Account, error) {
	account, err := a.credentialAccount(ctx, userID)
	switch {
	case err != nil:
		return nil, err
	case account == nil || account.Password == nil:
		return nil, ErrCredentialAccountNotFound
	}
	ok, err := a.verifyPassword(ctx, account, password)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, ErrInvalidPassword
	}
	return account, nil
}

// setPassword stores the hash of a user's password, in a new account if there is none.
func (a *Auth) setPassword(ctx context.Context, userID, hash string) error {
	n, err := a.store.Accounts().Update(ctx, []Change{Set("password", hash), Set("updatedAt", a.now())},
		EQ("userId", userID), EQ("providerId", credentialProvider))
	if err != nil {
		return fmt.Errorf("set a password: %w", err)
	}
	if n > 0 {
		return nil
	}
	return a.createAccount(ctx, &Account{UserID: userID, AccountID: userID, ProviderID: credentialProvider, Password: &hash})
}
