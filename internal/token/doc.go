// Package token makes the random strings and the signed tokens that are sent by mail, in the formats of docs/formats.md.
package token
