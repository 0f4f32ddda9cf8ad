package main

import (
	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/runtime/record"
)

func (p *program) errorsCommand() *cli.Command {
	return &cli.Command{
		Name:  "errors",
		Usage: "records that failed, wait or are held",
		Subcommands: []*cli.Command{{
			Name:        "list",
			Usage:       "list the records that failed, wait or are held, with reason and hint",
			Description: "Reads the state only. Kinds: failed, parked, held, owed, tolerated.",
			Flags: []cli.Flag{
				jsonFlag(), variableFlag(), linkFlag(),
				&cli.StringFlag{Name: "map", Usage: "only of `MAP`"},
				&cli.StringFlag{Name: "kind", Usage: "only of this `KIND`"},
				&cli.IntFlag{Name: "limit", Value: 100, Usage: "at most `N`; 0 means all"},
			},
			Action: p.inFolder(0, func(c *cli.Context, s *session.Session) error {
				l, more, err := s.Errors(c.Context, session.ErrorsOptions{Map: c.String("map"), Kind: record.Kind(c.String("kind")), Limit: c.Int("limit")})
				if err != nil {
					return err
				}
				if c.Bool("json") {
					return p.json(map[string]any{"format_version": "1.0", "records": l, "more": more})
				}
				return view.Listed(p.host.Out, l, more, p.viewOptions(p.host.Out))
			}),
		}},
	}
}
