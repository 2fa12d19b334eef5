package pgxdriver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/ent/user"
)

// A client of Ent on this driver, from its tables to its queries.
func Example() {
	ctx := context.Background()
	drv, err := pgxdriver.Open(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		fmt.Println(err)
		return
	}
	client := ent.NewClient(ent.Driver(drv))
	defer func() { _ = client.Close() }()

	if err := client.Schema.Create(ctx); err != nil {
		fmt.Println(err)
		return
	}
	ann, err := client.User.Create().SetName("Ann").SetEmail("ann@example.com").Save(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ann.Name)
	_, err = client.User.Create().SetName("Ann, again").SetEmail("ann@example.com").Save(ctx)
	fmt.Println(ent.IsConstraintError(err))
	// Output:
	// Ann
	// true
}

// The settings of the pool, in code and in the connection string.
func ExampleOpen() {
	ctx := context.Background()
	drv, err := pgxdriver.Open(ctx, os.Getenv("DATABASE_URL")+"&pool_max_conn_idle_time=5m",
		pgxdriver.WithMaxConns(20),
		pgxdriver.WithConnectTimeout(3*time.Second),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = drv.Close() }()
	config := drv.Pool().Config()
	fmt.Println(config.MaxConns, config.MaxConnIdleTime)
	// Output: 20 5m0s
}

// An error of Open says what failed, without the password.
func ExampleOpen_error() {
	_, err := pgxdriver.Open(context.Background(), "postgres://app:secret@127.0.0.1:1/app")
	text, _, _ := strings.Cut(err.Error(), ": failed")
	fmt.Println(text)
	_, err = pgxdriver.Open(context.Background(), "postgres://app:secret@127.0.0.1/app?pool_max_conns=many")
	fmt.Println(err)
	// Output:
	// pgxdriver: open: cannot connect to database "app" on 127.0.0.1:1 as user "app"
	// pgxdriver: open: the connection string has an invalid pool_max_conns: it takes a number of at least 1
}

// A driver for a pool that the app has already, and goes on to use.
func ExampleNew() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Close()
	client := ent.NewClient(ent.Driver(pgxdriver.New(pool, pgxdriver.KeepPool())))
	if err := client.Close(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(pool.Ping(ctx))
	// Output: <nil>
}

// Behind PgBouncer in transaction mode.
func ExampleWithStatementCache() {
	drv, err := pgxdriver.Open(context.Background(), os.Getenv("DATABASE_URL"),
		pgxdriver.WithStatementCache(pgxdriver.CacheDescriptions))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = drv.Close() }()
	fmt.Println(drv.Pool().Config().ConnConfig.DefaultQueryExecMode)
	// Output: cache describe
}

// A transaction with an isolation level. BEGIN travels with its first statement.
func ExampleDriver_BeginTx() {
	ctx := context.Background()
	drv, err := pgxdriver.Open(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		fmt.Println(err)
		return
	}
	client := ent.NewClient(ent.Driver(drv))
	defer func() { _ = client.Close() }()
	if err := client.Schema.Create(ctx); err != nil {
		fmt.Println(err)
		return
	}

	tx, err := client.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := tx.User.Create().SetName("Tim").SetEmail("tim@example.com").Exec(ctx); err != nil {
		fmt.Println(errors.Join(err, tx.Rollback()))
		return
	}
	if err := tx.Rollback(); err != nil {
		fmt.Println(err)
		return
	}
	exists, err := client.User.Query().Where(user.Email("tim@example.com")).Exist(ctx)
	fmt.Println(exists, err)
	fmt.Println(tx.Commit())
	// Output:
	// false <nil>
	// sql: transaction has already been committed or rolled back
}

// What Ent has no words for is done on the pool.
func ExampleDriver_Pool() {
	ctx := context.Background()
	drv, err := pgxdriver.Open(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = drv.Close() }()
	if _, err := drv.Pool().Exec(ctx, `CREATE TABLE measurements (sensor text, value float8)`); err != nil {
		fmt.Println(err)
		return
	}
	n, err := drv.Pool().CopyFrom(ctx, pgx.Identifier{"measurements"}, []string{"sensor", "value"},
		pgx.CopyFromRows([][]any{{"a", 1.5}, {"b", 2.5}}))
	fmt.Println(n, err)
	// Output: 2 <nil>
}
