package report

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// The parts of the page that a run writes again stand between these marks; the rest is
// written by hand and kept.
const (
	begin = "<!-- begin of %s: written by \"make %s\" -->\n"
	end   = "<!-- end of %s -->\n"
)

// Write writes the part of benchmarks.md about queries, and its plots, into a folder.
func (r Result) Write(folder string) error {
	var latency, rows, page bytes.Buffer
	r.plotLatency(&latency)
	if err := os.WriteFile(filepath.Join(folder, "benchmarks-latency.svg"), latency.Bytes(), 0o644); err != nil {
		return err
	}
	if len(r.Growth) > 0 {
		r.plotRows(&rows)
		if err := os.WriteFile(filepath.Join(folder, "benchmarks-rows.svg"), rows.Bytes(), 0o644); err != nil {
			return err
		}
	}
	r.markdown(&page)
	return Section(filepath.Join(folder, "benchmarks.md"), "queries", "bench-report", page.Bytes())
}

// Section replaces a part of a page between its marks: what "make target" writes.
func Section(file, name, target string, text []byte) error {
	page, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	first, last := fmt.Sprintf(begin, name, target), fmt.Sprintf(end, name)
	before, rest, ok := strings.Cut(string(page), first)
	_, after, closed := strings.Cut(rest, last)
	if !ok || !closed {
		return fmt.Errorf("%s has no lines %q and %q to write between", file, strings.TrimSpace(first), strings.TrimSpace(last))
	}
	return os.WriteFile(file, []byte(before+first+"\n"+string(text)+last+after), 0o644)
}

func (r Result) markdown(w io.Writer) {
	fmt.Fprintf(w, "Machine: %s. Command: `%s`. %d rounds.\n\nVersions: ", r.Machine, r.Command, r.Rounds)
	for i, v := range r.Versions {
		if i > 0 {
			fmt.Fprint(w, ", ")
		}
		fmt.Fprintf(w, "%s %s", v[0], v[1])
	}
	fmt.Fprint(w, ".\n\nThe network: ")
	for i, l := range r.Latencies {
		if i > 0 {
			fmt.Fprint(w, ", ")
		}
		if l.Asked == 0 {
			fmt.Fprint(w, "local is the loopback without a proxy")
			continue
		}
		fmt.Fprintf(w, "%s adds %s to a round trip (measured, with the proxy's own work)", l.Asked, duration(l.Ping))
	}
	fmt.Fprint(w, ".\n\n### Targets\n\n")
	r.targets().markdown(w)
	fmt.Fprintf(w, "### Time\n\n%s in time, the others as multiples of it; the last columns as multiples of hand-written code.\n\n", r.Columns[0])
	r.ratios().markdown(w)
	fmt.Fprint(w, "![Time of a call by the latency of the network](benchmarks-latency.svg)\n\n### Round trips, counted on the wire\n\n")
	r.trips().markdown(w)
	fmt.Fprint(w, "### Allocations, and processor time in the process of the client\n\n")
	r.allocations().markdown(w)
	r.cpu().markdown(w)
	if len(r.Growth) > 0 {
		fmt.Fprint(w, "### Growth with rows\n\n")
		r.growth().markdown(w)
		fmt.Fprint(w, "![Cost of a row by the number of rows](benchmarks-rows.svg)\n\n")
	}
	fmt.Fprintln(w, "The cases:")
	fmt.Fprintln(w)
	for _, c := range r.Cases {
		fmt.Fprintf(w, "- `%s`: %s\n", c.Name, c.Title)
	}
	fmt.Fprintln(w)
}
