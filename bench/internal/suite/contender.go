package suite

import (
	"context"
	"fmt"
	"runtime"
	"syscall"
	"time"

	"github.com/agentuity/auth-go/bench/internal/canon"
)

// A Contender is a way to get at the database.
type Contender interface {
	// Has says whether the contender runs a case.
	Has(c Case) bool
	// Turn runs the calls first to first+n-1 of a case.
	Turn(ctx context.Context, c Case, first, n int) (Sample, error)
	// Result returns what the i-th call returns, as canon.Text.
	Result(ctx context.Context, c Case, i int) (string, error)
	// Close frees what it holds.
	Close() error
}

// A Sample is what a turn cost.
type Sample struct {
	Times  []time.Duration // Of each call.
	CPU    time.Duration   // Of the process, of all calls.
	Allocs int             // Of all calls. 0 if it is not known.
	Bytes  int             // That were allocated. 0 if it is not known.
}

// inProcess is a contender in Go.
type inProcess struct {
	runs  Runs
	close func() error
}

// InProcess returns the contender of runs. Close calls closeAll.
func InProcess(runs Runs, closeAll func() error) Contender { return inProcess{runs, closeAll} }

func (p inProcess) Has(c Case) bool { return p.runs[c.Name] != nil }

func (p inProcess) Turn(ctx context.Context, c Case, first, n int) (Sample, error) {
	run := p.runs[c.Name]
	sample := Sample{Times: make([]time.Duration, 0, n)}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu := cpuTime()
	for i := first; i < first+n; i++ {
		start := time.Now()
		_, err := run(ctx, i)
		sample.Times = append(sample.Times, time.Since(start))
		if err != nil {
			return sample, fmt.Errorf("%s, call %d: %w", c.Name, i, err)
		}
	}
	sample.CPU = cpuTime() - cpu
	runtime.ReadMemStats(&after)
	sample.Allocs = int(after.Mallocs - before.Mallocs)
	sample.Bytes = int(after.TotalAlloc - before.TotalAlloc)
	return sample, nil
}

func (p inProcess) Result(ctx context.Context, c Case, i int) (string, error) {
	v, err := p.runs[c.Name](ctx, i)
	if err != nil {
		return "", fmt.Errorf("%s, call %d: %w", c.Name, i, err)
	}
	return canon.Text(v, c.Ignore), nil
}

func (p inProcess) Close() error { return p.close() }

// cpuTime returns the time that the process has had of all cores.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
