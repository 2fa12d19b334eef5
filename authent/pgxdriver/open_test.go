package pgxdriver_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/internal/pgtest"
)

// TestOpenErrors reads the errors of Open, and looks for the password in them.
func TestOpenErrors(t *testing.T) {
	t.Parallel()
	server := pgtest.New(t)
	for _, tt := range []struct {
		name, url, want string
		opts            []pgxdriver.OpenOption
	}{
		{"no server", "postgres://me:s3cr3t@127.0.0.1:1/db", `cannot connect to database "db" on 127.0.0.1:1 as user "me"`, nil},
		{"no server, keywords", "host=127.0.0.1 port=1 user=me password=s3cr3t dbname=db", `cannot connect to database "db" on 127.0.0.1:1 as user "me"`, nil},
		{"no host", "postgres://me:s3cr3t@host.invalid/db", "host.invalid", nil},
		{"no database", strings.Replace(withUserinfo(t, server, "postgres:s3cr3t"), "authent_test_", "missing_", 1), "does not exist", nil},
		{"unescaped @", "postgres://me:s3cr3t@s3cr3t@127.0.0.1/db", "must be percent-encoded", nil},
		{"unescaped /", "postgres://me:1/s3cr3t@127.0.0.1/db", "must be percent-encoded", nil},
		{"unescaped / after @", "postgres://me:s3@cr3t/s3cr3t@127.0.0.1/db", "must be percent-encoded", nil},
		{"unescaped :", "postgres://me:s3cr3t:s3cr3t@127.0.0.1:1/db", "cannot connect", nil},
		{"unescaped ?", "postgres://me:1?s3cr3t@127.0.0.1:1/db", "cannot connect", nil},
		{"unescaped #", "postgres://me:1#s3cr3t@127.0.0.1/db", "must be percent-encoded", nil},
		{"unescaped %", "postgres://me:s3cr3t%zz@127.0.0.1/db", "cannot be parsed", nil},
		{"password for a port", "postgres://me:s3cr3t/db", "invalid port", nil},
		{"bad port", "postgres://me:s3cr3t@127.0.0.1:99999/db", "invalid port", nil},
		{"bad keyword", "host=127.0.0.1 password='s3cr3t", "cannot be parsed", nil},
		{"bad sslmode", "postgres://me:s3cr3t@127.0.0.1/db?sslmode=s3cr3t", "sslmode", nil},
		{"bad certificate", "postgres://me:s3cr3t@127.0.0.1/db?sslmode=verify-full&sslrootcert=/s3cr3t", "TLS", nil},
		{"bad pool_max_conns", "postgres://me:s3cr3t@127.0.0.1/db?pool_max_conns=s3cr3t", "invalid pool_max_conns: it takes a number of at least 1", nil},
		{"bad idle time", "postgres://me:s3cr3t@127.0.0.1/db?pool_max_conn_idle_time=7", "invalid pool_max_conn_idle_time: it takes a duration such as 30m", nil},
		{"bad lifetime", "postgres://me:s3cr3t@127.0.0.1/db?pool_max_conn_lifetime=7", "invalid pool_max_conn_lifetime: it takes a duration such as 1h", nil},
		{"bad mode", "postgres://me:s3cr3t@127.0.0.1/db?default_query_exec_mode=fast", "invalid default_query_exec_mode", nil},
		{"bad connect_timeout", "postgres://me:s3cr3t@127.0.0.1/db?connect_timeout=soon", "invalid connect_timeout", nil},
		{"refused mode", server + "&default_query_exec_mode=describe_exec", "default_query_exec_mode=describe_exec is refused", nil},
		{"another kind", "mysql://me:s3cr3t@127.0.0.1/db", "starts with postgres://", nil},
		{"not a connection string", "s3cr3t", "cannot be parsed", nil},
		{"unknown parameter", withUserinfo(t, server, "postgres:s3cr3t") + "&s3cr3tive=1", `unrecognized configuration parameter "xxxxxive"`, nil},
		{"max conns", server, "WithMaxConns(0): must be at least 1", []pgxdriver.OpenOption{pgxdriver.WithMaxConns(0)}},
		{"min conns", server, "WithMinConns(-1): must not be negative", []pgxdriver.OpenOption{pgxdriver.WithMinConns(-1)}},
		{"min and max", server, "the least number of connections, 5, is more than the greatest, 2", []pgxdriver.OpenOption{pgxdriver.WithMaxConns(2), pgxdriver.WithMinConns(5)}},
		{"idle time", server, "WithMaxConnIdleTime(0s): must be positive", []pgxdriver.OpenOption{pgxdriver.WithMaxConnIdleTime(0)}},
		{"lifetime", server, "WithMaxConnLifetime(-1s): must be positive", []pgxdriver.OpenOption{pgxdriver.WithMaxConnLifetime(-time.Second)}},
		{"timeout", server, "WithConnectTimeout(0s): must be positive", []pgxdriver.OpenOption{pgxdriver.WithConnectTimeout(0)}},
		{"cache", server, "WithStatementCache(9): unknown mode", []pgxdriver.OpenOption{pgxdriver.WithStatementCache(9)}},
		{"config", server, "no config today", []pgxdriver.OpenOption{pgxdriver.WithPoolConfig(func(*pgxpool.Config) error { return errors.New("no config today") })}},
		{"no config function", server, "a function is required", []pgxdriver.OpenOption{pgxdriver.WithPoolConfig(nil)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			drv, err := pgxdriver.Open(ctx, tt.url, tt.opts...)
			if err == nil {
				t.Fatal(drv.Close(), "no error")
			}
			text := err.Error()
			if !strings.HasPrefix(text, "pgxdriver: open: ") || !strings.Contains(text, tt.want) {
				t.Errorf("got %s\nwant it to have %s", text, tt.want)
			}
			if strings.Contains(text, "s3cr3t") {
				t.Errorf("the password is in it: %s", text)
			}
		})
	}
}

