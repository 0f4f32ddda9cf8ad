package main

import (
	"errors"
	"fmt"

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
			"it again after any interruption. Exit 2: -plan, and there is something to write.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(),
			&cli.StringFlag{Name: "company", Usage: "look in `COMPANY` only, and give it to the rows for which no record is found"},
			&cli.BoolFlag{Name: "auto-approve", Usage: "do not ask"},
			&cli.BoolFlag{Name: "plan", Usage: "only show what would be written"},
			&cli.IntFlag{Name: "limit", Value: 5, Usage: "name at most `N` rows of each kind a map"},
		},
		Action: p.inFolder(-1, p.bootstrap),
	}
}

func (p *program) bootstrap(c *cli.Context, s *session.Session) error {
	asJSON := c.Bool("json")
	o := session.BootstrapOptions{Maps: mapNames(c.Args().Slice()), Company: c.String("company"), Samples: max(c.Int("limit"), 0)}
	progress := view.NewProgress(p.host.Err, p.viewOptions(p.host.Err), p.host.Clock.Now)
	o.Progress = progress.Show
	found, l, err := s.Bootstrap(c.Context, o)
	progress.Close()
	if err != nil {
		return err
	}
	if l.HasErrors() {
		return p.stop(s, l, asJSON)
	}
	only := c.Bool("plan") || found.Writes() == 0
	switch {
	case asJSON && only:
		err = p.json(found)
	case asJSON && !c.Bool("auto-approve"): // what is to be approved must be seen
		err = view.Bootstrap(p.host.Err, found, p.viewOptions(p.host.Err))
	case !asJSON:
		err = view.Bootstrap(p.host.Out, found, p.viewOptions(p.host.Out))
	}
	switch {
	case err != nil:
		return err
	case only && found.Writes() > 0:
		return exit{exitChanges}
	case only:
		return nil
	case !c.Bool("auto-approve"):
		if err := p.askFor("Write these rows?"); err != nil {
			return err
		}
	}
	p.writing.Store(true)
	o.Write = true
	progress = view.NewProgress(p.host.Err, p.viewOptions(p.host.Err), p.host.Clock.Now)
	o.Progress = progress.Show
	done, l, err := s.Bootstrap(c.Context, o)
	progress.Close()
	if l.HasErrors() {
		return p.stop(s, l, asJSON)
	}
	if err != nil && !errors.Is(err, engine.ErrStopped) {
		return err
	}
	if asJSON {
		if e := p.json(done); e != nil {
			return e
		}
	} else if e := view.Bootstrap(p.host.Out, done, p.viewOptions(p.host.Out)); e != nil {
		return e
	}
	if err != nil {
		fmt.Fprintln(p.host.Err, "\nInterrupted; what is written stays. Run `dw bootstrap` again for the rest.")
		return exit{exitInterrupted}
	}
	for _, m := range done.Maps {
		if m.Refused > 0 {
			return exit{exitError}
		}
	}
	return nil
}
