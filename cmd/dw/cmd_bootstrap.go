package main

import (
	"errors"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/runtime/engine"
)

func (p *program) bootstrapCommand() *cli.Command {
	return &cli.Command{
		Name:      "bootstrap",
		Usage:     "give rows of Dataverse that have no company theirs, and their key",
		ArgsUsage: "[MAP...]",
		Description: "Rows that were in Dataverse before any synchronisation have no company, so that no map of a\n" +
			"company sees them. Their records in F&O are found by the key, then by `match` and `crosswalk` of\n" +
			"initial_sync, and tell the company. Shows what it would write, asks, and writes rows that nobody\n" +
			"has edited meanwhile. It goes by the maps of the folder, deployed or not, and keeps no state: run\n" +
			"it again after any interruption. Exit 1: a row could not be written; 2: -plan, and there is\n" +
			"something to write.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(),
			&cli.StringFlag{Name: "company", Usage: "look in `COMPANY` only, and give it to the rows for which no record is found"},
			&cli.BoolFlag{Name: "auto-approve", Usage: "do not ask"},
			&cli.BoolFlag{Name: "plan", Usage: "only show what would be written"},
			&cli.IntFlag{Name: "limit", Value: 5, Usage: "name at most `N` rows of each kind a map; 0 names all"},
		},
		Action: p.inFolder(-1, p.bootstrap),
	}
}

func (p *program) bootstrap(c *cli.Context, s *session.Session) error {
	o := session.BootstrapOptions{Maps: mapNames(c.Args().Slice()), Company: c.String("company"), Samples: max(c.Int("limit"), 0)}
	progress := p.progress(c)
	o.Progress = progress.Show
	plan, l, err := s.PlanBootstrap(c.Context, o)
	progress.Close()
	if err := p.failed(c, s, l, err); err != nil {
		return err
	}
	carryOut, err := propose(p, c, plan.Report, plan.Report.Writes() > 0, "Write these rows?", view.Bootstrap)
	if !carryOut {
		return err
	}
	p.writing.Store(true)
	progress = p.progress(c)
	err = s.Bootstrap(c.Context, plan, progress.Show)
	progress.Close()
	if err != nil && !errors.Is(err, engine.ErrStopped) {
		return err
	}
	if e := answer(p, c, plan.Report, view.Bootstrap); e != nil {
		return e
	}
	switch {
	case err != nil:
		p.interrupt("Interrupted; what is written stays. Run `dw bootstrap` again for the rest.")
		return exit{exitInterrupted}
	case !plan.Report.AllWritten():
		return exit{exitError}
	}
	return nil
}
