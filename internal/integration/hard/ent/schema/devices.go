package schema

import (
	"net/url"
	"time"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"github.com/agentuity/auth-go/mixins"
)

// Device has a UUID, fields of every kind and several edges to User.
type Device struct{ ent.Schema }

func (Device) Mixin() []ent.Mixin {
	return []ent.Mixin{
		mixins.UserOwned{OnDelete: entsql.Cascade},
		mixins.UserOwned{Edge: "technician", Column: "repaired_by", Optional: true},
	}
}

func (Device) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("id", uuid.UUID{}).Default(uuid.New),
		field.String("name"),
		field.Enum("kind").Values("phone", "laptop").Default("phone"),
		field.Bool("active").Default(true),
		field.Int64("counter").Optional().Nillable(),
		field.Float("weight").Optional(),
		field.Bytes("blob").Optional(),
		field.Time("seen_at").Optional().Nillable(),
		field.UUID("serial", uuid.UUID{}).Optional().Nillable(),
		field.Strings("tags").Optional(),
		field.JSON("settings", map[string]any{}).Optional(),
		field.Int64("timeout").GoType(time.Duration(0)).Optional(),
		field.String("home").ValueScanner(field.BinaryValueScanner[*url.URL]{}).GoType(&url.URL{}).Optional(),
		field.String("secret").Optional().Nillable().Annotations(mixins.Secret()),
		field.String("select").Optional(),
	}
}

func (Device) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("reviewers", User.Type),
		edge.To("children", Device.Type).From("parent").Unique(),
		edge.To("badge", Badge.Type).
			Unique().
			StorageKey(edge.Column("device_id")).
			Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

func (Device) Annotations() []schema.Annotation {
	return []schema.Annotation{
		mixins.Inputs(
			mixins.CreateInput().Omit("secret", "owner_id"),
			mixins.CreateInput().Named("NewDevice").Pick("name", "kind", "reviewers"),
			mixins.UpdateInput().Named("DeviceRename").Pick("name"),
		),
	}
}

// Badge shares the UUID of a Device, by hand.
type Badge struct{ ent.Schema }

func (Badge) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("id", uuid.UUID{}).StorageKey("device_id"),
		field.String("text").Optional(),
	}
}

func (Badge) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("device", Device.Type).Ref("badge").Unique().Required(),
	}
}

// Passport shares the id of a User, with another name for all of it.
type Passport struct{ ent.Schema }

func (Passport) Mixin() []ent.Mixin {
	return []ent.Mixin{mixins.SharedID{Edge: "holder", Ref: "passport"}}
}

func (Passport) Fields() []ent.Field {
	return []ent.Field{
		field.String("number").Annotations(mixins.Secret()),
		field.Int("visits").Default(0),
	}
}

// Badger shares the id of a Passport, without an edge back: an id of an id.
type Visa struct{ ent.Schema }

func (Visa) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").StorageKey("passport_id"),
		field.String("country"),
	}
}

func (Visa) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("passport", Passport.Type).Unique().Required().StorageKey(edge.Column("passport_id")),
	}
}

// Vault has nothing but secrets, and a foreign key that is no field.
type Vault struct{ ent.Schema }

func (Vault) Fields() []ent.Field {
	return []ent.Field{
		field.String("gold").Sensitive().Annotations(mixins.Secret()),
		field.String("silver").Optional().Annotations(mixins.Secret()),
	}
}

func (Vault) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("keeper", User.Type).Unique(),
		edge.To("inner", Vault.Type).From("outer").Unique(),
	}
}

// Types that are named like packages and identifiers of generated code.
type (
	Time    struct{ ent.Schema }
	Context struct{ ent.Schema }
	Mixin   struct{ ent.Schema }
	Index   struct{ ent.Schema }
	Input   struct{ ent.Schema }
	Auth    struct{ ent.Schema }
	Strings struct{ ent.Schema }
)

func (Time) Fields() []ent.Field { return []ent.Field{field.Time("time").Default(time.Now)} }
func (Context) Fields() []ent.Field {
	return []ent.Field{field.String("context").Annotations(mixins.Secret())}
}
func (Input) Fields() []ent.Field { return []ent.Field{field.String("set_input").Optional()} }
func (Index) Edges() []ent.Edge   { return []ent.Edge{edge.To("user", User.Type).Unique()} }
