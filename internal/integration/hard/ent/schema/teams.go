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

// Wallet has an int64 id.
type Wallet struct{ ent.Schema }

func (Wallet) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id"),
		field.String("label").Optional(),
	}
}

func (Wallet) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("holders", User.Type).Ref("wallets").Through("wallet_holders", Membership.Type),
	}
}

// Limit shares the int64 id of a Wallet, which has no edge back.
type Limit struct{ ent.Schema }

func (Limit) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id").StorageKey("wallet_id"),
		field.Int("amount").Default(0),
	}
}

func (Limit) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("wallet", Wallet.Type).
			Unique().
			Required().
			StorageKey(edge.Column("wallet_id")).
			Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Membership is an edge schema with an id of its own, between users and wallets.
type Membership struct{ ent.Schema }

func (Membership) Mixin() []ent.Mixin { return []ent.Mixin{mixins.ID{}, mixins.CreatedAt{}} }

func (Membership) Fields() []ent.Field {
	return []ent.Field{
		field.String("user_id"),
		field.Int64("wallet_id"),
		field.String("note").Default("").Annotations(mixins.Secret()),
	}
}

func (Membership) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("user", User.Type).Unique().Required().Field("user_id"),
		edge.To("wallet", Wallet.Type).Unique().Required().Field("wallet_id"),
	}
}
