// Package schema is a schema of many kinds of fields, ids and edges.
package schema

import (
	"time"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"

	"github.com/agentuity/auth-go/internal/integration/equality/shapes"
	"github.com/agentuity/auth-go/mixins"
)

// Now is the time of defaults: always the same, so that two databases get the same rows.
func Now() time.Time { return time.Date(2024, 2, 29, 12, 30, 0, 123456000, time.UTC) }

// User is an auth table with self edges of every kind.
type User struct{ ent.Schema }

// Mixin of the User.
func (User) Mixin() []ent.Mixin {
	return []ent.Mixin{mixins.User{EdgeNames: mixins.UserEdges{
		Accounts: mixins.Omit, Members: mixins.Omit, Invitations: mixins.Omit, APIKeys: mixins.Omit,
	}}}
}

// Fields of the User.
func (User) Fields() []ent.Field {
	return []ent.Field{
		field.Int("age").Optional(),
		field.String("pin").Optional().Nillable().Annotations(mixins.Secret()),
	}
}

// Edges of the User.
func (User) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("friends", User.Type),
		edge.To("following", User.Type).From("followers"),
		edge.To("spouse", User.Type).Unique(),
		edge.To("reports", User.Type).From("manager").Unique(),
		edge.To("mentor", User.Type).Unique().From("student").Unique(),
		edge.To("things", Thing.Type),
		edge.To("card", Card.Type).Unique(),
		edge.To("groups", Group.Type).Through("memberships", Membership.Type),
		edge.To("visited", Thing.Type).Through("visits", Visit.Type),
		edge.To("passport", Passport.Type).
			Unique().
			StorageKey(edge.Column("holder_id")).
			Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Session is an auth table with a secret.
type Session struct{ ent.Schema }

// Mixin of the Session.
func (Session) Mixin() []ent.Mixin { return []ent.Mixin{mixins.Session{}} }

// Passport shares the id of a User.
type Passport struct{ ent.Schema }

// Mixin of the Passport.
func (Passport) Mixin() []ent.Mixin {
	return []ent.Mixin{mixins.SharedID{Edge: "holder", Ref: "passport"}}
}

// Fields of the Passport.
func (Passport) Fields() []ent.Field {
	return []ent.Field{
		field.String("number").Annotations(mixins.Secret()),
		field.Int("trips").Default(3),
	}
}

// Card has an id of its own Go type, and a foreign key that is a field.
type Card struct{ ent.Schema }

// Fields of the Card.
func (Card) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").GoType(shapes.CardID("")),
		field.String("number").Unique(),
		field.String("owner_id").Optional().Nillable(),
		field.Time("expires_at").Optional(),
	}
}

// Edges of the Card.
func (Card) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("owner", User.Type).Ref("card").Unique().Field("owner_id"),
		edge.From("notes", Note.Type).Ref("card"),
	}
}

// Group has an int64 id, and members through an edge schema.
type Group struct{ ent.Schema }

// Fields of the Group.
func (Group) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id"),
		field.String("name").Unique(),
		field.Int("size").Default(1).NonNegative(),
	}
}

// Edges of the Group.
func (Group) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("users", User.Type).Ref("groups").Through("memberships", Membership.Type),
		edge.To("lead", User.Type).Unique(),
		edge.To("things", Thing.Type),
	}
}

// Membership is an edge schema with a composite id.
type Membership struct{ ent.Schema }

// Annotations of the Membership.
func (Membership) Annotations() []schema.Annotation {
	return []schema.Annotation{field.ID("user_id", "group_id")}
}

// Fields of the Membership.
func (Membership) Fields() []ent.Field {
	return []ent.Field{
		field.String("user_id"),
		field.Int64("group_id"),
		field.String("role").Default("member"),
		field.Time("joined_at").Default(Now),
	}
}

// Edges of the Membership.
func (Membership) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("user", User.Type).Unique().Required().Field("user_id"),
		edge.To("group", Group.Type).Unique().Required().Field("group_id"),
	}
}

// Visit is an edge schema with an id of its own: a user may visit a thing often.
type Visit struct{ ent.Schema }

// Fields of the Visit.
func (Visit) Fields() []ent.Field {
	return []ent.Field{
		field.Int("id"),
		field.String("user_id"),
		field.Int("thing_id"),
		field.Int("stars").Optional().Nillable(),
	}
}

// Edges of the Visit.
func (Visit) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("user", User.Type).Unique().Required().Field("user_id").Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("thing", Thing.Type).Unique().Required().Field("thing_id").Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}
