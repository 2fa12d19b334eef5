// Package mixins holds the auth tables as Ent mixins, and the general mixins that an
// app composes its own tables from.
//
// The nine auth tables are User, Session, Account, Verification, Organization, Member,
// Invitation, JWKS and APIKey. Each carries the fields, the edges to the other auth
// tables, the indexes and the annotations of its table, exactly as the TypeScript
// package @agentuity/auth 2.0.21 creates it: Go names are idiomatic (EmailVerified),
// column names are theirs (emailVerified), so that both sides work on one database.
//
// An app declares a type of the same name in its own ent/schema. A table that it leaves
// unchanged takes one line, by embedding the schema of this module:
//
//	type Session struct{ authschema.Session }
//
// A table that it extends uses the mixin, beside fields and edges of its own:
//
//	type User struct{ ent.Schema }
//
//	func (User) Mixin() []ent.Mixin {
//		return []ent.Mixin{mixins.User{}}
//	}
//
//	func (User) Edges() []ent.Edge {
//		return []ent.Edge{edge.From("projects", Project.Type).Ref("owner")}
//	}
//
// Edges between auth tables are resolved by type name. They bind to the types of the
// app, which therefore must be named User, Session, and so on.
//
// The general mixins are ID (a text id), CreatedAt, UpdatedAt and Times, UserOwned and
// OrganizationOwned (a row that belongs to a user or to an organization), and SharedID
// (a table whose primary key is the key of another table).
//
// This package is linked into the app, because generated code imports the schema. It
// imports nothing but Ent's schema packages.
package mixins
