// Package signed reads and writes the signed cookies of docs/formats.md:
//
//	encodeURIComponent(value + "." + base64(HMAC-SHA256(secret, value)))
//
// and the Set-Cookie lines around them. The same signature makes the bearer token of the set-auth-token header.
package signed
