package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/bench"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/planner/estate"
)

// benchCommand is for those who work on dw; help does not list it.
func (p *program) benchCommand() *cli.Command {
	return &cli.Command{
		Name:   "bench",
		Usage:  "measure dw itself",
		Hidden: true,
		Subcommands: []*cli.Command{
			{
				Name:  "lint",
				Usage: "measure what checking and planning cost on estates of many maps",
				Description: "Writes estates into a temporary folder and runs dw's own commands on them, each in a process of\n" +
					"its own, beside a bare parse of the same files. Shows the median of each figure.",
				Flags: []cli.Flag{
					&cli.IntSliceFlag{Name: "maps", Usage: "`N` maps; may be given several times, for estates of several sizes"},
					&cli.IntFlag{Name: "fields", Value: 10, Usage: "`N` fields of each map"},
					&cli.StringSliceFlag{Name: "shape", Usage: "`SHAPE` of the references: flat, tree or chain; may be given several times"},
					&cli.IntFlag{Name: "runs", Value: 5, Usage: "`N` runs of each command"},
					&cli.BoolFlag{Name: "quick", Usage: "100 maps, one run"},
					&cli.BoolFlag{Name: "full", Usage: "1,000 and 5,000 maps in every shape"},
					&cli.BoolFlag{Name: "json", Usage: "print a JSON object a line"},
				},
				Action: p.benchLint,
			},
			p.benchInitialCommand(),
			{
				Name: "bare", Usage: "send rows to a Dataverse twin and do nothing else", ArgsUsage: "ADDRESS FILE",
				Flags: []cli.Flag{
					&cli.IntFlag{Name: "rows", Usage: "`N` rows"},
					&cli.IntFlag{Name: "each", Value: 100, Usage: "`N` rows a request"},
					&cli.IntFlag{Name: "parallel", Value: 8, Usage: "`N` requests at once"},
					&cli.DurationFlag{Name: "for", Usage: "stop after `TIME`"},
				},
				Action: func(c *cli.Context) error {
					return bench.Loop{
						Address: c.Args().Get(0), Pattern: c.Args().Get(1),
						Rows: c.Int("rows"), Each: c.Int("each"), Parallel: c.Int("parallel"), For: c.Duration("for"),
					}.Send(c.Context)
				},
			},
			{
				Name: "packages", Usage: "send packages to an F&O twin and do nothing else", ArgsUsage: "ADDRESS DIR",
				Action: func(c *cli.Context) error {
					return bench.PackageLoop{Address: c.Args().Get(0), Dir: c.Args().Get(1)}.Send(c.Context)
				},
			},
			{
				Name:        "estate",
				Usage:       "write an estate into a folder",
				ArgsUsage:   "DIR",
				Description: "Writes maps and the schema that they are checked against.",
				Flags: []cli.Flag{
					&cli.IntFlag{Name: "maps", Value: 1000, Usage: "`N` maps"},
					&cli.IntFlag{Name: "fields", Value: 10, Usage: "`N` fields of each map"},
					&cli.StringFlag{Name: "shape", Value: string(estate.Flat), Usage: "`SHAPE` of the references: flat, tree or chain"},
					&cli.BoolFlag{Name: "deployed", Usage: "add a state in which all maps run"},
				},
				Action: p.benchEstate,
			},
			{
				Name:        "parse",
				Usage:       "parse the files of the folder and do nothing else",
				Description: "The least that any check of the folder can cost.",
				Action: func(c *cli.Context) error {
					if err := noArguments(c, 0); err != nil {
						return err
					}
					return bench.Parse(folder(c))
				},
			},
		},
	}
}

// folder is where the command works.
func folder(c *cli.Context) string {
	if dir := c.String("chdir"); dir != "" {
		return dir
	}
	return "."
}

func (p *program) benchEstate(c *cli.Context) error {
	if err := noArguments(c, 1); err != nil {
		return err
	}
	if c.NArg() == 0 {
		return diag.Fail(diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: "`dw bench estate` needs the folder to write to"})
	}
	shapes, err := shapesOf([]string{c.String("shape")})
	if err != nil {
		return err
	}
	maps, fields := c.Int("maps"), c.Int("fields")
	if err := checkSize([]int{maps}, fields); err != nil {
		return err
	}
	o := estate.Options{Maps: maps, Fields: fields, Shape: shapes[0]}
	return bench.Write(c.Context, p.host, c.Args().First(), o, c.Bool("deployed"), version)
}

