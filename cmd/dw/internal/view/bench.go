package view

import (
	"fmt"
	"io"
	"time"

	"github.com/dualwrite/dw/runtime/report"
)

// BenchRow is a line of a benchmark's report: what a command cost, and what it
// is compared with.
type BenchRow struct {
	Group    string // rows of one group stand together under it
	Command  string
	CPU      time.Duration
	Wall     time.Duration
	Peak     int64 // bytes; 0: not known
	BaseCPU  time.Duration
	BaseWall time.Duration
	BasePeak int64
}

// Bench shows a benchmark's report, a table a group.
func Bench(w io.Writer, rows []BenchRow, o Options) error {
	for start := 0; start < len(rows); {
		t := table{headed: true, indent: 2, columns: []column{
			{head: "", least: 8},
			{head: "CPU s", right: true}, {head: "x", right: true}, {head: "wall s", right: true}, {head: "x", right: true},
			{head: "peak MB", right: true}, {head: "x", right: true},
		}}
		end := start
		for ; end < len(rows) && rows[end].Group == rows[start].Group; end++ {
			r := rows[end]
			peak := "-"
			if r.Peak > 0 {
				peak = fmt.Sprintf("%.0f", float64(r.Peak)/1e6)
			}
			t.add(cell{text: r.Command},
				cell{text: fmt.Sprintf("%.2f", r.CPU.Seconds())}, times(int64(r.CPU), int64(r.BaseCPU)),
				cell{text: fmt.Sprintf("%.2f", r.Wall.Seconds())}, times(int64(r.Wall), int64(r.BaseWall)),
				cell{text: peak}, times(r.Peak, r.BasePeak))
		}
		if start > 0 {
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintln(w, o.paint(bold, rows[start].Group)); err != nil {
			return err
		}
		if err := t.write(w, o); err != nil {
			return err
		}
		start = end
	}
	return nil
}

func times(n, base int64) cell {
	if base <= 0 {
		return cell{text: "-"}
	}
	return cell{text: fmt.Sprintf("%.1f", float64(n)/float64(base)), style: dim}
}

// Measures shows figures, a line each, beside what they are compared with.
func Measures(w io.Writer, list []report.Measure, o Options) error {
	t := table{headed: true, columns: []column{
		{head: "", least: 12}, {head: "value", right: true}, {head: "baseline", right: true}, {head: "unit"}, {head: "ratio", right: true}, {head: "aim", right: true},
	}}
	number := func(v float64) cell {
		switch {
		case v == 0:
			return cell{text: "-"}
		case v < 10:
			return cell{text: fmt.Sprintf("%.3f", v)}
		default:
			return cell{text: fmt.Sprintf("%.0f", v)}
		}
	}
	for _, m := range list {
		value := number(m.Value)
		if m.Value == 0 {
			value.text = "0"
		}
		t.add(cell{text: m.Name}, value, number(m.Baseline), cell{text: m.Unit}, number(m.Ratio), number(m.Target))
	}
	return t.write(w, o)
}
