package report

import (
	"fmt"
	"io"
	"time"
)

// plotLatency draws the time of each case by the latency of the network.
func (r Result) plotLatency(w io.Writer) {
	var panels []panel
	for _, c := range r.Cases {
		p := panel{title: c.Title}
		for _, l := range r.Latencies {
			p.xs = append(p.xs, l.name())
		}
		for _, column := range r.Columns {
			one := line{name: column}
			for _, l := range r.Latencies {
				one.values = append(one.values, l.Table[c.Name][column].Time.Seconds())
			}
			p.lines = append(p.lines, one)
		}
		panels = append(panels, p)
	}
	plot(w, "Time of a call by the latency of the network", panels, func(v float64) string {
		return duration(time.Duration(v * float64(time.Second)))
	})
}

// plotRows draws what a row costs by the number of rows: time, and bytes that are allocated.
func (r Result) plotRows(w io.Writer) {
	times, bytes := panel{title: "microseconds per project"}, panel{title: "bytes allocated per project"}
	for i, g := range r.Growth {
		t, b := line{name: g.Name}, line{name: g.Name}
		for _, s := range g.Steps {
			if i == 0 {
				times.xs = append(times.xs, count(float64(s.Rows)))
				bytes.xs = append(bytes.xs, count(float64(s.Rows)))
			}
			t.values = append(t.values, float64(s.Time.Nanoseconds())/1_000/float64(s.Rows))
			b.values = append(b.values, s.Bytes/float64(s.Rows))
		}
		times.lines, bytes.lines = append(times.lines, t), append(bytes.lines, b)
	}
	plot(w, "Cost of a row by the number of rows", []panel{times, bytes}, func(v float64) string {
		if v >= 1_000 {
			return count(v)
		}
		return fmt.Sprintf("%.3g", v)
	})
}
