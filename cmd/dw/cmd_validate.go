package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
)

func jsonFlag() cli.Flag { return &cli.BoolFlag{Name: "json", Usage: "print JSON on standard output"} }

func variableFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "var", Usage: "set a variable, `NAME=VALUE`; also DW_VAR_NAME in the environment"}
}

func linkFlag() cli.Flag {
	return &cli.StringFlag{Name: "link", Usage: "the `LINK` to work on, where the folder has several"}
}

func (p *program) validateCommand() *cli.Command {
	return &cli.Command{
		Name:  "validate",
		Usage: "check the files of the folder",
		Description: "Checks syntax, references and, where dw.schema.json lies beside the files, every name and type\n" +
			"against it. Needs no connection. All independent mistakes are reported in one run.",
		Flags: []cli.Flag{jsonFlag(), variableFlag(), linkFlag()},
		Action: p.inFolder(0, func(c *cli.Context, s *session.Session) error {
			l, checked := s.CheckOffline()
			if l.HasErrors() || c.Bool("json") {
				p.diagnostics(l, s.Sources(), c.Bool("json"))
				if l.HasErrors() {
					return exit{exitError}
				}
				return nil
			}
			if len(l) > 0 {
				p.diagnostics(l, s.Sources(), false)
			}
			what := "language and schema"
			if !checked {
				what = "language only: there is no dw.schema.json, `dw schema pull` writes it"
			}
			fmt.Fprintf(p.host.Out, "Valid: %s in %s (%s).\n", view.Plural(len(s.Config.Maps), "map"), view.Plural(len(s.Sources()), "file"), what)
			return nil
		}),
	}
}

// warn shows diagnostics that do not end the command.
func (p *program) warn(l diag.List, sources map[string][]byte) {
	if len(l) > 0 {
		p.diagnostics(l.Sorted(), sources, false)
	}
}
