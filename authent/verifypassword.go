package authent

import "context"

// StatusOutput is the output of methods that have nothing else to say.
type StatusOutput struct {
	Status bool `json:"status"`
}

// VerifyPasswordInput is the input of VerifyPassword.
type VerifyPasswordInput struct {
	Password string `json:"password" check:"nul"`
}

// VerifyPassword checks the password of the session's user: ErrInvalidPassword if it is another, or if there is none.
func (a *Auth) VerifyPassword(ctx context.Context, in VerifyPasswordInput) (*StatusOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	account, err := a.credentialAccount(ctx, id.User.ID)
	if err != nil {
		return nil, err
	}
	ok, err := a.verifyPassword(ctx, account, in.Password)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrInvalidPassword
	}
	return &StatusOutput{Status: true}, nil
}
