package main

import (
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/planner/plan"
)

func (p *program) historyCommand() *cli.Command {
	return &cli.Command{
		Name: "history", Usage: "list the versions of maps: when, by whom, in which run, and what they changed", ArgsUsage: "[MAP]",
		Description: "Newest first. Maps that were removed are listed too. Reads the state only.",
		Flags:       []cli.Flag{jsonFlag(), variableFlag(), linkFlag()},
		Action: p.inFolder(1, func(c *cli.Context, s *session.Session) error {
			h, err := s.History(c.Context, model.MapName(c.Args().First()))
			if err != nil {
				return err
			}
			return answer(p, c, h, view.History)
		}),
	}
}

func (p *program) showCommand() *cli.Command {
	return &cli.Command{
		Name: "show", Usage: "show a deployed map in full, or a saved plan", ArgsUsage: "MAP[@VERSION] | PLANFILE",
		Description: "Of a map: how the version came about, how it is doing, and its text as a person would write it, with\n" +
			"all that it took over from variables and standard maps written out. Reads the state only.",
		Flags:  []cli.Flag{jsonFlag(), variableFlag(), linkFlag()},
		Action: p.inFolder(1, p.show),
	}
}

func (p *program) show(c *cli.Context, s *session.Session) error {
	arg := c.Args().First()
	if arg == "" {
		return misuse("`dw show` needs a map or a plan file", "For example: dw show map.customers@3.")
	}
	if info, err := os.Stat(s.Path(arg)); err == nil && info.Mode().IsRegular() {
		b, err := s.ReadFile(arg, plan.MaxSize)
		if err != nil {
			return diag.Fail(diag.Diagnostic{Code: diag.CodeUnreadable, Severity: diag.Error, Summary: fmt.Sprintf("the plan file %s cannot be read", arg), Detail: sentence(err.Error()) + "."})
		}
		pl, err := plan.Decode(b)
		if err != nil {
			return err
		}
		return answer(p, c, pl, view.Plan)
	}
	r, err := session.ParseVersion(arg)
	if err != nil {
		return err
	}
	shown, err := s.Show(c.Context, r)
	if err != nil {
		return err
	}
	return answer(p, c, shown, view.Shown)
}

func (p *program) diffCommand() *cli.Command {
	return &cli.Command{
		Name: "diff", Usage: "compare two versions of a map", ArgsUsage: "MAP[@VERSION] [MAP[@VERSION]]",
		Description: "Two versions; one version and what is deployed; or, with a map alone, what is deployed and what the\n" +
			"files say. Shows what a plan would say of the difference.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(),
			&cli.BoolFlag{Name: "text", Usage: "compare the texts too, as a person would write them"},
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit 0: equal, 1: error, 2: different"},
		},
		Action: p.inFolder(2, p.diff),
	}
}

func (p *program) diff(c *cli.Context, s *session.Session) error {
	if !c.Args().Present() {
		return misuse("`dw diff` needs a map", "For example: dw diff map.customers@3 map.customers@5.")
	}
	from, err := session.ParseVersion(c.Args().First())
	if err != nil {
		return err
	}
	var to *session.VersionRef
	if c.NArg() == 2 {
		r, err := session.ParseVersion(c.Args().Get(1))
		if err != nil {
			return err
		}
		to = &r
	}
	d, l, err := s.Diff(c.Context, from, to, c.Bool("text"))
	if err := p.failed(c, s, l, err); err != nil {
		return err
	}
	err = answer(p, c, d, view.Difference)
	if err == nil && c.Bool("detailed-exitcode") && !d.Equal {
		return exit{exitChanges}
	}
	return err
}

// rollbackName names the command of which an apply is only the end.
const rollbackName = "rollback"

func (p *program) rollbackCommand() *cli.Command {
	return &cli.Command{
		Name: rollbackName, Usage: "deploy an earlier version of a map again, as a new version", ArgsUsage: "MAP@VERSION",
		Description: "Plans the map back to that version, shows the plan, asks, and carries it out, with the rows that the\n" +
			"difference calls for. All other maps stay as they are deployed. The files are not changed: where they\n" +
			"say something else, the next `dw apply` takes it back. Exit 3 and 4: as of apply.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(), lockTimeoutFlag(),
			&cli.BoolFlag{Name: "auto-approve", Usage: "do not ask; not enough where the policy wants a person to approve"},
		},
		Action: p.inFolder(1, p.rollback),
	}
}

func (p *program) rollback(c *cli.Context, s *session.Session) error {
	if !c.Args().Present() {
		return misuse("`dw rollback` needs a version", "For example: dw rollback map.customers@3.")
	}
	r, err := session.ParseVersion(c.Args().First())
	if err != nil {
		return err
	}
	s.RollingBack()
	if err := s.Lock(c.Context); err != nil {
		return err
	}
	pl, l, otherwise, err := s.Rollback(c.Context, r)
	if err := p.failed(c, s, l, err); err != nil {
		return err
	}
	done, err := p.carryOut(c, s, pl)
	if done && otherwise && pl.Changes() {
		p.say(fmt.Sprintf("The files say something else of %s: the next `dw apply` would take this back. `dw show '%s'` has the text of the version, for the files.", model.MapAddress(r.Map), r))
	}
	return err
}
