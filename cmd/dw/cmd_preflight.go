package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/engine/preflight"
	"github.com/dualwrite/dw/runtime/report"
)

func (p *program) preflightCommand() *cli.Command {
	return &cli.Command{
		Name:      "preflight",
		Usage:     "judge all existing data before a go-live and list what would not get over",
		ArgsUsage: "[MAP...]",
		Description: "Reads both sides once, evaluates every record as an initial sync of the maps in the files would, and\n" +
			"writes nothing to either side nor to the state. What earlier waves would create counts as there. Exit\n" +
			"0: every record would get over; 2: some would not, or, with -fail-on warning, would lose something.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(),
			&cli.StringSliceFlag{Name: "map", Usage: "judge only `MAP`; may be repeated"},
			&cli.StringSliceFlag{Name: "company", Usage: "judge only the records of `COMPANY`; may be repeated"},
			&cli.StringFlag{Name: "csv", Usage: "write the rows that have to be mended to `FILE`, or to a folder with a file for each map"},
			&cli.IntFlag{Name: "samples", Value: preflight.DefaultSamples, Usage: "name `N` records of each finding"},
			progressFlag(),
			&cli.StringFlag{Name: "fail-on", Value: "error", Usage: "exit 2 at findings of this `SEVERITY` or worse: error, warning"},
		},
		Action: p.inFolder(-1, p.preflight),
	}
}

func (p *program) preflight(c *cli.Context, s *session.Session) error {
	failOn, err := preflightSeverity(c.String("fail-on"))
	if err != nil {
		return err
	}
	if err := knownProgress(c); err != nil {
		return err
	}
	progress := p.progress(c)
	r, l, err := s.Preflight(c.Context, session.PreflightOptions{
		Maps: mapNames(append(c.StringSlice("map"), c.Args().Slice()...)), Companies: names(c.StringSlice("company")),
		CSV: c.String("csv"), Samples: c.Int("samples"), Progress: progress.Show,
	})
	progress.Close()
	if err := p.failed(c, s, l, err); err != nil {
		return err
	}
	err = answer(p, c, r, view.Preflight)
	switch csv := c.String("csv"); {
	case err != nil || c.Bool("json"):
	case csv != "":
		p.say("The rows to mend, where there are any, are written to " + csv + ".")
	case r.Failing > 0:
		p.say("`dw preflight -csv FILE` writes the rows to mend, for who owns the data.")
	}
	if err == nil && preflightReaches(r, failOn) {
		return exit{exitChanges}
	}
	return err
}

// preflightReaches tells whether a preflight has a finding that is at least as
// bad as a severity.
func preflightReaches(r report.Preflight, s diag.Severity) bool {
	for _, m := range r.Maps {
		for _, f := range m.Findings {
			if f.Severity <= s {
				return true
			}
		}
	}
	return false
}

func preflightSeverity(text string) (diag.Severity, error) {
	for _, s := range []diag.Severity{diag.Error, diag.Warning} {
		if strings.EqualFold(text, s.String()) {
			return s, nil
		}
	}
	return 0, diag.Fail(diag.Diagnostic{
		Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("-fail-on %q is no severity of a preflight", text), Hint: "Write error or warning.",
	})
}
