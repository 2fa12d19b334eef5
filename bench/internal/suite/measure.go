package suite

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"
)

// Options say how long to measure.
type Options struct {
	Rounds  int           // Turns of each contender for each case. At least 1.
	Turn    time.Duration // How long a turn of the first contender lasts, about.
	Cleanup func(ctx context.Context) error
	Log     io.Writer
}

// A Named is a contender with its column of the table.
type Named struct {
	Name string
	Contender
}

// A Cell is what a contender needs for a case: medians over the rounds.
type Cell struct {
	Time      time.Duration   // Of a call.
	CPU       time.Duration   // Of a call, in the contender's process.
	Allocs    float64         // Of a call.
	Bytes     float64         // Of a call.
	TurnTimes []time.Duration // Of each round: the median of its calls.
}

// Table is what was measured: cells by case and contender.
type Table map[string]map[string]Cell

// Verify compares what the contenders return for some calls of each case with what the first
// one does. It says where they differ.
func Verify(ctx context.Context, contenders []Named, cases []Case, cleanup func(context.Context) error) error {
	for _, c := range cases {
		for i := range 5 {
			want := ""
			for k, contender := range contenders {
				if !contender.Has(c) {
					continue
				}
				got, err := contender.Result(ctx, c, i)
				if err != nil {
					return fmt.Errorf("%s: %w", contender.Name, err)
				}
				if got == "" {
					return fmt.Errorf("%s: %s, call %d: nothing was returned", contender.Name, c.Name, i)
				}
				if k == 0 {
					want = got
				}
				if got != want {
					return fmt.Errorf("%s returns other data than %s for %s, call %d:\n%s\nwant:\n%s", contender.Name, contenders[0].Name, c.Name, i, short(got), short(want))
				}
			}
		}
		if c.Writes {
			if err := cleanup(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// short cuts a text for an error.
func short(s string) string {
	if len(s) > 2_000 {
		return s[:2_000] + fmt.Sprintf("... (%d bytes)", len(s))
	}
	return s
}

// Measure runs the cases by contenders in turns, so that the noise of the machine falls on
// all of them, and each round begins with another one.
func Measure(ctx context.Context, contenders []Named, cases []Case, o Options) (Table, error) {
	table := Table{}
	for _, c := range cases {
		calls, err := calibrate(ctx, contenders, c, o)
		if err != nil {
			return nil, err
		}
		samples := map[string][]Sample{}
		for round := range o.Rounds {
			for k := range contenders {
				contender := contenders[(k+round)%len(contenders)]
				if !contender.Has(c) {
					continue
				}
				// The garbage of the one before is not this one's. The first calls after a pause may find a
				// connection that has to be checked, a heap without memory, and caches that others have filled.
				runtime.GC()
				if _, err := contender.Turn(ctx, c, round*calls, calls/4+1); err != nil {
					return nil, fmt.Errorf("%s: %w", contender.Name, err)
				}
				sample, err := contender.Turn(ctx, c, round*calls, calls)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", contender.Name, err)
				}
				samples[contender.Name] = append(samples[contender.Name], sample)
				if c.Writes {
					if err := o.Cleanup(ctx); err != nil {
						return nil, err
					}
				}
			}
		}
		table[c.Name] = map[string]Cell{}
		for name, s := range samples {
			table[c.Name][name] = cell(s)
		}
		fmt.Fprint(o.Log, ".")
	}
	return table, nil
}

// calibrate warms all contenders up, and returns how many calls of the first one fill a turn.
func calibrate(ctx context.Context, contenders []Named, c Case, o Options) (int, error) {
	calls := 0
	for _, contender := range contenders {
		if !contender.Has(c) {
			continue
		}
		// Postgres plans a statement anew for its first five runs.
		sample, err := contender.Turn(ctx, c, 0, 8)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", contender.Name, err)
		}
		if calls == 0 {
			calls = int(o.Turn/max(Median(sample.Times), time.Microsecond)) + 1
		}
		if c.Writes {
			if err := o.Cleanup(ctx); err != nil {
				return 0, err
			}
		}
	}
	calls = min(calls, 200)
	if c.Limit > 0 {
		calls = min(calls, c.Limit)
	}
	return calls, nil
}

func cell(samples []Sample) Cell {
	var times, cpu []time.Duration
	var allocs, bytes []float64
	for _, s := range samples {
		n := len(s.Times)
		times = append(times, Median(s.Times))
		cpu = append(cpu, s.CPU/time.Duration(n))
		allocs = append(allocs, float64(s.Allocs)/float64(n))
		bytes = append(bytes, float64(s.Bytes)/float64(n))
	}
	return Cell{Time: Median(times), CPU: Median(cpu), Allocs: Median(allocs), Bytes: Median(bytes), TurnTimes: times}
}

// Median returns the middle one of values, and 0 of none.
func Median[T int | float64 | time.Duration](values []T) T {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// Ratio compares two contenders round by round, and returns the median. It is 0 if one of
// them was not measured.
func (t Table) Ratio(c, contender, against string) float64 {
	a, b := t[c][contender].TurnTimes, t[c][against].TurnTimes
	if len(a) != len(b) {
		return 0
	}
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = float64(a[i]) / float64(b[i])
	}
	return Median(ratios)
}
