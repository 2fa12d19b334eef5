// Package authent is the auth service that an app gets with its typed Ent client: accounts,
// sessions, organizations, invitations, API keys, JSON Web Tokens, social sign-in, an HTTP
// handler and middleware. It runs on the app's own generated client and shares its database,
// cookies, tokens and JavaScript client with Agentuity Auth in TypeScript; the formats are in
// docs/formats.md.
//
//	auth, err := authent.New(client.AuthStore(), authent.Config{
//		Secret:  os.Getenv("AGENTUITY_AUTH_SECRET"),
//		BaseURL: "https://app.example.com",
//	})
//	mux.Handle("/api/auth/", auth.Handler())
//	mux.Handle("/api/projects", auth.RequireSession()(projects))
//
// Each endpoint is a method of Auth with a typed input and output, and a row of the table in
// Endpoints: the HTTP handler, the OpenAPI document and its reference page come from that table.
// A method finds whom it acts for in its context: the middleware and the handler put it there.
package authent
