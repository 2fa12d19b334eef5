// Package pgxdriver runs Ent on pgx without database/sql in between.
//
// Its [Driver] implements Ent's dialect.Driver on a *pgxpool.Pool. Use it in any Ent project
// in the place of Ent's own driver:
//
//	drv, err := pgxdriver.Open(ctx, os.Getenv("DATABASE_URL"))
//	if err != nil {
//		return err
//	}
//	client := ent.NewClient(ent.Driver(drv))
//	defer client.Close()
//
// Nothing else changes: queries, transactions, migration (client.Schema.Create), the
// features sql/execquery, sql/lock, sql/upsert and sql/modifier, client.Debug() and
// sql.WithVar work as they do on pgx's driver for database/sql (github.com/jackc/pgx/v5/stdlib),
// and a value scanned from a row has the Go type and value that it has there.
//
// What is gained: rows are decoded from the wire straight into the destinations that Ent
// scans into, and a transaction's BEGIN travels with its first statement.
//
// # Transactions
//
// [Driver.Tx] and [Driver.BeginTx] do not talk to the server. The first statement takes a
// connection from the pool and carries BEGIN with it, so a transaction of n statements
// costs 1 + n round trips, and one without statements costs none. An error of BEGIN, or of
// connecting, is therefore returned by the first statement. When the context that a
// transaction was started with ends before Commit, the transaction is rolled back.
//
// # Poolers
//
// By default pgx prepares statements and keeps them on their connection. Behind a pooler
// that hands out server connections per transaction (PgBouncer in transaction mode), use
// [WithStatementCache] with [CacheDescriptions].
package pgxdriver
