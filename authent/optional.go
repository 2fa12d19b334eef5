package authent

import "github.com/agentuity/auth-go/internal/input"

// Optional is a value of an input that can be absent, null or there. The zero value is absent.
type Optional[T any] = input.Optional[T]

// Some returns the Optional that has a value.
func Some[T any](value T) Optional[T] { return Optional[T]{Set: true, Value: &value} }

// Null returns the Optional that is null.
func Null[T any]() Optional[T] { return Optional[T]{Set: true} }
