package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/sandbox"
	"github.com/dualwrite/dw/runtime/sandbox/spoil"
)

func (p *program) sandboxSpoilCommand() *cli.Command {
	return &cli.Command{
		Name:  "spoil",
		Usage: "damage records of the twins, to rehearse a go-live",
		Description: "Raw edits of the twins' files, of twenty kinds in turn, most of them customers: texts that are too\n" +
			"long, references to nothing, rows without a number and so on. dirt.csv beside the data lists them.\n" +
			"`dw preflight` finds them, `dw sandbox mend` takes them back.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(),
			&cli.IntFlag{Name: "rows", Value: 100, Usage: "damage `N` records"},
			&cli.IntFlag{Name: "first", Value: 1, Usage: "the first of F&O's is at the earliest its customer number `N`, in the order in which they are read"},
		},
		Action: p.inFolder(0, func(c *cli.Context, s *session.Session) error {
			rows, err := s.Spoil(c.Context, sandbox.SpoilOptions{Rows: c.Int("rows"), First: c.Int("first")})
			if err != nil {
				return err
			}
			r := report.Spoilt{FormatVersion: report.FormatVersion, List: s.DirtList()}
			for _, k := range spoil.Kinds() {
				r.Kinds = append(r.Kinds, report.SpoiltKind{Kind: string(k)})
			}
			for _, x := range rows {
				at := slices.IndexFunc(r.Kinds, func(k report.SpoiltKind) bool { return k.Kind == string(x.Kind) })
				if r.Kinds[at].Records++; x.Undo == nil {
					r.Kinds[at].Waiting++
				}
				r.Records++
			}
			return answer(p, c, r, view.Spoilt)
		}),
	}
}

func (p *program) sandboxMendCommand() *cli.Command {
	return &cli.Command{
		Name:      "mend",
		Usage:     "put records right that `dw sandbox spoil` has damaged",
		ArgsUsage: "[KEY]",
		Description: "Raw edits of the twins' files: all of them, or those of a kind, of a map or of one record. Nothing\n" +
			"tells dw of it, as when somebody mends data in the real systems' databases: `dw errors retry` takes\n" +
			"the records up again.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(),
			&cli.StringFlag{Name: "kind", Usage: "only this `KIND` of damage"},
			&cli.StringFlag{Name: "map", Usage: "only records of `MAP`"},
		},
		Action: p.inFolder(1, func(c *cli.Context, s *session.Session) error {
			kind := c.String("kind")
			if kind != "" && !slices.Contains(spoil.Kinds(), spoil.Kind(kind)) {
				var known []string
				for _, k := range spoil.Kinds() {
					known = append(known, string(k))
				}
				d := diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("there is no kind of damage %q", kind)}
				if near := diag.Suggest(kind, known); near != "" {
					d.Hint = fmt.Sprintf("Did you mean %q?", near)
				}
				return diag.Fail(d)
			}
			m, err := s.MendSandbox(c.Context, sandbox.MendOptions{Kind: kind, Map: mapName(c.String("map")), Key: c.Args().First()})
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return p.json(report.MendedData{FormatVersion: report.FormatVersion, Mended: m.Mended, Left: m.Left})
			}
			fmt.Fprintf(p.host.Out, "%s mended, %d left.\n", view.Plural(m.Mended, "record"), m.Left)
			if m.Whole > 0 && m.Mended == 0 {
				fmt.Fprintf(p.host.Out, "%s was dirty from the start or waits for another one: there is nothing to take back.\n", cmp.Or(c.Args().First(), view.Plural(m.Whole, "record")))
			}
			return nil
		}),
	}
}
