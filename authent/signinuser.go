package authent

import "context"

// SignInUser signs a user in without a password and sets the cookies of the new session on the answer of the context,
// if it has one: for ways to sign in that an app adds, for support staff who act as a user, and for tests. It is for
// servers alone: it checks nothing about the caller, nor that the address is verified. The error is ErrUserNotFound if
// there is no such user.
func (a *Auth) SignInUser(ctx context.Context, userID string) (*SessionAndUser, error) {
	user, err := a.userByID(ctx, userID)
	if err != nil {
		return nil, err
	}
	if user == nil {
		return nil, ErrUserNotFound
	}
	var session *Session
	err = a.tx(ctx, func(ctx context.Context, tx *Auth) error {
		session, err = tx.createSession(ctx, user, true)
		return err
	})
	if err != nil {
		return nil, err
	}
	a.setSessionCookies(ctx, session, user, true)
	return &SessionAndUser{Session: session, User: user}, nil
}
