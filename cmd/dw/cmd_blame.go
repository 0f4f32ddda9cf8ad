package main

import (
	"io"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/report"
)

func (p *program) blameCommand() *cli.Command {
	return &cli.Command{
		Name:      "blame",
		Usage:     "explain the values of a record: which side they came from, when and why",
		ArgsUsage: "MAP KEY [FIELD]",
		Description: "KEY is written as lists show it, the company first: \"USMF / US-001\". FIELD is an F&O field or a\n" +
			"Dataverse column. Reads the state only, also beside a running engine.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(),
			&cli.BoolFlag{Name: "history", Usage: "every line of the record's history too"},
		},
		Action: p.inFolder(3, func(c *cli.Context, s *session.Session) error {
			if c.NArg() < 2 {
				return diag.Fail(diag.Diagnostic{
					Code: diag.CodeUsage, Severity: diag.Error, Summary: "`dw blame` needs a map and a key",
					Hint: "For example: dw blame accounts \"USMF / US-001\".",
				})
			}
			b, err := s.Blame(c.Context, c.Args().Get(0), c.Args().Get(1), c.Args().Get(2))
			if err != nil {
				return err
			}
			return answer(p, c, b, func(w io.Writer, b report.Blame, o view.Options) error {
				return view.Blame(w, b, c.Bool("history"), o)
			})
		}),
	}
}
