package authent

import "net/http"

// Errors that methods of Auth return, for errors.Is. Codes and messages are those that clients of the TypeScript side
// know; a few of its errors have no code.
var (
	ErrUnauthorized          = newError(http.StatusUnauthorized, "UNAUTHORIZED", "Unauthorized")
	ErrInvalidCredentials    = newError(http.StatusUnauthorized, "INVALID_EMAIL_OR_PASSWORD", "Invalid email or password")
	ErrInvalidEmail          = newError(http.StatusBadRequest, "INVALID_EMAIL", "Invalid email")
	ErrInvalidPassword       = newError(http.StatusBadRequest, "INVALID_PASSWORD", "Invalid password")
	ErrPasswordTooShort      = newError(http.StatusBadRequest, "PASSWORD_TOO_SHORT", "Password too short")
	ErrPasswordTooLong       = newError(http.StatusBadRequest, "PASSWORD_TOO_LONG", "Password too long")
	ErrUserExists            = newError(http.StatusUnprocessableEntity, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL", "User already exists. Use another email.")
	ErrUserNotCreated        = newError(http.StatusUnprocessableEntity, "FAILED_TO_CREATE_USER", "Failed to create user")
	ErrEmailNotVerified      = newError(http.StatusForbidden, "EMAIL_NOT_VERIFIED", "Email not verified")
	ErrPasswordsDisabled     = newError(http.StatusBadRequest, "EMAIL_PASSWORD_DISABLED", "Email and password is not enabled")
	ErrSignUpDisabled        = newError(http.StatusBadRequest, "EMAIL_PASSWORD_SIGN_UP_DISABLED", "Email and password sign up is not enabled")
	ErrValidation            = newError(http.StatusBadRequest, "VALIDATION_ERROR", "Invalid input")
	ErrMethodNotAllowedDefer = newError(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED",
		"POST method requires deferSessionRefresh to be enabled in session config")
	ErrSessionNotFresh = newError(http.StatusForbidden, "SESSION_NOT_FRESH", "Session is not fresh")

	ErrMissingOrigin           = newError(http.StatusForbidden, "MISSING_OR_NULL_ORIGIN", "Missing or null Origin")
	ErrInvalidOrigin           = newError(http.StatusForbidden, "INVALID_ORIGIN", "Invalid origin")
	ErrCrossSiteNavigation     = newError(http.StatusForbidden, "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED", "Cross-site navigation login blocked. This request appears to be a CSRF attack.")
	ErrInvalidCallbackURL      = newError(http.StatusForbidden, "INVALID_CALLBACK_URL", "Invalid callbackURL")
	ErrInvalidRedirectURL      = newError(http.StatusForbidden, "INVALID_REDIRECT_URL", "Invalid redirectURL")
	ErrInvalidErrorCallbackURL = newError(http.StatusForbidden, "INVALID_ERROR_CALLBACK_URL", "Invalid errorCallbackURL")
	ErrInvalidNewUserCallback  = newError(http.StatusForbidden, "INVALID_NEW_USER_CALLBACK_URL", "Invalid newUserCallbackURL")
	ErrMalformedJSON           = newError(http.StatusBadRequest, "INVALID_JSON", "The body is not valid JSON")
	ErrBodyTooLarge            = newError(http.StatusRequestEntityTooLarge, "BODY_TOO_LARGE", "The body is too large")
	ErrTooManyRequests         = newError(http.StatusTooManyRequests, "", "Too many requests. Please try again later.")
	ErrTooManyPasswords        = newError(http.StatusServiceUnavailable, "TOO_MANY_PASSWORDS", "The server is busy. Please try again later.")
	errNotFound                = newError(http.StatusNotFound, "", "")
	errInternal                = newError(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", "Internal server error")
)
