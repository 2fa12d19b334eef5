package authent

import "context"

// SignOutOutput is the output of SignOut.
type SignOutOutput struct {
	Success bool `json:"success"`
}

// SignOut ends the session of the request, if it has one, and clears its cookies.
func (a *Auth) SignOut(ctx context.Context) (*SignOutOutput, error) {
	c := callOf(ctx)
	if token, _, _ := a.sessionToken(c); token != "" {
		if err := a.endSession(ctx, token); err != nil {
			return nil, err
		}
	}
	a.clearSessionCookies(c)
	return &SignOutOutput{Success: true}, nil
}
