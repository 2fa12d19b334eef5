// Package ent is the typed client over the auth tables and the tables of the app.
package ent

//go:generate go run entc.go
