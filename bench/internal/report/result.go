// Package report writes what was measured: tables for a terminal and for Markdown, and plots.
package report

import (
	"time"

	"github.com/agentuity/auth-go/bench/internal/suite"
)

// The names of the contenders: the columns of the table.
const (
	Stock           = "stock Ent"
	Generic         = "authent"
	Prepared        = "authent prepared"
	Hand            = "hand-written"
	HandOneState    = "hand-written, one state"
	SQLC            = "sqlc"
	GORM            = "GORM"
	Bun             = "Bun"
	Drizzle         = "Drizzle"
	DrizzlePrepared = "Drizzle prepared"
)

// A Result is one run of the suite.
type Result struct {
	Machine   Machine
	Versions  [][2]string
	Command   string
	Rounds    int
	Columns   []string // The contenders.
	Cases     []suite.Case
	Latencies []Latency
	Trips     map[string]map[string]float64
	Growth    []Growth
}

// A Latency is what was measured at one latency of the network.
type Latency struct {
	Asked time.Duration
	// Ping is what the proxy adds to a round trip, measured. 0 without a proxy.
	Ping  time.Duration
	Table suite.Table
}

// Growth is how the cost of one contender grows with the number of parents.
type Growth struct {
	Name  string
	Steps []Step
}

// A Step is a number of parents. Err is why it could not be measured, if it could not.
type Step struct {
	Rows  int
	Time  time.Duration
	Bytes float64 // Allocated by a call.
	Kept  float64 // On the heap while the app holds the result.
	Err   string
}
