package main

import (
	"fmt"

	"github.com/urfave/cli/v2"
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
				return p.json(map[string]string{"version": version})
			}
			_, err := fmt.Fprintln(p.host.Out, "dw", version)
			return err
		},
	}
}
