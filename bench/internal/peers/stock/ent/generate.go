// Package ent is what stock Ent generates for the schema of the example app: no extension,
// no templates of this project.
package ent

//go:generate go run entc.go
