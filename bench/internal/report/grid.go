package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// A grid is a table of text: the first row is the head.
type grid [][]string

// text writes it in aligned columns.
func (g grid) text(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range g {
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	_ = t.Flush()
}

// markdown writes it as a table of Markdown.
func (g grid) markdown(w io.Writer) {
	for i, row := range g {
		fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(w, "|%s\n", strings.Repeat("---|", len(row)))
		}
	}
	fmt.Fprintln(w)
}

// ratio formats one, and nothing if there is none.
func ratio(r float64) string {
	if r == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", r)
}

// duration formats one with three digits.
func duration(d time.Duration) string {
	switch us := float64(d) / float64(time.Microsecond); {
	case d == 0:
		return "-"
	case us < 1_000:
		return fmt.Sprintf("%.0f us", us)
	case us < 10_000:
		return fmt.Sprintf("%.2f ms", us/1_000)
	case us < 1_000_000:
		return fmt.Sprintf("%.1f ms", us/1_000)
	default:
		return fmt.Sprintf("%.2f s", us/1_000_000)
	}
}

// count formats a whole number.
func count(n float64) string {
	if n == 0 {
		return "-"
	}
	s := fmt.Sprintf("%.0f", n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
