// Package schema is an app's schema that is hard to generate.
package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"

	authschema "github.com/agentuity/auth-go/ent/schema"
	"github.com/agentuity/auth-go/mixins"
)

type (
	Account      struct{ authschema.Account }
	Verification struct{ authschema.Verification }
	Invitation   struct{ authschema.Invitation }
	JWKS         struct{ authschema.JWKS }
	APIKey       struct{ authschema.APIKey }
)

// User has edges of every kind, and edges of the mixin under other names.
type User struct{ ent.Schema }

func (User) Mixin() []ent.Mixin {
	return []ent.Mixin{
		mixins.User{
			Table:     "users",
			EdgeNames: mixins.UserEdges{Members: "memberships", APIKeys: "keys"},
		},
	}
}

func (User) Fields() []ent.Field {
	return []ent.Field{
		field.String("pin").Optional().Annotations(mixins.Secret()),
		field.String("input").Optional(),
		field.String("nickname").Optional().Nillable(),
		field.String("phone").Optional().Sensitive(),
		field.JSON("settings", map[string]int{}).Optional(),
	}
}

func (User) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("friends", User.Type),
		edge.To("organizations", Organization.Type).Through("organization_members", Member.Type),
		edge.To("following", User.Type).From("followers"),
		edge.To("reports", User.Type).From("manager").Unique(),
		edge.To("spouse", User.Type).Unique(),
		edge.To("teams", Team.Type).Through("team_users", TeamUser.Type),
		edge.To("wallets", Wallet.Type).Through("wallet_memberships", Membership.Type),
		edge.From("owned_devices", Device.Type).Ref("owner"),
		edge.From("repaired_devices", Device.Type).Ref("technician"),
		edge.From("reviewed_devices", Device.Type).Ref("reviewers"),
		edge.To("passport", Passport.Type).
			Unique().
			StorageKey(edge.Column("holder_id")).
			Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Session has a field of its own, and an edge to a table of the app.
type Session struct{ ent.Schema }

func (Session) Mixin() []ent.Mixin { return []ent.Mixin{mixins.Session{}} }

func (Session) Fields() []ent.Field {
	return []ent.Field{field.String("type").Default("web")}
}

func (Session) Edges() []ent.Edge {
	return []ent.Edge{edge.To("device", Device.Type).Unique()}
}

// Member is an auth table with an id maker of the app's own.
type Member struct{ ent.Schema }

func (Member) Mixin() []ent.Mixin {
	return []ent.Mixin{mixins.Member{NewID: func() string { return "m-" + mixins.NewID() }}}
}

// Organization is an auth table with an edge to a table of the app.
type Organization struct{ ent.Schema }

func (Organization) Mixin() []ent.Mixin { return []ent.Mixin{mixins.Organization{}} }

func (Organization) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("teams", Team.Type).Ref("organization"),
		edge.From("users", User.Type).Ref("organizations").Through("user_members", Member.Type),
	}
}
