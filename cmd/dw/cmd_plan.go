package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/report"
)

// commentBytes is what the largest hosts of pull requests take as a comment,
// less a little.
const commentBytes = 60_000

func (p *program) planCommand() *cli.Command {
	return &cli.Command{
		Name:      "plan",
		Usage:     "show what apply would do, why, and at what cost",
		ArgsUsage: "[MAP...]",
		Description: "Compares the files with what is deployed. Reads the schema and counts rows over the link's\n" +
			"connections; with -offline it works from dw.schema.json alone. Writes nothing anywhere. With MAP it\n" +
			"shows these maps in full. Exit 3: the policy denies the plan.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(),
			&cli.BoolFlag{Name: "full", Usage: "show every field of new maps too"},
			&cli.BoolFlag{Name: "markdown", Usage: "write a comment for a pull request"},
			&cli.BoolFlag{Name: "sarif", Usage: "print the findings beside the plan, errors too, as a SARIF 2.1.0 log"},
			&cli.StringFlag{Name: "path-prefix", Usage: "the way from the root of the repository to the folder, for -sarif: `DIR`"},
			&cli.IntFlag{Name: "max-bytes", Value: commentBytes, Usage: "leave out details so that the comment of -markdown has at most `N` bytes"},
			&cli.StringFlag{Name: "out", Usage: "save the plan to `FILE` for `dw apply FILE`"},
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit 0: nothing to do, 1: error, 2: changes, 4: changes that need approval"},
			&cli.BoolFlag{Name: "offline", Usage: "use dw.schema.json and no connection"},
			&cli.BoolFlag{Name: "preflight", Usage: "read the data that the plan would send and say what would not get over; see `dw preflight`"},
		},
		Action: p.inFolder(-1, p.plan),
	}
}

func (p *program) plan(c *cli.Context, s *session.Session) error {
	if err := planUsage(c); err != nil {
		return err
	}
	pl, l, err := s.Plan(c.Context, session.PlanOptions{Offline: c.Bool("offline")})
	if err != nil {
		return err
	}
	if c.Bool("sarif") {
		if err := view.SARIF(p.host.Out, s.Findings(l), s.Sources(), p.prefixOf(c), version); err != nil || l.HasErrors() {
			return cmp.Or(err, error(exit{exitError}))
		}
	}
	if l.HasErrors() {
		return p.stop(s, l, c.Bool("json"))
	}
	maps, err := plannedMaps(pl, c.Args().Slice())
	if err != nil {
		return err
	}
	if !pl.Changes() {
		l = withoutNotices(l) // they were there to be read when the maps changed
	}
	if !c.Bool("markdown") && !c.Bool("sarif") { // the comment and the log have them
		p.warn(l, s.Sources())
	}
	if file := c.String("out"); file != "" {
		if err := p.savePlan(s.Path(file), pl); err != nil {
			return err
		}
	}
	var judged *report.Preflight
	if c.Bool("preflight") {
		progress := p.progress(c)
		r, l, err := s.PreflightOfPlan(c.Context, pl, session.PreflightOptions{Progress: progress.Show})
		progress.Close()
		if err := p.failed(c, s, l, err); err != nil {
			return err
		}
		judged = &r
		if pl, err = plan.WithCounts(pl, countedIn(r)); err != nil {
			return err
		}
	}
	if err := p.showPlan(c, pl, l, maps, judged); err != nil {
		return err
	}
	return p.planExit(c, s, pl)
}

// countedIn gives what a preflight found of each map as a plan tells it.
func countedIn(r report.Preflight) map[string]plan.Counted {
	counts := map[string]plan.Counted{}
	for _, m := range r.Maps {
		counts[m.Map] = plan.Counted{
			CreatesFnO: m.Creates.FnO, CreatesDataverse: m.Creates.Dataverse, UpdatesFnO: m.Updates.FnO, UpdatesDataverse: m.Updates.Dataverse,
			Equal: m.Equal, Failing: m.Failing,
		}
	}
	return counts
}