func (p *program) benchLint(c *cli.Context) error {
	if err := noArguments(c, 0); err != nil {
		return err
	}
	o := bench.Options{Maps: c.IntSlice("maps"), Fields: c.Int("fields"), Runs: max(c.Int("runs"), 1)}
	if len(o.Maps) == 0 {
		o.Maps = []int{1000}
	}
	switch {
	case c.Bool("quick"):
		o.Maps, o.Runs = []int{100}, 1
	case c.Bool("full"):
		o.Maps = []int{1000, 5000}
	}
	slices.Sort(o.Maps)
	o.Maps = slices.Compact(o.Maps)
	if err := checkSize(o.Maps, o.Fields); err != nil {
		return err
	}
	var err error
	if o.Shapes, err = shapesOf(c.StringSlice("shape")); err != nil {
		return err
	}
	if o.Program, err = os.Executable(); err != nil {
		return fmt.Errorf("find the program to measure: %w", err)
	}
	o.Commands = p.measured()
	o.Progress = func(line string) { fmt.Fprintln(p.host.Err, line) }
	rows, err := bench.Lint(c.Context, o)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		e := json.NewEncoder(p.host.Out)
		for _, m := range bench.Measures(rows) {
			if err := e.Encode(m); err != nil {
				return err
			}
		}
		return nil
	}
	return view.Bench(p.host.Out, benchRows(rows), p.viewOptions(p.host.Out))
}

// measured are the commands that a pull request waits for.
func (p *program) measured() []bench.Command {
	return []bench.Command{
		{Name: "validate", Args: []string{validateName}},
		{Name: "lint", Args: []string{"lint", "-fail-on", "notice"}},
		{Name: "plan", Args: []string{"plan", "-offline", "-detailed-exitcode"}},
	}
}

func benchRows(rows []bench.Row) []view.BenchRow {
	var out []view.BenchRow
	add := func(group, command string, f, base bench.Figures) {
		out = append(out, view.BenchRow{
			Group: group, Command: command, CPU: f.CPU, Wall: f.Wall, Peak: f.Peak,
			BaseCPU: base.CPU, BaseWall: base.Wall, BasePeak: base.Peak,
		})
	}
	for _, r := range rows {
		add(fmt.Sprintf("%s, %s; x: times the bare parse", view.Plural(r.Maps, "map"), r.Shape), r.Command, r.Figures, r.Bare)
	}
	for _, g := range bench.Growths(rows) {
		add(fmt.Sprintf("growth from %s to %s, %s; x: times the smaller", view.Plural(g.From.Maps, "map"), view.Plural(g.To.Maps, "map"), g.Shape),
			g.Command, g.To.Figures, g.From.Figures)
	}
	return out
}

// shapesOf reads the names of shapes; none are all.
func shapesOf(names []string) ([]estate.Shape, error) {
	if len(names) == 0 {
		return estate.Shapes(), nil
	}
	var out []estate.Shape
	for _, n := range names {
		if !slices.Contains(estate.Shapes(), estate.Shape(n)) {
			var known []string
			for _, s := range estate.Shapes() {
				known = append(known, string(s))
			}
			return nil, diag.Fail(diag.Diagnostic{
				Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("there is no shape %q", n),
				Hint: "Shapes: " + strings.Join(known, ", ") + ".",
			})
		}
		out = append(out, estate.Shape(n))
	}
	return out, nil
}

func checkSize(maps []int, fields int) error {
	for _, n := range maps {
		if n < 1 || n > estate.MaxMaps || fields < estate.MinFields || fields > estate.MaxFields {
			return diag.Fail(diag.Diagnostic{
				Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("an estate of %d maps with %d fields cannot be written", n, fields),
				Hint: fmt.Sprintf("Choose 1 to %d maps of %d to %d fields.", estate.MaxMaps, estate.MinFields, estate.MaxFields),
			})
		}
	}
	return nil
}
