package main

import (
	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/runtime/engine/control"
)

func (p *program) batchCommand() *cli.Command {
	return &cli.Command{
		Name:  "batch",
		Usage: "batch windows: let a nightly job run past dw, then move what it changed in bulk",
		Subcommands: []*cli.Command{{
			Name: "begin", Usage: "begin a batch window: nothing is captured or written, and the position is kept", ArgsUsage: "MAP...",
			Description: "For a job that changes very many records on one side. Unlike a pause it does not follow every change\n" +
				"of the job; unlike a stop it need not read both sides in full afterwards.\n" + controlNote,
			Flags: append(p.mapFlags(), &cli.StringFlag{Name: "reason", Usage: "`TEXT` that `dw status` and `dw batch list` show"}),
			Action: func(c *cli.Context) error {
				if reason := c.String("reason"); reason != "" {
					return p.perMapOf("batch begin", control.BatchBegin, reason)(c)
				}
				return p.perMapOf("batch begin", control.BatchBegin)(c)
			},
		}, {
			Name: "end", Usage: "end a batch window: what changed in it is moved by the bulk path, then the map is live", ArgsUsage: "MAP...",
			Description: "Captures what changed on both sides since the window began, each record once in its newest state.\n" +
				"After an interruption run it again, or start `dw run`: it goes on from there.\n" + controlNote,
			Flags: p.mapFlags(),
			Action: func(c *cli.Context) error {
				p.writing.Store(true)
				return p.perMapOf("batch end", control.BatchEnd)(c)
			},
		}, {
			Name: "list", Usage: "list the maps that are in a batch window",
			Description: "Each with who began the window, when, and the reason that was given.",
			Flags:       []cli.Flag{jsonFlag(), variableFlag(), linkFlag()},
			Action: p.inFolder(0, func(c *cli.Context, s *session.Session) error {
				b, err := s.Batches(c.Context)
				if err != nil {
					return err
				}
				return answer(p, c, b, view.Batches)
			}),
		}},
	}
}