// showPlan prints a plan in the form that is asked for, with what a preflight of
// its data found.
func (p *program) showPlan(c *cli.Context, pl *plan.Plan, l diag.List, maps []string, judged *report.Preflight) error {
	o := p.viewOptions(p.host.Out)
	switch {
	case c.Bool("sarif"):
		return nil // its findings are printed
	case c.Bool("json") && judged != nil:
		return p.json(struct {
			*plan.Plan
			Preflight *report.Preflight `json:"preflight"`
		}{pl, judged})
	case c.Bool("json"):
		return p.json(pl)
	case c.Bool("markdown"):
		return view.PlanComment(p.host.Out, pl, l, view.CommentOptions{Maps: maps, MaxBytes: c.Int("max-bytes"), Preflight: judged})
	}
	o.Full, o.Maps = c.Bool("full"), maps
	if err := view.Plan(p.host.Out, pl, o); err != nil || judged == nil {
		return err
	}
	return view.PreflightSummary(p.host.Out, *judged, o)
}

// planExit tells a pipeline what the plan is.
func (p *program) planExit(c *cli.Context, s *session.Session, pl *plan.Plan) error {
	switch {
	case pl.Policy.Outcome == plan.Denied:
		p.diagnostics(violated(pl.Policy, plan.Denied, "Change what the plan does, or have the policy changed by who answers for it."), s.Sources(), false)
		return exit{exitDenied}
	case !c.Bool("detailed-exitcode") || !pl.Changes():
		return nil
	case pl.Policy.Outcome == plan.NeedsApproval:
		return exit{exitUnapproved}
	}
	return exit{exitChanges}
}

// planUsage refuses flags that do not go together.
func planUsage(c *cli.Context) error {
	d := diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error}
	switch n := c.Int("max-bytes"); {
	case c.Bool("json") && c.Bool("markdown"):
		d.Summary, d.Hint = "-json and -markdown exclude each other", "Run it twice with -offline, or once with -out and read the file: it is the JSON form."
	case c.Bool("sarif") && (c.Bool("json") || c.Bool("markdown") || c.Args().Present()):
		d.Summary, d.Hint = "-sarif goes with no other form of the plan and no names of maps", "It has the findings; save the plan with -out beside it."
	case c.IsSet("path-prefix") && !c.Bool("sarif"):
		d.Summary, d.Hint = "-path-prefix goes with -sarif only", "The other forms name files from the folder."
	case c.Bool("preflight") && c.Bool("offline"):
		d.Summary, d.Hint = "-preflight and -offline exclude each other", "A preflight reads the data of both sides."
	case c.IsSet("max-bytes") && !c.Bool("markdown"):
		d.Summary, d.Hint = "-max-bytes goes with -markdown only", "The other forms are never cut."
	case n < view.LeastComment:
		d.Summary, d.Hint = fmt.Sprintf("-max-bytes %d is too small", n), fmt.Sprintf("The summary alone may need %d.", view.LeastComment)
	case c.Args().Present() && c.Bool("json"):
		d.Summary, d.Hint = "-json does not go with names of maps", "The JSON form is always the whole plan; pick the actions by their map."
	default:
		return nil
	}
	return diag.Fail(d)
}

// plannedMaps holds names of maps against a plan.
func plannedMaps(pl *plan.Plan, names []string) ([]string, error) {
	var known []string
	for _, a := range pl.Actions {
		known = append(known, a.Map)
	}
	wanted := mapNames(names)
	for _, name := range wanted {
		if slices.Contains(known, name) {
			continue
		}
		d := diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("the plan has no map %q", name)}
		if near := diag.Suggest(name, known); near != "" {
			d.Hint = fmt.Sprintf("Did you mean %q?", near)
		}
		return nil, diag.Fail(d)
	}
	return wanted, nil
}

func (p *program) savePlan(path string, pl *plan.Plan) error {
	b, err := plan.Encode(pl)
	if err != nil {
		return err
	}
	if err := replaceFile(path, b); err != nil {
		return err
	}
	p.say(fmt.Sprintf("Plan saved to %s; `dw apply %s` carries out exactly this.", path, path))
	return nil
}
