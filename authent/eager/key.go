package eager

// Key says by which key an edge finds the rows of its parents.
type Key struct {
	// Column is the column of the parent's table: its id, or the foreign key of the edge.
	Column string

	// Type is the type of the key in Postgres.
	Type string

	// StandIn is the value of [StandIn] for the Go type of the key, or nil if there is none.
	StandIn any

	// One says that the key is a foreign key: a parent has at most one row.
	One bool

	// Number is the number of the edge among those of its type, from 1.
	Number int

	// Nests says that the rows of the edge may come in those of the parents.
	Nests bool
}

// Edge returns the key with the number of its edge among those of the parent's type, from 1.
func (k Key) Edge(number int) Key {
	k.Number = number
	return k
}

// Nested returns the key for an edge whose rows may come in those of the parents.
func (k Key) Nested() Key {
	k.Nests = true
	return k
}

// KeyOf returns the key of an edge that is in the rows of the edge: the id of a parent. It sets what
// stands in for it.
func KeyOf[T comparable](column, pgType string, standIn *T) Key {
	key := Key{Column: column, Type: pgType}
	if s, isText := any(standIn).(*string); isText {
		*s, key.StandIn = text, anyText
		return key
	}
	if v, ok := StandIn[T](); ok {
		*standIn, key.StandIn = v, v
	}
	return key
}

// ForeignKeyOf is KeyOf for a key that is in the row of the parent.
func ForeignKeyOf[T comparable](column, pgType string, standIn *T) Key {
	key := KeyOf(column, pgType, standIn)
	key.One = true
	return key
}

// NillableForeignKeyOf is ForeignKeyOf for a key that may be NULL.
func NillableForeignKeyOf[T comparable](column, pgType string, standIn **T) Key {
	*standIn = new(T)
	return ForeignKeyOf(column, pgType, *standIn)
}
