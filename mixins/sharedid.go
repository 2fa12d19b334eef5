package mixins

import (
	"cmp"
	"errors"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"
)

// SharedID is for a table that extends another one by one row per row: its primary key is
// the foreign key. It adds the key and the edge to the row that is extended. By default
// that is a user:
//
//	func (UserProfile) Mixin() []ent.Mixin {
//		return []ent.Mixin{mixins.SharedID{}}
//	}
//
// The table that is extended owns the edge, and names the same column:
//
//	func (User) Edges() []ent.Edge {
//		return []ent.Edge{
//			edge.To("profile", UserProfile.Type).
//				Unique().
//				StorageKey(edge.Column("user_id")).
//				Annotations(entsql.OnDelete(entsql.Cascade)),
//		}
//	}
//
// The key is text, as the keys of the auth tables are. A table that extends one with
// another kind of key writes the id and the edge by hand: the id has the column of the
// foreign key as its StorageKey.
type SharedID struct {
	mixin.Schema

	// Edge is the name of the edge. Defaults to "user".
	Edge string
	// To is the type that is extended, as in edge.To. Defaults to User.Type.
	To any
	// Ref is the name of the edge on that type. Defaults to "profile".
	Ref string
	// Column is the name of the primary key. Defaults to the name of the edge and "_id".
	Column string
}

// Fields of the mixin.
func (m SharedID) Fields() []ent.Field {
	f := field.String("id").
		StorageKey(m.column()).
		StructTag(`json:"` + m.column() + `"`).
		SchemaType(textType).
		NotEmpty().
		Immutable()
	if m.column() == "id" {
		f.Descriptor().Err = errors.New(`mixins.SharedID: the column cannot be "id": name it after the row that it refers to, such as "user_id"`)
	}
	return []ent.Field{f}
}

// Edges of the mixin.
func (m SharedID) Edges() []ent.Edge {
	to := m.To
	if to == nil {
		to = User.Type
	}
	return []ent.Edge{
		edge.From(m.edge(), to).
			Ref(cmp.Or(m.Ref, "profile")).
			Unique().
			Required().
			Immutable(),
	}
}

// Annotations of the mixin.
func (m SharedID) Annotations() []schema.Annotation {
	return []schema.Annotation{SharedIDAnnotation{Edge: m.edge()}}
}

func (m SharedID) edge() string { return cmp.Or(m.Edge, "user") }

func (m SharedID) column() string { return cmp.Or(m.Column, m.edge()+"_id") }
