package pgxdriver_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/ent/user"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// The benchmarks run queries of a generated client, and the same statements by the driver
// alone, on this driver and on Ent's own over database/sql and pgx. BenchmarkRatio runs both
// in turns, so that noise of the machine falls on both, and reports the ratio of medians.

// work is something to measure on a driver.
type work struct {
	name string
	run  func(ctx context.Context, drv dialect.Driver, client *ent.Client) error
}

const columns = `SELECT "user"."id", "user"."name", "user"."email", "user"."emailVerified", "user"."image", "user"."createdAt", "user"."updatedAt" FROM "user"`

// read reads rows as generated code does: with new destinations for each.
func read(ctx context.Context, drv dialect.ExecQuerier, text string, args []any, want int) error {
	rows := &entsql.Rows{}
	if err := drv.Query(ctx, text, args, rows); err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	n := 0
	for rows.Next() {
		values := make([]any, len(names))
		for i := range names {
			switch names[i] {
			case user.FieldEmailVerified:
				values[i] = new(entsql.NullBool)
			case user.FieldCreatedAt, user.FieldUpdatedAt:
				values[i] = new(entsql.NullTime)
			default:
				values[i] = new(entsql.NullString)
			}
		}
		if err := rows.Scan(values...); err != nil {
			return err
		}
		n++
	}
	if n != want {
		return fmt.Errorf("%d rows, want %d", n, want)
	}
	return rows.Err()
}

func works() []work {
	id := userID(500)
	return []work{
		{"driver/get", func(ctx context.Context, drv dialect.Driver, _ *ent.Client) error {
			return read(ctx, drv, columns+` WHERE "user"."id" = $1 LIMIT 2`, []any{id}, 1)
		}},
		{"driver/list100", func(ctx context.Context, drv dialect.Driver, _ *ent.Client) error {
			return read(ctx, drv, columns+` ORDER BY "user"."id" LIMIT 100`, []any{}, 100)
		}},
		{"client/get", func(ctx context.Context, _ dialect.Driver, client *ent.Client) error {
			_, err := client.User.Get(ctx, id)
			return err
		}},
		{"client/list100", func(ctx context.Context, _ dialect.Driver, client *ent.Client) error {
			users, err := client.User.Query().Order(user.ByID()).Limit(100).All(ctx)
			if err == nil && len(users) != 100 {
				err = fmt.Errorf("%d users", len(users))
			}
			return err
		}},
		{"client/update", func(ctx context.Context, _ dialect.Driver, client *ent.Client) error {
			return client.User.UpdateOneID(id).SetName("name").Exec(ctx)
		}},
		{"client/tx", func(ctx context.Context, _ dialect.Driver, client *ent.Client) error {
			tx, err := client.Tx(ctx)
			if err != nil {
				return err
			}
			defer func() { _ = tx.Rollback() }()
			if _, err := tx.User.Get(ctx, id); err != nil {
				return err
			}
			return tx.Commit()
		}},
	}
}

func userID(i int) string { return fmt.Sprintf("user%028d", i) }

// sides returns this driver and Ent's own, on a database with 1,000 users.
func sides(b *testing.B, url string) (map[string]dialect.Driver, map[string]*ent.Client) {
	b.Helper()
	stock := stockDriver(b, url)
	stock.DB().SetMaxIdleConns(4)
	drivers := map[string]dialect.Driver{"pgxdriver": open(b, url), "stock": stock}
	clients := map[string]*ent.Client{}
	for name, drv := range drivers {
		clients[name] = ent.NewClient(ent.Driver(drv))
	}
	if err := clients["stock"].Schema.Create(b.Context()); err != nil {
		b.Fatal(err)
	}
	exec(b, stock, `INSERT INTO "user" ("id", "name", "email", "emailVerified", "image", "createdAt", "updatedAt")
		SELECT 'user' || lpad(i::text, 28, '0'), 'User ' || i, 'user' || i || '@example.com', i % 2 = 0, CASE WHEN i % 3 = 0 THEN 'https://example.com/' || i END, now(), now() FROM generate_series(0, 999) AS i`, `ANALYZE "user"`)
	return drivers, clients
}

func BenchmarkDriver(b *testing.B) {
	drivers, clients := sides(b, pgtest.New(b))
	for _, w := range works() {
		for _, side := range []string{"stock", "pgxdriver"} {
			b.Run(w.name+"/"+side, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := w.run(b.Context(), drivers[side], clients[side]); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkRatio(b *testing.B) {
	url := pgtest.New(b)
	for _, network := range []string{"local", "slow"} {
		b.Run(network, func(b *testing.B) {
			server := url
			if network == "slow" {
				w := newWire(b, url)
				w.delay = 250 * time.Microsecond // each way, and what the machine's timer adds
				server = w.url
			}
			drivers, clients := sides(b, server)
			b.Cleanup(func() { exec(b, drivers["stock"], `DROP TABLE "user" CASCADE`) })
			for _, w := range works() {
				b.Run(w.name, func(b *testing.B) {
					times := map[string][]time.Duration{}
					for b.Loop() {
						for _, side := range []string{"stock", "pgxdriver"} {
							start := time.Now()
							if err := w.run(b.Context(), drivers[side], clients[side]); err != nil {
								b.Fatal(err)
							}
							times[side] = append(times[side], time.Since(start))
						}
					}
					median := func(side string) float64 {
						slices.Sort(times[side])
						return float64(times[side][len(times[side])/2])
					}
					b.ReportMetric(0, "ns/op")
					b.ReportMetric(median("stock")/1000, "stock-us")
					b.ReportMetric(median("pgxdriver")/1000, "pgxdriver-us")
					b.ReportMetric(median("pgxdriver")/median("stock"), "ratio")
				})
			}
		})
	}
}
