// Package ent is a client over a schema that is meant to be hard: every feature of Ent, a
// second extension, and shapes and names that collide wherever Ent lets them.
package ent

//go:generate go run entc.go
