package main

import (
	"fmt"
	"strings"

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

func lockTimeoutFlag() cli.Flag {
	return &cli.DurationFlag{Name: "lock-timeout", Usage: "wait up to `TIME` (10m) while another process writes to the state"}
}

// validateName is a command that looks at all links of a folder.
const validateName = "validate"

func (p *program) validateCommand() *cli.Command {
	return &cli.Command{
		Name:  validateName,
		Usage: "check the files of the folder",
		Description: "Checks syntax, references and, where dw.schema.json lies beside the files, every name and type\n" +
			"against it. Needs no connection. All independent mistakes are reported in one run.",
		Flags:  []cli.Flag{jsonFlag(), variableFlag(), linkFlag()},
		Action: p.inFolder(0, p.validate),
	}
}

func (p *program) validate(c *cli.Context, s *session.Session) error {
	asJSON := c.Bool("json")
	l, missing := s.CheckOffline()
	if len(l) > 0 || asJSON {
		p.diagnostics(l, s.Sources(), asJSON)
	}
	if l.HasErrors() {
		return exit{exitError}
	}
	if asJSON {
		return nil
	}
	what := "language and schema"
	if len(missing) > 0 {
		what = fmt.Sprintf("language only: there is no %s, `dw schema pull` writes it", strings.Join(missing, ", "))
	}
	_, err := fmt.Fprintf(p.host.Out, "Valid: %s in %s (%s).\n", view.Plural(len(s.Config.Maps), "map"), view.Plural(s.Files(), "file"), what)
	return err
}

// warn shows diagnostics that do not end the command.
func (p *program) warn(l diag.List, sources map[string][]byte) {
	if len(l) > 0 {
		p.diagnostics(l.Sorted(), sources, false)
		fmt.Fprintln(p.host.Err) // what follows stands by itself
	}
}
