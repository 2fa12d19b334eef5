package authent

import "time"

// OpenOption is an option of the generated OpenAuth.
type OpenOption func(*OpenOptions)

// OpenOptions are what the options of OpenAuth say.
type OpenOptions struct {
	CreateTables   bool
	MaxConns       int
	MaxIdleTime    time.Duration
	ConnectTimeout time.Duration
}

// NewOpenOptions applies options to the defaults.
func NewOpenOptions(opts ...OpenOption) OpenOptions {
	var o OpenOptions
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// CreateTables creates the tables and columns that the database does not have, before it is checked. Without it a
// database without them is an error.
func CreateTables() OpenOption { return func(o *OpenOptions) { o.CreateTables = true } }

// MaxConns is the greatest number of connections. Defaults to pool_max_conns of a Postgres URL, else the greater of 4
// and the number of CPUs.
func MaxConns(n int) OpenOption { return func(o *OpenOptions) { o.MaxConns = n } }

// MaxIdleTime is how long a connection may be unused before it is closed. Defaults to 30 minutes.
func MaxIdleTime(d time.Duration) OpenOption { return func(o *OpenOptions) { o.MaxIdleTime = d } }

// ConnectTimeout is how long connecting may take. Defaults to 10 seconds.
func ConnectTimeout(d time.Duration) OpenOption { return func(o *OpenOptions) { o.ConnectTimeout = d } }
