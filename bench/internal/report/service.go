package report

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/agentuity/auth-go/bench/internal/suite"
)

// Service is a run of the auth service beside the TypeScript server.
type Service struct {
	Machine     Machine
	Versions    [][2]string
	Command     string
	Rounds      int
	Turn        time.Duration
	Connections int
	Names       [2]string // This project, and the other.
	Rows        []Row
}

// A Row is a request.
type Row struct {
	Name   string
	Target float64 // How many times the throughput of the other is wanted. 0 is none.
	Turns  [2][]Turn
	Trips  [2]float64
}

// A Turn is what one server did in one turn.
type Turn struct {
	PerSecond float64
	P50, P99  time.Duration
	CPU       time.Duration // Of the server's process, of a request.
}

// median of a figure over the turns.
func median[T int | float64 | time.Duration](turns []Turn, figure func(Turn) T) T {
	values := make([]T, len(turns))
	for i, t := range turns {
		values[i] = figure(t)
	}
	return suite.Median(values)
}

func (s Service) grid() grid {
	g := grid{{"request", s.Names[0] + ", requests/s", s.Names[1] + ", requests/s", "ratio", "wanted", "p50 / p99", "p50 / p99 (" + s.Names[1] + ")", "processor time", "(" + s.Names[1] + ")", "round trips", "(" + s.Names[1] + ")"}}
	for _, r := range s.Rows {
		ratios := make([]float64, len(r.Turns[0]))
		for i := range ratios {
			ratios[i] = r.Turns[0][i].PerSecond / r.Turns[1][i].PerSecond
		}
		wanted := "-"
		if r.Target > 0 {
			wanted = fmt.Sprintf(">= %g", r.Target)
		}
		row := []string{r.Name}
		for i := range s.Names {
			row = append(row, count(median(r.Turns[i], func(t Turn) float64 { return t.PerSecond })))
		}
		row = append(row, fmt.Sprintf("%.1f", suite.Median(ratios)), wanted)
		for i := range s.Names {
			row = append(row, duration(median(r.Turns[i], func(t Turn) time.Duration { return t.P50 }))+" / "+
				duration(median(r.Turns[i], func(t Turn) time.Duration { return t.P99 })))
		}
		for i := range s.Names {
			row = append(row, duration(median(r.Turns[i], func(t Turn) time.Duration { return t.CPU })))
		}
		for i := range s.Names {
			row = append(row, fmt.Sprintf("%g", r.Trips[i]))
		}
		g = append(g, row)
	}
	return g
}

// Text writes the table for a terminal.
func (s Service) Text(w io.Writer) {
	fmt.Fprintf(w, "%s\n%d rounds of %s, %d connections, medians\n\n", s.Machine, s.Rounds, s.Turn, s.Connections)
	s.grid().text(w)
}

// Write writes the part of benchmarks.md about the service.
func (s Service) Write(folder string) error {
	var page bytes.Buffer
	fmt.Fprintf(&page, "Machine: %s. Command: `%s`. %d rounds of %s in turns, %d connections, medians; the ratio is taken round by round.\n\nVersions: ", s.Machine, s.Command, s.Rounds, s.Turn, s.Connections)
	for i, v := range s.Versions {
		if i > 0 {
			fmt.Fprint(&page, ", ")
		}
		fmt.Fprintf(&page, "%s %s", v[0], v[1])
	}
	fmt.Fprint(&page, ".\n\n")
	s.grid().markdown(&page)
	return Section(filepath.Join(folder, "benchmarks.md"), "service", "bench-http", page.Bytes())
}
