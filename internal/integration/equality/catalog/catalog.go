// Package catalog describes a generated client to code that calls it by reflection: what
// types there are, and what can be called for each. The file catalog.go of a client is
// generated from catalog.tmpl.
package catalog

// Type is one type of the schema.
type Type struct {
	Name   string // "User", as in client.User.
	Table  string
	ID     *Field // Nil for a composite id.
	Fields []Field
	Edges  []Edge
	// Funcs are the functions of the type's package by name: predicates and orders.
	Funcs map[string]any
}

// Field is a field of a type.
type Field struct {
	Name      string // "created_at"
	GoName    string // "CreatedAt"
	Column    string
	Kind      string // The constant of Ent's field type, such as "TypeString".
	Value     any    // The zero value of the field's type in the setters.
	Optional  bool
	Nillable  bool
	Immutable bool
	Default   bool // There is a default, so that it need not be set on creation.
	Generated bool // It is an id that the database makes, without a setter.
	EdgeField bool // It is the foreign key of an edge.
	Unique    bool
	Scanner   bool // It has a ValueScanner.
	Enums     []any
	Ops       []Op
	Order     string // The name of the function that orders by it, or "".
}

// Op is a predicate on a field.
type Op struct {
	Name              string // "EQ", "In", "IsNil"
	Variadic, Niladic bool
}

// Edge is an edge of a type.
type Edge struct {
	Name      string
	GoName    string
	Target    string // The name of the type.
	Unique    bool
	Optional  bool
	Immutable bool
	M2M       bool
	OwnFK     bool   // The foreign key is in the table of the type itself.
	Field     string // The GoName of the field that holds the foreign key, or "".
	Order     string // The name of the function that orders by the count or a field, or "".
	Through   string // The name of the edge schema, or "".
	SharedID  bool   // The foreign key is the id.
	// The names of the methods of a mutation. Set is for unique edges, Add and Remove for others.
	Set, Add, Remove, Clear string
}
