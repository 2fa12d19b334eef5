package entauth

import "entgo.io/ent/entc"

// Extension is the Ent extension.
type Extension struct {
	entc.DefaultExtension
}

// NewExtension returns the extension.
func NewExtension() (*Extension, error) { return &Extension{}, nil }
