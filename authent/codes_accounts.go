package authent

import "net/http"

// Errors of the endpoints that change users, passwords, addresses and sessions. Where two endpoints answer one code with
// different statuses, the error that is returned has the endpoint's status and matches the one here.
var (
	ErrInvalidToken              = newError(http.StatusBadRequest, "INVALID_TOKEN", "Invalid token")
	ErrTokenExpired              = newError(http.StatusUnauthorized, "TOKEN_EXPIRED", "Token expired")
	ErrUserNotFound              = newError(http.StatusUnauthorized, "USER_NOT_FOUND", "User not found")
	ErrResetDisabled             = newError(http.StatusBadRequest, "RESET_PASSWORD_DISABLED", "Reset password isn't enabled")
	ErrVerificationDisabled      = newError(http.StatusBadRequest, "VERIFICATION_EMAIL_NOT_ENABLED", "Verification email isn't enabled")
	ErrEmailMismatch             = newError(http.StatusBadRequest, "EMAIL_MISMATCH", "Email mismatch")
	ErrEmailVerified             = newError(http.StatusBadRequest, "EMAIL_ALREADY_VERIFIED", "Email is already verified")
	ErrEmailNotUpdatable         = newError(http.StatusBadRequest, "EMAIL_CAN_NOT_BE_UPDATED", "Email can not be updated")
	ErrEmailSame                 = newError(http.StatusBadRequest, "", "Email is the same")
	ErrChangeEmailDisabled       = newError(http.StatusBadRequest, "", "Change email is disabled")
	ErrNothingToUpdate           = newError(http.StatusBadRequest, "", "No fields to update")
	ErrCredentialAccountNotFound = newError(http.StatusBadRequest, "CREDENTIAL_ACCOUNT_NOT_FOUND", "Credential account not found")
	ErrPasswordAlreadySet        = newError(http.StatusBadRequest, "PASSWORD_ALREADY_SET", "User already has a password set")
	ErrSessionExpired            = newError(http.StatusBadRequest, "SESSION_EXPIRED", "Session expired. Re-authenticate to perform this action.")
	ErrLastAccount               = newError(http.StatusBadRequest, "FAILED_TO_UNLINK_LAST_ACCOUNT", "You can't unlink your last account")
	ErrUserReferenced            = newError(http.StatusConflict, "USER_IS_REFERENCED", "The user cannot be deleted: other records refer to it")
	ErrUserInfo                  = newError(http.StatusNotFound, "FAILED_TO_GET_USER_INFO", "Failed to get user info")
)

// withStatus returns the error with another status.
func (e *Error) withStatus(status int) *Error {
	other := *e
	other.Status = status
	return &other
}
