// Package ent is a client for comparing drivers: a schema with the fields, ids and edges of
// every kind.
package ent

//go:generate go run entc.go
