package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/bench"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
)

func (p *program) benchInitialCommand() *cli.Command {
	return &cli.Command{
		Name:  "initial",
		Usage: "measure the initial sync of customers",
		Description: "Serves twins in a process of their own, over a temporary folder, and runs dw apply on them beside\n" +
			"loops that do nothing but send. Rates come from the twins' log, numbers of rows from their databases.",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "only", Usage: "`SCENARIO`: " + strings.Join(bench.Scenarios(), ", ") + "; may be given several times"},
			&cli.IntFlag{Name: "rows", Value: 20_000, Usage: "`N` customers beside the bare loop"},
			&cli.IntFlag{Name: "million", Value: 1_000_000, Usage: "`N` customers for the scenario of that name"},
			&cli.IntFlag{Name: "packaged", Value: 3000, Usage: "`N` customers for packages"},
			&cli.DurationFlag{Name: "window", Value: 20 * time.Second, Usage: "the window of the service protection limits is `TIME`"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "`N` decides when dw is killed"},
			&cli.BoolFlag{Name: "quick", Usage: "few customers, short windows"},
			&cli.BoolFlag{Name: "full", Usage: "a million customers too"},
			&cli.BoolFlag{Name: "json", Usage: "print a JSON object a line"},
		},
		Action: p.benchInitial,
	}
}

func (p *program) benchInitial(c *cli.Context) error {
	if err := noArguments(c, 0); err != nil {
		return err
	}
	o := bench.InitialOptions{
		Only: c.StringSlice("only"), Rows: max(c.Int("rows"), 1000), Million: max(c.Int("million"), 1000), Packaged: max(c.Int("packaged"), 30), Window: max(c.Duration("window"), time.Second),
		Seed: c.Uint64("seed"), Quick: c.Bool("quick"), Full: c.Bool("full"),
	}
	for _, s := range o.Only {
		if !slices.Contains(bench.Scenarios(), s) {
			return diag.Fail(diag.Diagnostic{
				Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("there is no scenario %q", s),
				Hint: "Scenarios: " + strings.Join(bench.Scenarios(), ", ") + ".",
			})
		}
	}
	if o.Quick {
		if !c.IsSet("rows") {
			o.Rows = 1000
		}
		if !c.IsSet("packaged") {
			o.Packaged = 60
		}
		if !c.IsSet("window") {
			o.Window = 1500 * time.Millisecond
		}
	}
	var err error
	if o.Program, err = os.Executable(); err != nil {
		return fmt.Errorf("find the program to measure: %w", err)
	}
	o.Progress = func(line string) { fmt.Fprintln(p.host.Err, line) }
	measures, err := bench.Initial(c.Context, o)
	if c.Bool("json") {
		e := json.NewEncoder(p.host.Out)
		for _, m := range measures {
			if err := e.Encode(m); err != nil {
				return err
			}
		}
		return err
	}
	if shown := view.Measures(p.host.Out, measures, p.viewOptions(p.host.Out)); err == nil {
		err = shown
	}
	return err
}
