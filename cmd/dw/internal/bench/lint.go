package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/dualwrite/dw/planner/estate"
)

// Command is one of dw's commands that is measured.
type Command struct {
	Name string   // in the report
	Args []string // as a person would write it in the folder
}

// Options of Lint.
type Options struct {
	Program  string // dw itself: every measurement is a process of its own
	Commands []Command
	Shapes   []estate.Shape
	Maps     []int // sizes of estates, ascending
	Fields   int
	Runs     int               // of each command; the medians count
	Progress func(line string) // what is being done
}

// Row is the cost of a command on an estate.
type Row struct {
	Shape   estate.Shape
	Maps    int
	Command string
	Figures
	Bare Figures // parsing the same files, measured in the same rounds
}

// The names of the two rows that measure parsing alone. They run the same
// command: how far they differ says how far any two rows may differ by chance.
const (
	BareParse = "bare parse"
	Control   = "bare parse again"
)

// Lint measures commands on estates of each shape and size. The commands take
// turns, so that what else the machine does falls on all of them.
func Lint(ctx context.Context, o Options) ([]Row, error) {
	parse := []string{"bench", "parse"}
	commands := append([]Command{{BareParse, parse}, {Control, parse}}, o.Commands...)
	var out []Row
	for _, shape := range o.Shapes {
		for _, maps := range o.Maps {
			o.Progress(fmt.Sprintf("%d maps of %d fields, %s", maps, o.Fields, shape))
			rows, err := o.estate(ctx, shape, maps, commands)
			if err != nil {
				return nil, err
			}
			out = append(out, rows...)
		}
	}
	return out, nil
}

func (o Options) estate(ctx context.Context, shape estate.Shape, maps int, commands []Command) ([]Row, error) {
	root, err := os.MkdirTemp("", "dw-bench-")
	if err != nil {
		return nil, fmt.Errorf("make room for an estate: %w", err)
	}
	defer os.RemoveAll(root)
	dir := filepath.Join(root, "estate")
	// Written by a process of its own: what a process has had in memory before
	// it starts another counts as the other's peak on Linux.
	write := []string{
		"bench", "estate", "-deployed", "-maps", strconv.Itoa(maps), "-fields", strconv.Itoa(o.Fields), "-shape", string(shape), dir,
	}
	if _, err := once(ctx, o.Program, root, write); err != nil {
		return nil, err
	}
	runs := make([][]Figures, len(commands))
	for range o.Runs {
		for i, c := range commands {
			f, err := once(ctx, o.Program, dir, c.Args)
			if err != nil {
				return nil, err
			}
			runs[i] = append(runs[i], f)
		}
	}
	bare := median(runs[0])
	out := make([]Row, len(commands))
	for i, c := range commands {
		out[i] = Row{Shape: shape, Maps: maps, Command: c.Name, Figures: median(runs[i]), Bare: bare}
	}
	return out, nil
}

// Growth is how a command's cost rose from the smallest estate of a shape to
// the largest.
type Growth struct {
	Shape    estate.Shape
	Command  string
	From, To Row
}

// Growths compares the smallest and the largest estate of each shape.
func Growths(rows []Row) []Growth {
	type series struct {
		shape   estate.Shape
		command string
	}
	first := map[series]Row{}
	last := map[series]Row{}
	var order []series
	for _, r := range rows {
		s := series{r.Shape, r.Command}
		if _, seen := first[s]; !seen {
			first[s] = r
			order = append(order, s)
		}
		last[s] = r
	}
	var out []Growth
	for _, s := range order {
		if last[s].Maps > first[s].Maps {
			out = append(out, Growth{Shape: s.shape, Command: s.command, From: first[s], To: last[s]})
		}
	}
	return out
}
