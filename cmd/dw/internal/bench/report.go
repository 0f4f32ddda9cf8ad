package bench

import (
	"fmt"
	"math"

	"github.com/dualwrite/dw/runtime/report"
)

// Measures gives all figures in the form in which they are compared over time.
// Those of a command stand beside the bare parse of the same files, those of
// growth beside the smallest estate.
func Measures(rows []Row) []report.Measure {
	var out []report.Measure
	for _, r := range rows {
		out = append(out, measures(fmt.Sprintf("%s/%s/%d", r.Command, r.Shape, r.Maps), r.Figures, r.Bare)...)
	}
	for _, g := range Growths(rows) {
		out = append(out, measures(fmt.Sprintf("growth/%s/%s", g.Command, g.Shape), g.To.Figures, g.From.Figures)...)
	}
	return out
}

func measures(name string, f, base Figures) []report.Measure {
	out := []report.Measure{
		compared(name+"/cpu", "s", f.CPU.Seconds(), base.CPU.Seconds()),
		compared(name+"/wall", "s", f.Wall.Seconds(), base.Wall.Seconds()),
	}
	if f.Peak > 0 {
		out = append(out, compared(name+"/peak", "MB", megabytes(f.Peak), megabytes(base.Peak)))
	}
	return out
}

func compared(name, unit string, v, base float64) report.Measure {
	m := report.Measure{Name: name, Unit: unit, Value: round(v), Baseline: round(base)}
	if base > 0 {
		m.Ratio = round(v / base)
	}
	return m
}

func megabytes(n int64) float64 { return float64(n) / 1e6 }

// round keeps what a measurement can tell.
func round(v float64) float64 { return math.Round(v*1000) / 1000 }