// withUserinfo returns a URL with another user and password.
func withUserinfo(t *testing.T, server, userinfo string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	user, password, _ := strings.Cut(userinfo, ":")
	u.User = url.UserPassword(user, password)
	return u.String()
}

// TestOpenAccepts opens connection strings that look odd and are right.
func TestOpenAccepts(t *testing.T) {
	t.Parallel()
	server := pgtest.New(t)
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	user := u.User.Username()
	for _, s := range []string{
		server + "&application_name=me@work",
		strings.Replace(server, u.Host, "127.0.0.1:1,"+u.Host, 1),
		withUserinfo(t, server, user+":p@ss:w/o?r#d%"),
		"host=" + u.Hostname() + " port=" + u.Port() + " user=" + user + " dbname=" + u.Path[1:] + " password='p@ss:/ w' sslmode=disable",
	} {
		if u.Hostname() == "" {
			continue
		}
		drv, err := pgxdriver.Open(t.Context(), s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
			continue
		}
		if err := drv.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestOpenOptions checks what options and connection strings do to the pool.
func TestOpenOptions(t *testing.T) {
	t.Parallel()
	server := pgtest.New(t)
	config := open(t, server).Pool().Config()
	if config.ConnConfig.ConnectTimeout != 10*time.Second || config.MaxConns < 4 || config.MaxConnIdleTime != 30*time.Minute || config.MaxConnLifetime != time.Hour || config.ConnConfig.DefaultQueryExecMode != pgx.QueryExecModeCacheStatement {
		t.Errorf("defaults: %+v", config)
	}
	params := "&pool_max_conns=9&pool_min_conns=1&pool_max_conn_idle_time=5m&pool_max_conn_lifetime=7m&connect_timeout=3&default_query_exec_mode=cache_describe"
	config = open(t, server+params).Pool().Config()
	if config.ConnConfig.ConnectTimeout != 3*time.Second || config.MaxConns != 9 || config.MinConns != 1 || config.MaxConnIdleTime != 5*time.Minute || config.MaxConnLifetime != 7*time.Minute || config.ConnConfig.DefaultQueryExecMode != pgx.QueryExecModeCacheDescribe {
		t.Errorf("connection string: %+v", config)
	}
	config = open(t, server+params, pgxdriver.WithMaxConns(3), pgxdriver.WithMinConns(2), pgxdriver.WithMaxConnIdleTime(time.Minute), pgxdriver.WithMaxConnLifetime(2*time.Minute), pgxdriver.WithConnectTimeout(time.Second), pgxdriver.WithStatementCache(pgxdriver.NoCache), nil).Pool().Config()
	if config.ConnConfig.ConnectTimeout != time.Second || config.MaxConns != 3 || config.MinConns != 2 || config.MaxConnIdleTime != time.Minute || config.MaxConnLifetime != 2*time.Minute || config.ConnConfig.DefaultQueryExecMode != pgx.QueryExecModeExec {
		t.Errorf("options: %+v", config)
	}
}

// TestOpenIsBounded connects to a server that never answers.
func TestOpenIsBounded(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	silent := "postgres://me:s3cr3t@" + listener.Addr().String() + "/db?sslmode=disable"
	start := time.Now()
	if _, err := pgxdriver.Open(t.Context(), silent, pgxdriver.WithConnectTimeout(200*time.Millisecond)); err == nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("connect timeout: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := pgxdriver.Open(ctx, silent); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("context: %v", err)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("it took %s", d)
	}
}

// TestOpenError checks that the cause of an error of Open can be reached.
func TestOpenError(t *testing.T) {
	t.Parallel()
	_, err := pgxdriver.Open(t.Context(), strings.Replace(pgtest.New(t), "authent_test_", "missing_", 1))
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) || pgErr.Code != "3D000" {
		t.Errorf("got %v", err)
	}
}
