package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/dualwrite"
)

func (p *program) exportCommand() *cli.Command {
	return &cli.Command{
		Name:  "export",
		Usage: "write the maps of the folder as Microsoft's dual-write keeps them",
		Description: "Writes the JSON of each map and the integration keys, which dual-write keeps in its link, and with\n" +
			"-solution a solution that Dataverse imports. What dual-write cannot carry is told. Needs neither a\n" +
			"link nor a connection; where dw.schema.json lies beside the files, its names are used.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "dualwrite", Usage: "in the format of dual-write, the only one there is"},
			&cli.StringFlag{Name: "out", Usage: "the `DIR` for a file a map"},
			&cli.StringFlag{Name: "solution", Usage: "the zip `FILE` of a solution, whose unique name is the file's"},
			&cli.StringFlag{Name: "solution-version", Usage: "the `VERSION` of the solution", Value: "1.0.0.0"},
			&cli.StringFlag{Name: "publisher", Usage: "the `PREFIX` of the publisher, with which names of maps begin", Value: "dw"},
			forceFlag(), labelsFlag(), variableFlag(),
			&cli.StringFlag{Name: "link", Usage: "only the maps of this `LINK`"}, jsonFlag(),
		},
		Action: p.exportMaps,
	}
}

func (p *program) exportMaps(c *cli.Context) error {
	if err := noArguments(c, 0); err != nil {
		return err
	}
	usage := func(format string, args ...any) error {
		return diag.Fail(diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf(format, args...),
			Hint: "Write `dw export -dualwrite -out DIR`, and -solution FILE.zip for a solution.",
		})
	}
	switch {
	case !c.Bool("dualwrite"):
		return usage("`dw export` needs a format")
	case c.String("out") == "" && c.String("solution") == "":
		return usage("`dw export` needs where to write")
	case !dualwrite.ValidPrefix(c.String("publisher")):
		return usage("%q is no prefix of a publisher: two to eight letters and digits", c.String("publisher"))
	}
	vars, err := variables(c)
	if err != nil {
		return err
	}
	done, err := session.ExportMaps(p.host, session.ExportOptions{
		Dir: c.String("chdir"), Variables: vars, Version: version, Link: c.String("link"), Out: c.String("out"),
		Solution: c.String("solution"), SolutionVersion: c.String("solution-version"), Publisher: c.String("publisher"),
		Labels: c.String("labels"), Force: c.Bool("force"),
	})
	if err != nil {
		return err
	}
	return p.exchanged(done, "Exported", c.Bool("json"))
}
