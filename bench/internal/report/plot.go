package report

import (
	"fmt"
	"html"
	"io"
	"math"
)

// A panel is a chart of lines over two logarithmic axes.
type panel struct {
	title string
	xs    []string // The marks of the horizontal axis, at equal distances.
	lines []line
}

// A line has a value for each mark; 0 is none.
type line struct {
	name   string
	values []float64
}

// colours of the lines.
var colours = map[string]string{
	Stock: "#6b7280", Generic: "#2563eb", Prepared: "#7c3aed", Hand: "#059669", SQLC: "#d97706",
	GORM: "#dc2626", Bun: "#db2777", Drizzle: "#0891b2", DrizzlePrepared: "#854d0e",
}

// The size of a panel, and of what is around its axes.
const (
	width, height           = 380, 250
	left, right, top, below = 62, 28, 28, 26
)

// plot writes panels as one SVG, in rows of two, with a legend below. unit writes a value of
// the vertical axis.
func plot(w io.Writer, title string, panels []panel, unit func(float64) string) {
	rows := (len(panels) + 1) / 2
	legend := 0
	if len(panels) > 0 {
		legend = len(panels[0].lines)
	}
	total := rows*height + 30 + (legend+3)/4*20
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11" fill="#111827">`+"\n", 2*width, total)
	fmt.Fprintf(w, "<title>%s</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n", html.EscapeString(title))
	for i, p := range panels {
		fmt.Fprintf(w, `<g transform="translate(%d,%d)">`+"\n", i%2*width, i/2*height)
		p.draw(w, unit)
		fmt.Fprintln(w, "</g>")
	}
	for i := range legend {
		x, y := 20+i%4*(2*width-40)/4, rows*height+20+i/4*20
		fmt.Fprintf(w, `<rect x="%d" y="%d" width="14" height="4" fill="%s"/><text x="%d" y="%d">%s</text>`+"\n",
			x, y-4, colours[panels[0].lines[i].name], x+20, y+1, html.EscapeString(panels[0].lines[i].name))
	}
	fmt.Fprintln(w, "</svg>")
}

func (p panel) draw(w io.Writer, unit func(float64) string) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, l := range p.lines {
		for _, v := range l.values {
			if v > 0 {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	if math.IsInf(low, 1) {
		return
	}
	low, high = low/1.15, high*1.15
	x := func(i int) float64 {
		if len(p.xs) == 1 {
			return left
		}
		return left + float64(i)*float64(width-left-right-5)/float64(len(p.xs)-1) + 5
	}
	y := func(v float64) float64 {
		return top + (math.Log(high)-math.Log(v))/(math.Log(high)-math.Log(low))*(height-top-below)
	}
	fmt.Fprintf(w, `<text x="%d" y="18" font-weight="bold">%s</text>`+"\n", left, html.EscapeString(p.title))
	for decade := math.Floor(math.Log10(low)); decade <= math.Log10(high); decade++ {
		for _, step := range []float64{1, 2, 5} {
			v := step * math.Pow(10, decade)
			if v < low || v > high {
				continue
			}
			fmt.Fprintf(w, `<path d="M%d %.1fH%d" stroke="#e5e7eb"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n", left, y(v), width-right, left-5, y(v)+4, unit(v))
		}
	}
	for i, mark := range p.xs {
		fmt.Fprintf(w, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x(i), height-10, html.EscapeString(mark))
	}
	for _, l := range p.lines {
		path, from := "", "M"
		for i, v := range l.values {
			if v <= 0 {
				from = "M"
				continue
			}
			path += fmt.Sprintf("%s%.1f %.1f", from, x(i), y(v))
			from = "L"
			fmt.Fprintf(w, `<circle cx="%.1f" cy="%.1f" r="2.5" fill="%s"/>`+"\n", x(i), y(v), colours[l.name])
		}
		fmt.Fprintf(w, `<path d="%s" fill="none" stroke="%s" stroke-width="1.8"/>`+"\n", path, colours[l.name])
	}
}
