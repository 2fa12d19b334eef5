package report

import (
	"fmt"
	"io"
	"slices"
)

// ratios is the main table: the time of stock Ent, and the others as multiples of it; then
// this project's as multiples of hand-written code.
func (r Result) ratios() grid {
	head := []string{"query", "network", r.Columns[0]}
	head = append(head, r.Columns[1:]...)
	own := r.own()
	for _, name := range own {
		head = append(head, name+" / hand")
	}
	g := grid{head}
	for _, c := range r.Cases {
		for _, l := range r.Latencies {
			row := []string{c.Name, l.name(), duration(l.Table[c.Name][r.Columns[0]].Time)}
			for _, column := range r.Columns[1:] {
				row = append(row, ratio(l.Table.Ratio(c.Name, column, r.Columns[0])))
			}
			for _, name := range own {
				row = append(row, ratio(l.Table.Ratio(c.Name, name, Hand)))
			}
			g = append(g, row)
		}
	}
	return g
}

// own are the columns of this project, if there is hand-written code to compare with.
func (r Result) own() []string {
	var own []string
	for _, name := range []string{Generic, Prepared} {
		if slices.Contains(r.Columns, name) && slices.Contains(r.Columns, Hand) {
			own = append(own, name)
		}
	}
	return own
}

func (l Latency) name() string {
	if l.Asked == 0 {
		return "local"
	}
	return l.Asked.String()
}

// allocations of the contenders that run in Go, without a network.
func (r Result) allocations() grid {
	columns := slices.DeleteFunc(slices.Clone(r.Columns), func(name string) bool {
		return name == Drizzle || name == DrizzlePrepared
	})
	g := grid{append([]string{"allocations of a call"}, columns...)}
	for _, c := range r.Cases {
		row := []string{c.Name}
		for _, column := range columns {
			row = append(row, count(r.Latencies[0].Table[c.Name][column].Allocs))
		}
		g = append(g, row)
	}
	return g
}

// cpu is the time of the processor in the process of the client, without a network.
func (r Result) cpu() grid {
	g := grid{append([]string{"processor time of the client"}, r.Columns...)}
	for _, c := range r.Cases {
		row := []string{c.Name}
		for _, column := range r.Columns {
			row = append(row, duration(r.Latencies[0].Table[c.Name][column].CPU))
		}
		g = append(g, row)
	}
	return g
}

func (r Result) trips() grid {
	g := grid{append([]string{"round trips of a call"}, r.Columns...)}
	for _, c := range r.Cases {
		row := []string{c.Name}
		for _, column := range r.Columns {
			n, ok := r.Trips[c.Name][column]
			if !ok {
				row = append(row, "-")
				continue
			}
			row = append(row, fmt.Sprintf("%.4g", n))
		}
		g = append(g, row)
	}
	return g
}

func (r Result) growth() grid {
	g := grid{{"projects + owner + task", "rows", "time", "per row", "of 10 times the rows", "allocated per row", "kept per row"}}
	for _, contender := range r.Growth {
		for i, s := range contender.Steps {
			if s.Err != "" {
				g = append(g, []string{contender.Name, count(float64(s.Rows)), s.Err, "-", "-", "-", "-"})
				continue
			}
			times := "-"
			if i > 0 && contender.Steps[i-1].Time > 0 {
				times = fmt.Sprintf("%.1f", float64(s.Time)/float64(contender.Steps[i-1].Time))
			}
			g = append(g, []string{
				contender.Name, count(float64(s.Rows)), duration(s.Time),
				fmt.Sprintf("%.2f us", float64(s.Time.Nanoseconds())/1_000/float64(s.Rows)), times,
				count(s.Bytes/float64(s.Rows)) + " B", count(s.Kept/float64(s.Rows)) + " B",
			})
		}
	}
	return g
}

// Text writes the tables for a terminal.
func (r Result) Text(w io.Writer) {
	fmt.Fprintf(w, "%s\n%d rounds, medians; %s in time, the others as multiples of it\n\n", r.Machine, r.Rounds, r.Columns[0])
	r.ratios().text(w)
	for _, g := range []grid{r.trips(), r.allocations(), r.cpu()} {
		fmt.Fprintln(w)
		g.text(w)
	}
	if len(r.Growth) > 0 {
		fmt.Fprintln(w)
		r.growth().text(w)
	}
}
