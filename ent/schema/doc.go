// Package schema holds the schemas of the nine auth tables, each as it is.
//
// An app embeds those that it does not change in types of its own, in its own ent/schema:
//
//	import authschema "github.com/agentuity/auth-go/ent/schema"
//
//	type Session struct{ authschema.Session }
//
// For a table that the app adds fields or edges to, see package mixins.
package schema
