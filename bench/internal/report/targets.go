package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/agentuity/auth-go/bench/internal/suite"
)

// The cases by what the targets say of them.
var (
	eager   = []string{suite.Session, suite.Member, suite.Members, suite.Projects, suite.Page, suite.Wide, suite.Shared}
	narrow  = []string{suite.Get, suite.List, suite.Session, suite.Member, suite.Members, suite.Projects, suite.Page, suite.Shared}
	queries = append(slices.Clone(narrow), suite.Wide)
	all     = append(slices.Clone(queries), suite.Update, suite.Tx)
)

// half is the latency of most targets.
const half = 500 * time.Microsecond

// target is a row of the table of targets.
type target struct {
	what    string
	want    string
	reached string
	met     bool
}

// targets compares what was measured with what this project wants. What was not measured is
// left out.
func (r Result) targets() grid {
	g := grid{{"target", "wanted", "reached (the worst case)", ""}}
	for _, t := range r.measured() {
		met := "**no**"
		switch {
		case t.want == notWanted:
			met = notWanted
		case t.met:
			met = "yes"
		}
		g = append(g, []string{t.what, t.want, t.reached, met})
	}
	return g
}

func (r Result) measured() []target {
	best := Generic
	if slices.Contains(r.Columns, Prepared) {
		best = Prepared
	}
	rows := []target{
		r.most("round trips of a query with edges", 1, eager, r.tripsOf(Generic)),
		r.most("round trips of an update of one row", 1, []string{suite.Update}, r.tripsOf(Generic)),
		r.most("round trips of a transaction of 2 statements", 3, []string{suite.Tx}, r.tripsOf(Generic)),
		r.most("time / hand-written, 0.5 ms, generic", 1.25, narrow, r.ratioAt(half, Generic, Hand)),
		r.most("time / hand-written, 0.5 ms, prepared", 1.10, narrow, r.ratioAt(half, Prepared, Hand)),
		r.most("time / hand-written, local, generic", 1.4, narrow, r.ratioAt(0, Generic, Hand)),
		r.most("time / hand-written, local, prepared", 1.15, narrow, r.ratioAt(0, Prepared, Hand)),
		r.most("time / hand-written, wide result, local", 1.10, []string{suite.Wide}, r.ratioAt(0, Generic, Hand)),
		r.most("time / stock Ent, depth 2, 0.5 ms", 0.45, []string{suite.Member}, r.ratioAt(half, Generic, Stock)),
	}
	for _, l := range r.Latencies {
		rows = append(rows, r.most("time / stock Ent, "+l.name()+", never slower", 1.05, all, r.ratioAt(l.Asked, Generic, Stock)))
	}
	rows = append(
		rows,
		r.most("time / stock Ent, update of one row, 0.5 ms", 1/3.5, []string{suite.Update}, r.ratioAt(half, Generic, Stock)),
		r.most("time / Drizzle prepared, local, "+best, 1/1.5, queries, r.ratioAt(0, best, DrizzlePrepared)),
		r.floor(queries, r.ratioAt(0, Hand, DrizzlePrepared)),
		r.most("time / Drizzle prepared, 0.5 ms, "+best, 1/1.25, queries, r.ratioAt(half, best, DrizzlePrepared)),
		r.floor(queries, r.ratioAt(half, Hand, DrizzlePrepared)),
		r.most("time / Drizzle unprepared, local, "+best, 1/3.0, queries, r.ratioAt(0, best, Drizzle)),
		r.floor(queries, r.ratioAt(0, Hand, Drizzle)),
		r.most("allocations of a prepared get by id", r.allocs(Hand)(suite.Get), []string{suite.Get}, r.allocs(Prepared)),
		r.most("allocations per row of a list of 100", 5, []string{suite.List}, func(c string) float64 { return r.allocs(best)(c) / 100 }),
	)
	for _, g := range r.Growth {
		if g.Name != Generic {
			continue
		}
		worst := 0.0
		for i, s := range g.Steps {
			if i > 0 {
				worst = max(worst, float64(s.Time)/float64(g.Steps[i-1].Time))
			}
		}
		rows = append(rows, target{"time of 10 times the rows", "<= 11", fmt.Sprintf("%.1f", worst), worst <= 11})
	}
	return slices.DeleteFunc(rows, func(t target) bool { return t.reached == "" })
}

// notWanted is what a row has that is no target.
const notWanted = "-"

// floor is a row for what hand-written code reaches of the target before.
func (r Result) floor(cases []string, value func(c string) float64) target {
	t := r.most("the same, hand-written", 0, cases, value)
	t.want = notWanted
	return t
}

// most is a target that the greatest value of cases may be.
func (r Result) most(what string, limit float64, cases []string, value func(c string) float64) target {
	t := target{what: what, want: fmt.Sprintf("<= %.3g", limit)}
	worst := 0.0
	for _, c := range cases {
		if v := value(c); v > worst {
			worst = v
			t.reached = fmt.Sprintf("%.3g (%s)", v, c)
		}
	}
	t.met = worst <= limit
	return t
}

func (r Result) ratioAt(latency time.Duration, contender, against string) func(string) float64 {
	return func(c string) float64 {
		for _, l := range r.Latencies {
			if l.Asked == latency {
				return l.Table.Ratio(c, contender, against)
			}
		}
		return 0
	}
}

func (r Result) tripsOf(contender string) func(string) float64 {
	return func(c string) float64 { return r.Trips[c][contender] }
}

func (r Result) allocs(contender string) func(string) float64 {
	return func(c string) float64 { return r.Latencies[0].Table[c][contender].Allocs }
}
