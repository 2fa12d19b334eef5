// Package integration tests the generated clients on real databases, Postgres and SQLite.
// It is a module of its own, for the drivers that the library itself does not require.
package integration
