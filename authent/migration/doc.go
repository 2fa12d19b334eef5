// Package migration holds what generated clients add to the migrations of Ent: the hooks
// that every client.Schema.Create runs. An app that runs Ent's migration engine in another
// way (schema.NewMigrate) gives them itself, with schema.WithDiffHook.
package migration
