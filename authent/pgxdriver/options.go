package pgxdriver

import (
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Option sets up a driver. It is an [OpenOption] too.
type Option func(*Driver)

// KeepPool makes [Driver.Close] leave the pool open, for a pool that others use as well.
func KeepPool() Option {
	return func(d *Driver) { d.keepPool = true }
}

// SeparateUpdates makes an UpdateOne send its statements one by one in a transaction, as Ent's own driver
// does, in spite of [WithUpdateOne]. Needed if an AFTER trigger changes the updated row once more, or if a
// rule or a policy of row level security refuses UPDATE .. RETURNING.
func SeparateUpdates() Option {
	return func(d *Driver) { d.separate = true }
}

// OpenOption sets up the pool that [Open] makes. What an option sets takes precedence over
// the connection string.
type OpenOption interface {
	open(*openConfig) error
}

// openConfig collects the options of Open.
type openConfig struct {
	pool           *pgxpool.Config
	connectTimeout time.Duration // 0 if no option sets it
	driver         []Option
}

func (o Option) open(c *openConfig) error {
	c.driver = append(c.driver, o)
	return nil
}

// openOption is an option for Open alone.
type openOption func(*openConfig) error

func (o openOption) open(c *openConfig) error { return o(c) }

// WithMaxConns sets the greatest number of connections. Default: pool_max_conns of the
// connection string, else the greater of 4 and the number of CPUs.
func WithMaxConns(n int32) OpenOption {
	return openOption(func(c *openConfig) error {
		if n < 1 {
			return fmt.Errorf("WithMaxConns(%d): must be at least 1", n)
		}
		c.pool.MaxConns = n
		return nil
	})
}

// WithMinConns sets the number of connections that are kept open when there is nothing to
// do. Default: pool_min_conns of the connection string, else 0.
func WithMinConns(n int32) OpenOption {
	return openOption(func(c *openConfig) error {
		if n < 0 {
			return fmt.Errorf("WithMinConns(%d): must not be negative", n)
		}
		c.pool.MinConns = n
		return nil
	})
}

// WithMaxConnIdleTime sets after how long an unused connection is closed. Default:
// pool_max_conn_idle_time of the connection string, else 30 minutes.
func WithMaxConnIdleTime(t time.Duration) OpenOption {
	return openOption(func(c *openConfig) error {
		if t <= 0 {
			return fmt.Errorf("WithMaxConnIdleTime(%s): must be positive", t)
		}
		c.pool.MaxConnIdleTime = t
		return nil
	})
}

// WithMaxConnLifetime sets after how long a connection is replaced by a new one. Default:
// pool_max_conn_lifetime of the connection string, else 1 hour.
func WithMaxConnLifetime(t time.Duration) OpenOption {
	return openOption(func(c *openConfig) error {
		if t <= 0 {
			return fmt.Errorf("WithMaxConnLifetime(%s): must be positive", t)
		}
		c.pool.MaxConnLifetime = t
		return nil
	})
}

// WithConnectTimeout sets how long connecting to one address of the server may take.
// Default: connect_timeout of the connection string, else 10 seconds.
func WithConnectTimeout(t time.Duration) OpenOption {
	return openOption(func(c *openConfig) error {
		if t <= 0 {
			return fmt.Errorf("WithConnectTimeout(%s): must be positive", t)
		}
		c.connectTimeout = t
		return nil
	})
}

// WithStatementCache sets what a connection remembers about the statements that it ran.
// Default: default_query_exec_mode of the connection string, else [CacheStatements].
func WithStatementCache(cache StatementCache) OpenOption {
	return openOption(func(c *openConfig) error {
		mode, ok := execModes[cache]
		if !ok {
			return fmt.Errorf("WithStatementCache(%d): unknown mode, use CacheStatements, CacheDescriptions, NoCache or SimpleProtocol", int(cache))
		}
		c.pool.ConnConfig.DefaultQueryExecMode = mode
		return nil
	})
}

// WithPoolConfig calls f with the configuration of the pool before it is made, for what has
// no option of its own: tracers, TLS, hooks for connections.
func WithPoolConfig(f func(*pgxpool.Config) error) OpenOption {
	return openOption(func(c *openConfig) error {
		if f == nil {
			return errors.New("WithPoolConfig(nil): a function is required")
		}
		return f(c.pool)
	})
}

// StatementCache says what a connection remembers about the statements that it ran.
type StatementCache int

const (
	// CacheStatements prepares each statement on the server and keeps the latest 512 of a
	// connection prepared. The fastest. Behind a pooler it needs one that follows prepared
	// statements from connection to connection; others fail with "prepared statement does
	// not exist".
	CacheStatements StatementCache = iota
	// CacheDescriptions remembers the types of the arguments and columns of the latest 512
	// statements of a connection and prepares nothing. The mode for PgBouncer in
	// transaction mode. The server plans each statement anew.
	CacheDescriptions
	// NoCache remembers nothing: arguments and results travel as text, and the types of
	// arguments are inferred from Go's. Works behind any pooler. An argument whose Go type
	// says too little, a map for a jsonb column for example, is refused.
	NoCache
	// SimpleProtocol is NoCache with the arguments quoted into the statement, for proxies
	// that do not know Postgres' extended protocol. A []byte argument becomes a bytea, so
	// JSON must be passed as a string.
	SimpleProtocol
)

var execModes = map[StatementCache]pgx.QueryExecMode{
	CacheStatements:   pgx.QueryExecModeCacheStatement,
	CacheDescriptions: pgx.QueryExecModeCacheDescribe,
	NoCache:           pgx.QueryExecModeExec,
	SimpleProtocol:    pgx.QueryExecModeSimpleProtocol,
}
