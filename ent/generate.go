// Package ent is the typed client over the nine auth tables alone, for apps that have no
// tables of their own. An app that has some generates a client over both from its own
// schema: see examples/app-schema.
package ent

//go:generate go run entc.go
