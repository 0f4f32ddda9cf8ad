package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/report"
)

func (p *program) repairCommand() *cli.Command {
	return &cli.Command{
		Name:  "repair",
		Usage: "mend what verify finds, by the maps' rules, after showing it as a plan",
		Description: "Compares both sides as `dw verify` does, shows what would be written where and by which rule, asks,\n" +
			"and has the engine read the records again and merge them like any edit. What is listed already is\n" +
			"for `dw errors retry`. Nothing is deleted without -deletes, and many records at once never.\n" +
			"Exit 2: -plan, and there is something to do. Exit 4: nobody approved, nothing was done.\n" + controlNote,
		Flags: append(p.controlFlags(),
			&cli.BoolFlag{Name: "auto-approve", Usage: "do not ask"},
			&cli.BoolFlag{Name: "plan", Usage: "only show what would be done"},
			&cli.StringSliceFlag{Name: "map", Usage: "repair only `MAP`; may be repeated"},
			&cli.StringFlag{Name: "company", Usage: "repair only the records of `COMPANY`"},
			&cli.StringFlag{Name: "since", Usage: "repair only what was edited since `TIME`: a time, or how long ago (24h, 7d)"},
			&cli.StringSliceFlag{Name: "only", Usage: "repair only differences of `KIND`: missing, field, duplicate, orphan, owed, unreadable; may be repeated"},
			&cli.BoolFlag{Name: "deletes", Usage: "records that are gone on one side count as deleted: the map's rule for deletes decides about the other"},
			&cli.BoolFlag{Name: "recreate", Usage: "records that are gone on one side are created again there"},
			&cli.IntFlag{Name: "limit", Value: 20, Usage: "name at most `N` records a map; 0 names all"},
		),
		Action: p.inFolder(0, p.repair),
	}
}

func (p *program) repair(c *cli.Context, s *session.Session) error {
	o := session.RepairOptions{
		VerifyOptions: verifyOptions(c), Only: c.StringSlice("only"), Deletes: c.Bool("deletes"), Recreate: c.Bool("recreate"),
	}
	o.Limit, o.Since = c.Int("limit"), c.String("since")
	progress := p.progress(c)
	o.Progress = progress.Show
	plan, l, err := s.PlanRepair(c.Context, o)
	progress.Close()
	if err := p.failed(c, s, l, err); err != nil {
		return err
	}
	carryOut, err := propose(p, c, plan.Report, plan.Report.Changes(), "Repair these records?", view.Repair)
	if !carryOut {
		return err
	}
	return p.carryRepair(c, s, plan)
}

// carryRepair carries an approved repair out and shows what became of it.
func (p *program) carryRepair(c *cli.Context, s *session.Session, plan *session.RepairPlan) error {
	p.writing.Store(true)
	total := int64(0)
	for _, m := range plan.Report.Maps {
		total += m.Records
	}
	told := func(done int64) {
		if done < total {
			p.say(fmt.Sprintf("%d of %d records read again.", done, total))
		}
	}
	err := s.Repair(c.Context, plan, c.Duration("wait"), told)
	out := report.Commands{FormatVersion: report.FormatVersion, Commands: alike(plan.Report.Done)}
	switch {
	case err != nil && !errors.Is(err, engine.ErrStopped):
		return err
	case c.Bool("json"):
		if e := p.json(plan.Report); e != nil {
			return e
		}
	default:
		if e := view.Commands(p.host.Out, out, p.viewOptions(p.host.Out)); e != nil {
			return e
		}
	}
	if err != nil {
		p.interrupt("Interrupted; everything done so far is stored. `dw repair` finds the rest.")
		return exit{exitInterrupted}
	}
	if !out.AllDone() {
		return exit{exitError}
	}
	return nil
}

// alike tells answers that follow each other and say the same once, with their
// number: a large repair is many commands.
func alike(all []report.Command) (out []report.Command) {
	times := 1
	for i, c := range all {
		same := i+1 < len(all) && all[i+1].Map == c.Map && all[i+1].Answer == c.Answer && all[i+1].Done == c.Done && all[i+1].Waits == c.Waits
		if same {
			times++
			continue
		}
		if times > 1 {
			c.Answer = fmt.Sprintf("%s (%d times)", c.Answer, times)
		}
		out, times = append(out, c), 1
	}
	return out
}
