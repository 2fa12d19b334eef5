package authent

import "net/http"

// coreEndpoints are the endpoints of users, sessions and accounts.
func coreEndpoints() []Endpoint {
	return []Endpoint{
		plain(http.MethodGet, "/ok", "ok", "Tells that the service runs.", (*Auth).OK).withKeys(),
		get("/error", "error", "The page for errors of a browser's request.", (*Auth).ErrorPage).withKeys(),

		post("/sign-up/email", "signUpEmail", "Creates a user with a password and signs it in.", (*Auth).SignUpEmail).orForm().withKeys(),
		post("/sign-in/email", "signInEmail", "Signs a user in with a password.", (*Auth).SignInEmail).orForm().withKeys(),
		plain(http.MethodPost, "/sign-out", "signOut", "Ends the session of the request.", (*Auth).SignOut).withKeys(),
		get("/get-session", "getSession", "Returns the session of the request and its user, or null.", (*Auth).GetSession).withKeys(),
		plain(http.MethodPost, "/get-session", "postSession", "Is refused: sessions are read with GET.", (*Auth).PostSession),

		plain(http.MethodGet, "/list-sessions", "listSessions", "Lists the sessions of the user.", (*Auth).ListSessions),
		post("/revoke-session", "revokeSession", "Ends a session of the user.", (*Auth).RevokeSession),
		plain(http.MethodPost, "/revoke-sessions", "revokeSessions", "Ends all sessions of the user.", (*Auth).RevokeSessions),
		plain(http.MethodPost, "/revoke-other-sessions", "revokeOtherSessions", "Ends all sessions of the user but this one.", (*Auth).RevokeOtherSessions),
		post("/update-session", "updateSession", "Changes the session's active organization and own fields.", (*Auth).UpdateSession),

		post("/update-user", "updateUser", "Changes the user's name, image and own fields.", (*Auth).UpdateUser),
		post("/delete-user", "deleteUser", "Deletes the user, or mails the link that does.", (*Auth).DeleteUser),
		get("/delete-user/callback", "deleteUserCallback", "Deletes the user who opened the mailed link.", (*Auth).DeleteUserCallback),
		plain(http.MethodGet, "/list-accounts", "listUserAccounts", "Lists the accounts with which the user signs in.", (*Auth).ListAccounts),
		post("/unlink-account", "unlinkAccount", "Deletes an account with which the user signs in.", (*Auth).UnlinkAccount),

		post("/change-password", "changePassword", "Changes the user's password.", (*Auth).ChangePassword),
		post("/verify-password", "verifyPassword", "Checks the user's password.", (*Auth).VerifyPassword),
		post("/request-password-reset", "requestPasswordReset", "Mails the link to choose a new password.", (*Auth).RequestPasswordReset).withKeys(),
		get("/reset-password/:token", "requestPasswordResetCallback", "Sends who opened the mailed link to the page for a new password.", (*Auth).OpenPasswordReset),
		post("/reset-password", "resetPassword", "Gives the user of a mailed token a new password.", (*Auth).ResetPassword).withKeys(),

		post("/send-verification-email", "sendVerificationEmail", "Mails the link that proves an address.", (*Auth).SendVerificationEmail),
		get("/verify-email", "verifyEmail", "Proves or changes the address of the user who opened the mailed link.", (*Auth).VerifyEmail),
		post("/change-email", "changeEmail", "Mails the links that change the user's address.", (*Auth).ChangeEmail),
	}
}
