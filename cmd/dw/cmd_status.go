package main

import (
	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
)

func (p *program) statusCommand() *cli.Command {
	return &cli.Command{
		Name:        "status",
		Usage:       "show what is deployed and how it is doing",
		Description: "Reads the state only: no connection is needed, and it works beside a running apply.",
		Flags:       []cli.Flag{jsonFlag(), variableFlag(), linkFlag()},
		Action: p.inFolder(0, func(c *cli.Context, s *session.Session) error {
			st, err := s.Status(c.Context)
			if err != nil {
				return err
			}
			return answer(p, c, st, view.Status)
		}),
	}
}
