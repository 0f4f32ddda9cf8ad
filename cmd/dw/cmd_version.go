package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/runtime/report"
)

func (p *program) versionCommand() *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print the version",
		Flags: []cli.Flag{jsonFlag()},
		Action: func(c *cli.Context) error {
			if err := noArguments(c, 0); err != nil {
				return err
			}
			if c.Bool("json") {
				return p.json(map[string]string{"format_version": report.FormatVersion, "version": version})
			}
			_, err := fmt.Fprintln(p.host.Out, "dw", version)
			return err
		},
	}
}
