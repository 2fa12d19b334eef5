package mixins

import (
	"cmp"
	"time"

	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"
)

// Now returns the current time in UTC, cut to the millisecond. That is the precision of
// the TypeScript side, and a time that was written then equals the time that is read back.
func Now() time.Time {
	return time.Now().UTC().Truncate(time.Millisecond)
}

// CreatedAt adds the field created_at: the time at which a row was created. It is set on
// creation, by the database too for rows that others insert, and cannot be changed.
type CreatedAt struct {
	mixin.Schema

	// Column is the name of the column. Defaults to "created_at".
	Column string
}

// Fields of the mixin.
func (m CreatedAt) Fields() []ent.Field {
	return []ent.Field{
		field.Time("created_at").
			StorageKey(cmp.Or(m.Column, "created_at")).
			Default(Now).
			Immutable().
			Annotations(dbNow),
	}
}

// UpdatedAt adds the field updated_at: the time of the last change to a row. It is set on
// creation, by the database too, and on every update that does not set it itself.
type UpdatedAt struct {
	mixin.Schema

	// Column is the name of the column. Defaults to "updated_at".
	Column string
}

// Fields of the mixin.
func (m UpdatedAt) Fields() []ent.Field {
	return []ent.Field{
		field.Time("updated_at").
			StorageKey(cmp.Or(m.Column, "updated_at")).
			Default(Now).
			UpdateDefault(Now).
			Annotations(dbNow),
	}
}

// Times adds the fields of CreatedAt and UpdatedAt.
type Times struct {
	mixin.Schema

	// CreatedColumn is the column of created_at. Defaults to "created_at".
	CreatedColumn string
	// UpdatedColumn is the column of updated_at. Defaults to "updated_at".
	UpdatedColumn string
}

// Fields of the mixin.
func (m Times) Fields() []ent.Field {
	return append(
		CreatedAt{Column: m.CreatedColumn}.Fields(),
		UpdatedAt{Column: m.UpdatedColumn}.Fields()...,
	)
}
