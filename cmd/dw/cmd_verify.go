package main

import (
	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
)

func (p *program) verifyCommand() *cli.Command {
	return &cli.Command{
		Name:  "verify",
		Usage: "read both sides afresh and compare every record",
		Description: "Exit 0: no difference that is not explained by a listed record; 2: findings. -no-state explains\n" +
			"nothing and takes the maps from the files.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(),
			&cli.BoolFlag{Name: "no-state", Usage: "do not look at the state"},
			&cli.StringSliceFlag{Name: "map", Usage: "compare only `MAP`; may be repeated"},
			&cli.IntFlag{Name: "limit", Value: 50, Usage: "name at most `N` differences a map; 0 names all"},
		},
		Action: p.inFolder(0, func(c *cli.Context, s *session.Session) error {
			v, l, err := s.Verify(c.Context, session.VerifyOptions{NoState: c.Bool("no-state"), Maps: mapNames(c.StringSlice("map")), Limit: c.Int("limit")})
			if err != nil {
				return err
			}
			if l.HasErrors() {
				return p.stop(s, l, c.Bool("json"))
			}
			if c.Bool("json") {
				err = p.json(v)
			} else {
				err = view.Verify(p.host.Out, v, p.viewOptions(p.host.Out))
			}
			for _, m := range v.Maps {
				if err == nil && m.Findings > 0 {
					return exit{exitChanges}
				}
			}
			return err
		}),
	}
}
