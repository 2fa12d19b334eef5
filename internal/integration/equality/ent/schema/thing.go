package schema

import (
	"database/sql"
	"encoding/json"
	"math/big"
	"net"
	"net/url"
	"time"

	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"github.com/agentuity/auth-go/internal/integration/equality/shapes"
)

// Thing has the plain kinds of fields, required and not.
type Thing struct{ ent.Schema }

// Fields of the Thing.
func (Thing) Fields() []ent.Field {
	return []ent.Field{
		field.String("name"),
		field.Text("text").Optional(),
		field.String("nick").Optional().Nillable().Unique(),
		field.Bool("ok").Default(true),
		field.Bool("maybe").Optional().Nillable(),
		field.Int("n").Default(7),
		field.Int8("n8").Optional(),
		field.Int16("n16").Optional().Nillable(),
		field.Int32("n32").Optional(),
		field.Int64("n64").Optional().Nillable(),
		field.Uint("u").Optional(),
		field.Uint8("u8").Optional(),
		field.Uint16("u16").Optional().Nillable(),
		field.Uint32("u32").Optional(),
		field.Uint64("u64").Optional().Nillable(),
		field.Float("f64").Default(1.5),
		field.Float32("f32").Optional().Nillable(),
		field.Bytes("data"),
		field.Bytes("blob").Optional().Nillable(),
		field.Time("created_at").Default(Now).Immutable(),
		field.Time("updated_at").Default(Now).UpdateDefault(Now),
		field.Time("seen_at").Optional().Nillable(),
		field.Time("local_at").Optional().SchemaType(map[string]string{dialect.Postgres: "timestamp"}),
		field.Time("day").Optional().Nillable().SchemaType(map[string]string{dialect.Postgres: "date"}),
		field.UUID("key", uuid.UUID{}).StorageKey("the_key"),
		field.UUID("serial", uuid.UUID{}).Optional().Nillable(),
		field.Enum("kind").Values("small", "large").Default("small"),
		field.Enum("color").GoType(shapes.Color("")).Optional().Nillable(),
		field.Int("parent_id").Optional(),
	}
}

// Edges of the Thing.
func (Thing) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("owner", User.Type).Ref("things").Unique(),
		edge.From("group", Group.Type).Ref("things").Unique(),
		edge.From("visitors", User.Type).Ref("visited").Through("visits", Visit.Type),
		edge.To("tags", Tag.Type),
		edge.To("children", Thing.Type).From("parent").Unique().Field("parent_id"),
		edge.To("parcels", Parcel.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Tag has a UUID, and edges between many and many.
type Tag struct{ ent.Schema }

// Fields of the Tag.
func (Tag) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("id", uuid.UUID{}).Default(uuid.New),
		field.String("name"),
	}
}

// Edges of the Tag.
func (Tag) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("things", Thing.Type).Ref("tags"),
		edge.To("related", Tag.Type),
		edge.To("badge", Badge.Type).
			Unique().
			StorageKey(edge.Column("tag_id")).
			Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Badge shares the UUID of a Tag.
type Badge struct{ ent.Schema }

// Fields of the Badge.
func (Badge) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("id", uuid.UUID{}).StorageKey("tag_id"),
		field.String("text").Optional(),
	}
}

// Edges of the Badge.
func (Badge) Edges() []ent.Edge {
	return []ent.Edge{edge.From("tag", Tag.Type).Ref("badge").Unique().Required()}
}

// Note has an id that is a struct in Go, and a tree of its own.
type Note struct{ ent.Schema }

// Fields of the Note.
func (Note) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id").GoType(shapes.Code{}),
		field.String("body").Optional(),
	}
}

// Edges of the Note.
func (Note) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("replies", Note.Type).From("parent").Unique(),
		edge.To("card", Card.Type).Unique(),
		edge.To("links", Note.Type),
	}
}

// Parcel has JSON, and fields of Go types that are not Ent's.
type Parcel struct{ ent.Schema }

// Fields of the Parcel.
func (Parcel) Fields() []ent.Field {
	return []ent.Field{
		field.JSON("address", shapes.Address{}).Optional(),
		field.JSON("other_address", &shapes.Address{}).Optional(),
		field.JSON("options", map[string]any{}).Optional(),
		field.JSON("raw", json.RawMessage{}).Optional(),
		field.JSON("stops", []shapes.Address{}).Optional(),
		field.Strings("tags").Optional(),
		field.Ints("sizes").Default([]int{1, 2}),
		field.Floats("prices").Optional(),
		field.Any("whatever").Optional(),
		field.Int("level").GoType(shapes.Level(0)).Optional(),
		field.Int64("took").GoType(time.Duration(0)).Optional().Nillable(),
		field.String("label").GoType(shapes.Label("")).Optional(),
		field.Bool("flag").GoType(shapes.Flag(false)).Optional(),
		field.Float("weight").GoType(shapes.Weight(0)).Optional().Nillable(),
		field.String("note").GoType(&sql.NullString{}).Optional(),
		field.Int64("count").GoType(sql.NullInt64{}).Optional(),
		field.String("at").GoType(shapes.Point{}).Optional(),
		field.String("link").ValueScanner(field.BinaryValueScanner[*url.URL]{}).GoType(&url.URL{}).Optional(),
		field.String("big").ValueScanner(field.TextValueScanner[*big.Int]{}).GoType(&big.Int{}).Optional(),
		field.Bytes("ip").GoType(net.IP{}).Optional(),
		field.Other("words", shapes.Words{}).Optional().SchemaType(map[string]string{dialect.Postgres: "text[]", dialect.SQLite: "text"}),
		field.Other("amount", shapes.Decimal("")).Optional().Nillable().SchemaType(map[string]string{dialect.Postgres: "numeric", dialect.SQLite: "text"}),
	}
}

// Edges of the Parcel.
func (Parcel) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("thing", Thing.Type).Ref("parcels").Unique().Required(),
		edge.To("stamp", Tag.Type).Unique(),
	}
}
