package pgxdriver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// defaultConnectTimeout is how long connecting may take if nobody says otherwise.
const defaultConnectTimeout = 10 * time.Second

// Open makes a pool for a connection string, checks that the server answers, and returns a
// driver on it.
//
// The connection string is a URL, postgres://user:password@host:5432/database?sslmode=require,
// or in the form "user=me password=secret host=db dbname=app". What it leaves out comes from
// the environment (PGHOST, PGUSER, PGPASSWORD, ...), as with every Postgres client. It may
// hold the settings of the pool: pool_max_conns, pool_min_conns, pool_max_conn_lifetime,
// pool_max_conn_idle_time.
//
// ctx is for opening only: it does not end what runs later. The error says what failed and
// never holds the password.
func Open(ctx context.Context, connString string, opts ...OpenOption) (*Driver, error) {
	config, err := parse(connString)
	if err != nil {
		return nil, fmt.Errorf("pgxdriver: open: %w", err)
	}
	open := &openConfig{pool: config}
	for _, opt := range opts {
		if opt == nil {
			continue
		}
		if err := opt.open(open); err != nil {
			return nil, fmt.Errorf("pgxdriver: open: %w", err)
		}
	}
	switch {
	case open.connectTimeout > 0:
		config.ConnConfig.ConnectTimeout = open.connectTimeout
	case config.ConnConfig.ConnectTimeout == 0:
		config.ConnConfig.ConnectTimeout = defaultConnectTimeout
	}
	if config.ConnConfig.DefaultQueryExecMode == pgx.QueryExecModeDescribeExec {
		return nil, errors.New("pgxdriver: open: default_query_exec_mode=describe_exec is refused: behind a pooler it returns the results of other statements; use cache_describe")
	}
	if config.MinConns > config.MaxConns {
		return nil, fmt.Errorf("pgxdriver: open: the least number of connections, %d, is more than the greatest, %d", config.MinConns, config.MaxConns)
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("pgxdriver: open: %w", withoutPassword(err, config))
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		c := config.ConnConfig
		return nil, fmt.Errorf("pgxdriver: open: cannot connect to database %q on %s:%d as user %q: %w", c.Database, c.Host, c.Port, c.User, withoutPassword(err, config))
	}
	return New(pool, open.driver...), nil
}

// parse returns the configuration that a connection string describes. Its errors quote
// nothing of the string: in a malformed one the password can be anywhere.
func parse(connString string) (*pgxpool.Config, error) {
	if err := checkURL(connString); err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(connString)
	if err == nil {
		return config, nil
	}
	return nil, explainParse(err)
}

// checkURL refuses a URL in which a special character of the password would make the rest
// of the password part of the host or the path, which errors name.
func checkURL(connString string) error {
	_, rest, ok := strings.Cut(connString, "://")
	if !ok {
		return nil
	}
	if !strings.HasPrefix(connString, "postgres://") && !strings.HasPrefix(connString, "postgresql://") {
		return errors.New("the connection string is a URL of another kind: it starts with postgres:// or postgresql://")
	}
	if base, query, ok := strings.Cut(rest, "?"); ok {
		// An @ in the value of a parameter is fine, before the first value it is not.
		key, _, _ := strings.Cut(query, "=")
		rest = base + key
	}
	authority := rest
	if i := strings.IndexAny(rest, "/#"); i >= 0 {
		authority = rest[:i]
	}
	if strings.Count(rest, "@") > 1 || strings.Contains(rest[len(authority):], "@") {
		return errors.New("the connection string is ambiguous: special characters in the user, the password and the database must be percent-encoded (@ is %40, / is %2F, ? is %3F, # is %23, % is %25)")
	}
	return nil
}

// settings are the settings that a connection string may hold with a value that has to be
// parsed, and the values that they take.
var settings = []struct{ name, values string }{
	{"pool_max_conns", "a number of at least 1"},
	{"pool_min_conns", "a number"},
	{"pool_min_idle_conns", "a number"},
	{"pool_max_conn_lifetime_jitter", "a duration such as 1m"},
	{"pool_max_conn_lifetime", "a duration such as 1h"},
	{"pool_max_conn_idle_time", "a duration such as 30m"},
	{"pool_health_check_period", "a duration such as 1m"},
	{"pool_ping_timeout", "a duration such as 5s"},
	{"connect_timeout", "a number of seconds"},
	{"default_query_exec_mode", "cache_statement, cache_describe, exec or simple_protocol"},
	{"statement_cache_capacity", "a number"},
	{"description_cache_capacity", "a number"},
	{"target_session_attrs", "any, read-write, read-only, primary, standby or prefer-standby"},
	{"sslmode", "disable, allow, prefer, require, verify-ca or verify-full"},
	{"port", "a number between 1 and 65535"},
}

// explainParse returns an error that says what pgx found wrong with a connection string,
// without quoting the string.
func explainParse(err error) error {
	var parseErr *pgconn.ParseConfigError
	if !errors.As(err, &parseErr) {
		return errors.New("the connection string cannot be parsed")
	}
	// The message is "cannot parse `<connection string>`: <what> (<cause>)".
	what := err.Error()
	if i := strings.LastIndex(what, "`: "); i >= 0 {
		what = what[i+len("`: "):]
	}
	for _, s := range settings {
		if strings.Contains(what, s.name) {
			return fmt.Errorf("the connection string has an invalid %s: it takes %s", s.name, s.values)
		}
	}
	switch {
	case strings.Contains(what, "TLS"):
		return errors.New("the TLS settings of the connection string cannot be used: check sslmode, sslrootcert, sslcert and sslkey, and that the files can be read")
	case strings.Contains(what, "service"):
		return errors.New("the service that the connection string names cannot be read from the service file")
	}
	return errors.New("the connection string cannot be parsed: write postgres://user:password@host:5432/database with special characters percent-encoded (@ is %40, / is %2F, % is %25), or \"user=me password=secret host=db dbname=app\"")
}

// secretFree is an error whose text had the password in it.
type secretFree struct {
	err  error
	text string
}

func (e *secretFree) Error() string { return e.text }
func (e *secretFree) Unwrap() error { return e.err }

// withoutPassword returns err with a text that does not hold the password.
func withoutPassword(err error, config *pgxpool.Config) error {
	text := err.Error()
	password := config.ConnConfig.Password
	if password == "" || !strings.Contains(text, password) {
		return err
	}
	return &secretFree{err: err, text: strings.ReplaceAll(text, password, "xxxxx")}
}
