package main

import (
	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
)

func (p *program) verifyCommand() *cli.Command {
	return &cli.Command{
		Name:  "verify",
		Usage: "read both sides afresh and compare every record",
		Description: "Exit 0: no difference that is not explained by a listed record; 2: findings. It only reads, and it\n" +
			"says which side has moved since both agreed. -no-state explains nothing and takes the maps from the\n" +
			"files. While `dw run` runs, what differs is looked at again before it counts. `dw repair` mends.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(),
			&cli.BoolFlag{Name: "no-state", Usage: "do not look at the state"},
			&cli.StringSliceFlag{Name: "map", Usage: "compare only `MAP`; may be repeated"},
			&cli.StringFlag{Name: "company", Usage: "compare only the records of `COMPANY`"},
			&cli.IntFlag{Name: "sample", Usage: "compare only `N` keys of each map"},
			&cli.Uint64Flag{Name: "seed", Usage: "choose the keys of -sample by `SEED`; the same one chooses the same again"},
			&cli.StringFlag{Name: "since", Usage: "compare only what was edited since `TIME`: a time, or how long ago (24h, 7d)"},
			&cli.IntFlag{Name: "limit", Value: 50, Usage: "name at most `N` differences a map; 0 names all"},
		},
		Action: p.inFolder(0, func(c *cli.Context, s *session.Session) error {
			o := verifyOptions(c)
			o.NoState, o.Limit = c.Bool("no-state"), c.Int("limit")
			o.Sample, o.Seed, o.Since = c.Int("sample"), c.Uint64("seed"), c.String("since")
			switch {
			case c.IsSet("sample") && o.Sample <= 0:
				return diag.Fail(diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: "-sample needs a number of keys", Hint: "For example: -sample 200."})
			case c.IsSet("seed") && o.Sample == 0:
				return diag.Fail(diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: "-seed goes with -sample only", Hint: "Add -sample N, or leave -seed out."})
			}
			progress := p.progress(c)
			o.Progress = progress.Show
			v, l, err := s.Verify(c.Context, o)
			progress.Close()
			if err := p.failed(c, s, l, err); err != nil {
				return err
			}
			err = answer(p, c, v, view.Verify)
			for _, m := range v.Maps {
				if err == nil && m.Findings > 0 {
					return exit{exitChanges}
				}
			}
			return err
		}),
	}
}

// verifyOptions gives what verify and repair have in common.
func verifyOptions(c *cli.Context) session.VerifyOptions {
	return session.VerifyOptions{Maps: mapNames(c.StringSlice("map")), Company: c.String("company")}
}
