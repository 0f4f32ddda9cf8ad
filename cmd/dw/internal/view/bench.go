package view

import (
	"fmt"
	"io"
	"time"
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
