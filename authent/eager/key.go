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

	// Make makes entities of the rows of the edge's own statement, or is nil for an edge that is left to Ent's
	// loader. If it is not nil, the rows may also come in those of the parents.
	Make Maker
}

// Edge returns the key with the number of its edge among those of the parent's type, from 1.
func (k Key) Edge(number int) Key {
	k.Number = number
	return k
}

// Made returns the key for an edge whose entities are made without Ent's loader: see [Key.Make].
func (k Key) Made(make Maker) Key {
	k.Make = make
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
