package mixins

import (
	"cmp"
	"fmt"
	"slices"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"
)

// UserOwned adds a foreign key and an edge to the user that a row belongs to.
//
// The other direction is an edge of the app's User:
//
//	edge.From("projects", Project.Type).Ref("owner")
type UserOwned struct {
	mixin.Schema

	// Edge is the name of the edge. Defaults to "owner".
	Edge string
	// Column is the name of the foreign key, in the database and as a field. Defaults to
	// the name of the edge and "_id": "owner_id".
	Column string
	// Optional allows rows that belong to nobody. Defaults to false.
	Optional bool
	// OnDelete is what becomes of the rows of a user who is deleted: entsql.Cascade deletes
	// them, entsql.SetNull (for Optional) keeps them without an owner, entsql.NoAction and
	// entsql.Restrict refuse to delete the user. Defaults to entsql.NoAction, or to
	// entsql.SetNull if Optional.
	OnDelete entsql.ReferenceOption
}

// Fields of the mixin.
func (m UserOwned) Fields() []ent.Field { return m.owned().fields() }

// Edges of the mixin.
func (m UserOwned) Edges() []ent.Edge { return m.owned().edges() }

func (m UserOwned) owned() owned {
	name := cmp.Or(m.Edge, "owner")
	return owned{
		mixin: "UserOwned", to: User.Type, edge: name, column: cmp.Or(m.Column, name+"_id"),
		optional: m.Optional, onDelete: m.OnDelete,
	}
}

// OrganizationOwned adds a foreign key and an edge to the organization that a row belongs
// to. It states ownership; it does not confine queries to an organization.
//
// The other direction is an edge of the app's Organization:
//
//	edge.From("projects", Project.Type).Ref("organization")
type OrganizationOwned struct {
	mixin.Schema

	// Edge is the name of the edge. Defaults to "organization".
	Edge string
	// Column is the name of the foreign key, in the database and as a field. Defaults to
	// the name of the edge and "_id": "organization_id".
	Column string
	// Optional allows rows that belong to no organization. Defaults to false.
	Optional bool
	// OnDelete is what becomes of the rows of an organization that is deleted. See
	// UserOwned.OnDelete for the choices and the default.
	OnDelete entsql.ReferenceOption
}

// Fields of the mixin.
func (m OrganizationOwned) Fields() []ent.Field { return m.owned().fields() }

// Edges of the mixin.
func (m OrganizationOwned) Edges() []ent.Edge { return m.owned().edges() }

func (m OrganizationOwned) owned() owned {
	name := cmp.Or(m.Edge, "organization")
	return owned{
		mixin: "OrganizationOwned", to: Organization.Type, edge: name, column: cmp.Or(m.Column, name+"_id"),
		optional: m.Optional, onDelete: m.OnDelete,
	}
}

// owned is what UserOwned and OrganizationOwned share.
type owned struct {
	mixin    string
	to       any
	edge     string
	column   string
	optional bool
	onDelete entsql.ReferenceOption
}

func (o owned) fields() []ent.Field {
	f := field.String(o.column)
	if o.optional {
		f = f.Optional().Nillable()
	}
	// A mixin cannot return an error. Ent reports the one of a field, with the names of
	// the schema and of the field before it.
	f.Descriptor().Err = o.check()
	return []ent.Field{f}
}

func (o owned) check() error {
	switch {
	case o.edge == o.column:
		return fmt.Errorf("mixins.%s: the edge and its column are both named %q: set Edge or Column to another name", o.mixin, o.edge)
	case !slices.Contains([]entsql.ReferenceOption{"", entsql.NoAction, entsql.Restrict, entsql.Cascade, entsql.SetNull, entsql.SetDefault}, o.onDelete):
		return fmt.Errorf("mixins.%s: OnDelete is %q, which is not an action of a foreign key: use a constant of entsql, such as entsql.Cascade", o.mixin, o.onDelete)
	case o.onDelete == entsql.SetNull && !o.optional:
		return fmt.Errorf("mixins.%s: OnDelete is SET NULL but column %q cannot be NULL: set Optional, or choose another OnDelete", o.mixin, o.column)
	}
	return nil
}

func (o owned) edges() []ent.Edge {
	e := edge.To(o.edge, o.to).Field(o.column).Unique()
	if !o.optional {
		e = e.Required()
	}
	if o.onDelete != "" {
		e = e.Annotations(entsql.OnDelete(o.onDelete))
	}
	return []ent.Edge{e}
}
