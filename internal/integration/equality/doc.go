// Package equality compares drivers: whatever is asked of a client, pgxdriver with eager
// loading in one round trip, pgxdriver without it, Ent's own driver on Postgres and Ent's
// own driver on SQLite have to give the same answer and to leave the same rows.
//
// What is asked is made at random from a seed. TestEquality runs many seeds; a failure names
// its seed, prints the call as one would write it, and how the answers differ. Run one again:
//
//	go test ./internal/integration/equality -run TestEquality -equality.seed=42 -v
package equality
