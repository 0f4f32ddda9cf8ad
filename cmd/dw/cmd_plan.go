package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/planner/plan"
)

func (p *program) planCommand() *cli.Command {
	return &cli.Command{
		Name:  "plan",
		Usage: "show what apply would do, and why",
		Description: "Compares the files with what is deployed. Reads the schema and counts rows over the link's\n" +
			"connections; with -offline it works from dw.schema.json alone. Writes nothing anywhere.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(),
			&cli.StringFlag{Name: "out", Usage: "save the plan to `FILE` for `dw apply FILE`"},
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit 0: nothing to do, 1: error, 2: changes"},
			&cli.BoolFlag{Name: "offline", Usage: "use dw.schema.json and no connection"},
		},
		Action: p.inFolder(0, func(c *cli.Context, s *session.Session) error {
			pl, l, err := s.Plan(c.Context, session.PlanOptions{Offline: c.Bool("offline")})
			if err != nil {
				return err
			}
			if l.HasErrors() {
				return p.stop(s, l, c.Bool("json"))
			}
			if !pl.Changes() {
				l = withoutNotices(l) // they were there to be read when the maps changed
			}
			p.warn(l, s.Sources())
			if file := c.String("out"); file != "" {
				if err := p.savePlan(s.Path(file), pl); err != nil {
					return err
				}
			}
			if c.Bool("json") {
				err = p.json(pl)
			} else {
				err = view.Plan(p.host.Out, pl, p.viewOptions(p.host.Out))
			}
			if err == nil && c.Bool("detailed-exitcode") && pl.Changes() {
				return exit{exitChanges}
			}
			return err
		}),
	}
}

func (p *program) savePlan(path string, pl *plan.Plan) error {
	b, err := plan.Encode(pl)
	if err != nil {
		return err
	}
	if err := replaceFile(path, b); err != nil {
		return err
	}
	fmt.Fprintf(p.host.Err, "Plan saved to %s; `dw apply %s` carries out exactly this.\n", path, path)
	return nil
}
