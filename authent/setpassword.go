package authent

import "context"

// SetPasswordInput is the input of SetPassword.
type SetPasswordInput struct {
	NewPassword string
}

// SetPassword gives the context's user, who signs in with other accounts, a first password. It is no endpoint: call it
// where the app is sure that it is the user who asks. ErrPasswordAlreadySet if there is a password.
func (a *Auth) SetPassword(ctx context.Context, in SetPasswordInput) (*StatusOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.checkPassword(in.NewPassword); err != nil {
		return nil, err
	}
	hash, err := a.hashPassword(ctx, in.NewPassword)
	if err != nil {
		return nil, err
	}
	err = a.tx(ctx, func(ctx context.Context, tx *Auth) error {
		if err := tx.lockUser(ctx, id.User.ID); err != nil {
			return err
		}
		account, err := tx.credentialAccount(ctx, id.User.ID)
		if err != nil {
			return err
		}
		if account != nil && account.Password != nil {
			return ErrPasswordAlreadySet
		}
		return tx.setPassword(ctx, id.User.ID, hash)
	})
	if err != nil {
		return nil, err
	}
	return &StatusOutput{Status: true}, nil
}

// lockUser locks the row of a user until the end of the transaction, so that what is decided about all of the user's
// rows stays true. ErrUnauthorized if the user was deleted.
func (a *Auth) lockUser(ctx context.Context, userID string) error {
	user, err := a.lockedUser(ctx, EQ("id", userID))
	if err == nil && user == nil {
		return ErrUnauthorized
	}
	return err
}
