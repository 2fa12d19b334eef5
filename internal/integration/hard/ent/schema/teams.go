package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"

	"github.com/agentuity/auth-go/mixins"
)

// Team has an int id, and users through an edge schema.
type Team struct{ ent.Schema }

func (Team) Mixin() []ent.Mixin {
	return []ent.Mixin{
		mixins.OrganizationOwned{Optional: true},
		mixins.Times{CreatedColumn: "createdAt", UpdatedColumn: "updatedAt"},
	}
}

func (Team) Fields() []ent.Field {
	return []ent.Field{
		field.Int("id").StructTag(`json:"oid"`),
		field.String("name"),
	}
}

func (Team) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("users", User.Type).Ref("teams").Through("team_users", TeamUser.Type),
		edge.To("score", Score.Type).
			Unique().
			StorageKey(edge.Column("team_id")).
			Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// TeamUser is an edge schema with a composite id.
type TeamUser struct{ ent.Schema }

func (TeamUser) Annotations() []schema.Annotation {
	return []schema.Annotation{field.ID("user_id", "team_id")}
}

func (TeamUser) Fields() []ent.Field {
	return []ent.Field{
		field.Int("team_id"),
		field.String("user_id"),
		field.Int("weight").Default(1),
	}
}

func (TeamUser) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("user", User.Type).Unique().Required().Field("user_id"),
		edge.To("team", Team.Type).Unique().Required().Field("team_id"),
	}
}

// Score shares the int id of a Team, by hand.
type Score struct{ ent.Schema }

func (Score) Fields() []ent.Field {
	return []ent.Field{
		field.Int("id").StorageKey("team_id"),
		field.Int("points").Default(0),
	}
}

func (Score) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("team", Team.Type).Ref("score").Unique().Required(),
	}
}
