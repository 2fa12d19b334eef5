package authent

import "net/http"

// coreEndpoints are the endpoints of users, sessions and accounts.
func coreEndpoints() []Endpoint {
	return []Endpoint{
		plain(http.MethodGet, "/ok", "ok", "Tells that the service runs.", (*Auth).OK).withKeys(),
		get("/error", "error", "The page for errors of a browser's request.", (*Auth).ErrorPage).withKeys(),

		post("/sign-up/email", "signUpEmail", "Creates a user with a password and signs it in.", (*Auth).SignUpEmail).orForm(),
		post("/sign-in/email", "signInEmail", "Signs a user in with a password.", (*Auth).SignInEmail).orForm(),
		plain(http.MethodPost, "/sign-out", "signOut", "Ends the session of the request.", (*Auth).SignOut),
		get("/get-session", "getSession", "Returns the session of the request and its user, or null.", (*Auth).GetSession).withKeys(),
		plain(http.MethodPost, "/get-session", "postSession", "Is refused: sessions are read with GET.", (*Auth).PostSession),
	}
}
