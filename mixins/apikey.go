package mixins

import (
	"cmp"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"entgo.io/ent/schema/mixin"
)

// APIKey is the auth table "apikey".
type APIKey struct {
	mixin.Schema

	// Table is the name of the table. Defaults to "apikey".
	Table string
	// NewID returns the id of a row that is created without one. Defaults to NewID.
	NewID func() string
}

// Type lets edges of other mixins lead to APIKey. It is resolved by name, to the APIKey of the app.
func (APIKey) Type() {}

// Fields of the table.
func (m APIKey) Fields() []ent.Field {
	return []ent.Field{
		idField(m.NewID),
		column("configId", field.String("config_id").Default("default")),
		column("name", field.String("name").Optional().Nillable()),
		column("start", field.String("start").Optional().Nillable().Comment("The first characters of the key, for display.")),
		column("prefix", field.String("prefix").Optional().Nillable()),
		secret("key", field.String("key").Comment("The hash of the key; the key itself is not stored.")),
		column("userId", field.String("user_id")),
		column("referenceId", field.String("reference_id").Default("").Comment("The owner's id, as user_id: the TypeScript side reads this column.")),
		column("refillInterval", field.Int("refill_interval").Optional().Nillable().Comment("In milliseconds.")),
		column("refillAmount", field.Int("refill_amount").Optional().Nillable()),
		column("lastRefillAt", field.Time("last_refill_at").Optional().Nillable()),
		column("enabled", field.Bool("enabled").Default(true)),
		column("rateLimitEnabled", field.Bool("rate_limit_enabled").Default(true)),
		column("rateLimitTimeWindow", field.Int("rate_limit_time_window").Default(86400000).Comment("In milliseconds.")),
		column("rateLimitMax", field.Int("rate_limit_max").Default(10)),
		column("requestCount", field.Int("request_count").Default(0)),
		column("remaining", field.Int("remaining").Optional().Nillable()),
		column("lastRequest", field.Time("last_request").Optional().Nillable()),
		column("expiresAt", field.Time("expires_at").Optional().Nillable()),
		column("createdAt", field.Time("created_at").Default(Now).Immutable().Annotations(dbNow)),
		column("updatedAt", field.Time("updated_at").Default(Now).UpdateDefault(Now).Annotations(dbNow)),
		column("permissions", field.String("permissions").Optional().Nillable().Comment("JSON text")),
		column("metadata", field.String("metadata").Optional().Nillable().Comment("JSON text")),
	}
}

// Edges of the table.
func (m APIKey) Edges() []ent.Edge {
	return []ent.Edge{
		belongsTo("user", User.Type, "user_id", m.table()+"_userId_user_id_fk"),
	}
}

// Indexes of the table.
func (m APIKey) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("user_id").StorageKey(m.table() + "_userId_idx"),
		index.Fields("key").StorageKey(m.table() + "_key_idx"),
		index.Fields("config_id").StorageKey(m.table() + "_configId_idx"),
		index.Fields("reference_id").StorageKey(m.table() + "_referenceId_idx"),
	}
}

// Annotations of the table.
func (m APIKey) Annotations() []schema.Annotation {
	return table("apikey", m.table())
}

func (m APIKey) table() string { return cmp.Or(m.Table, "apikey") }
