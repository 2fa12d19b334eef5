package entstore

// Extra returns the value of an app's own field in a record; the zero value if it is not there.
func Extra[T any](extra map[string]any, column string) T {
	v, _ := extra[column].(T)
	return v
}

// Nillable is Extra for a field whose value is a pointer, nil for NULL. A hook or a test may have written the value itself.
func Nillable[T any](extra map[string]any, column string) *T {
	switch v := extra[column].(type) {
	case *T:
		return v
	case T:
		return &v
	}
	return nil
}
