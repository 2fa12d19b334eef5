package authent

import (
	"context"
	"fmt"

	"github.com/agentuity/auth-go/internal/signed"
)

// signUpCookie tells, in the browser that signed a user up, which one: with EmailConfig.DistrustSignUp alone.
const signUpCookie = "sign_up"

// signUpProof is what is signed in the cookie. Nothing else that is signed looks like it.
func signUpProof(user *User) string { return "sign-up:" + user.ID }

// rememberSignUp makes the browser that signed a user up known to signedUpHere, for as long as the user may be at it.
func (a *Auth) rememberSignUp(c *call, user *User) {
	if a.config.Email.DistrustSignUp {
		a.setCookie(c, signed.Cookie{Name: signUpCookie, Value: a.signer.SignCookie(signUpProof(user)), MaxAge: a.config.Session.Lifetime})
	}
}

// signedUpHere tells whether the request is from the browser that signed a user up.
func (a *Auth) signedUpHere(c *call, user *User) bool {
	value, ok := a.cookie(c, signUpCookie)
	if !ok {
		return false
	}
	proof, ok := a.signer.Verify(value)
	return ok && proof == signUpProof(user)
}

// distrust ends all that was left in the account of a user before anybody proved to have its address.
func (a *Auth) distrust(ctx context.Context, user *User) error {
	if err := a.deleteUnproven(ctx, user); err != nil {
		return err
	}
	if _, err := a.store.Accounts().Delete(ctx, EQ("userId", user.ID), EQ("providerId", credentialProvider)); err != nil {
		return fmt.Errorf("delete an unproven password: %w", err)
	}
	return a.deleteVerifications(ctx, resetPrefix, user.ID)
}
