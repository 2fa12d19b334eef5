// Package jwks makes, stores and uses the key pairs of the jwks table and the JWTs that they sign.
//
// A row's publicKey is a JSON object, its privateKey a JSON string of hex(nonce ‖ XChaCha20-Poly1305(...)) under
// SHA-256 of the secret; rows of either side are read by the other. Tokens are EdDSA over Ed25519. When a token is
// verified the algorithm is pinned and kid is an untrusted hint: it chooses among our own keys and nothing else of
// the header is used (RFC 8725).
package jwks
