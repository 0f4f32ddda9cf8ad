package planner

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/planner/plan"
)

// Judge holds a plan that is complete otherwise against the policy of a
// configuration, with what lint has found in it. A plan that changes nothing is
// always allowed.
func Judge(p *plan.Plan, cfg *model.Config, findings diag.List) plan.Verdict {
	v := plan.Verdict{Outcome: plan.Allowed, Stated: cfg.Policy != nil}
	if v.Stated && p.Changes() {
		j := &judgement{policy: cfg.Policy, plan: p, verdict: &v}
		j.happenings(cfg, findings)
		j.amounts()
	}
	for _, x := range v.Violations {
		if o := x.Outcome(); o == plan.Denied || v.Outcome == plan.Allowed {
			v.Outcome = o
		}
	}
	return v
}

// judgement collects the violations of one plan.
type judgement struct {
	policy  *model.Policy
	plan    *plan.Plan
	verdict *plan.Verdict
}

// happenings judges whether something happens at all.
func (j *judgement) happenings(cfg *model.Config, findings diag.List) {
	j.effect(model.RuleChanges, j.maps(func(a plan.Action) bool { return a.Kind != plan.None }), "the plan changes what runs")
	// What is destructive has a rule of its own, or falls to the general one.
	own := map[string]string{
		plan.EndsMap: model.RuleDestroys, plan.PairsAnew: model.RuleReplaces,
		plan.DeletesOn: model.RuleDeletes, plan.LeaveDeletesOn: model.RuleDeletes, plan.ScopeDeletes: model.RuleDeletes,
	}
	words := map[string]string{
		model.RuleDestroys: "maps end", model.RuleReplaces: "records are paired from scratch",
		model.RuleDeletes: "dw may delete records that it could not before", model.RuleDestructive: "the plan does what no later plan brings back",
	}
	maps := map[string][]string{}
	for _, d := range j.plan.Destructive {
		rule := own[d.Code]
		if j.policy.Rule(rule) == nil {
			rule = model.RuleDestructive
		}
		if !slices.Contains(maps[rule], d.Map) {
			maps[rule] = append(maps[rule], d.Map)
		}
	}
	for _, rule := range []string{model.RuleDestroys, model.RuleReplaces, model.RuleDeletes, model.RuleDestructive} {
		j.effect(rule, maps[rule], words[rule])
	}
	unstated := map[string]bool{}
	for _, m := range cfg.Maps {
		unstated[m.Name] = !m.Mastering.Stated
	}
	j.effect(model.RuleUnstatedMaster, j.maps(func(a plan.Action) bool {
		return a.Kind != plan.None && a.Kind != plan.Destroy && unstated[a.Map]
	}), "mastering does not say the master")
	if n := findings.Count(diag.Warning); n > 0 {
		j.effectOf(model.RuleWarnings, nil, fmt.Sprintf("%s of lint", countOf(n, "warning")))
	}
}

// amounts judges how much of something there is.
func (j *judgement) amounts() {
	t := j.plan.Total
	changed := j.maps(func(a plan.Action) bool { return a.Kind != plan.None })
	j.limit(model.RuleMaxMaps, plan.Bound{Most: int64(len(changed)), Exact: true}, changed, "map", "maps")
	j.limit(model.RuleMaxRewritten, t.Rewritten, j.maps(func(a plan.Action) bool {
		return a.Kind == plan.Backfill || a.Kind == plan.Replace
	}), "row to send again", "rows to send again")
	j.limit(model.RuleMaxInitial, t.Initial, j.maps(func(a plan.Action) bool {
		return a.Kind == plan.Create || a.Kind == plan.Resume
	}), "row to send for the first time", "rows to send for the first time")
	var deleting []string
	for _, d := range j.plan.Destructive {
		if d.Code == plan.ScopeDeletes {
			deleting = append(deleting, d.Map)
		}
	}
	j.limit(model.RuleMaxDeletes, t.Deletes, deleting, "record to delete", "records to delete")
	minutes := plan.Bound{Most: unknown}
	if t.Seconds.Most >= 0 {
		minutes = plan.Bound{Most: (t.Seconds.Most + minute - 1) / minute}
	}
	j.limit(model.RuleMaxMinutes, minutes, j.maps(func(a plan.Action) bool { return a.Kind.SendsRows() }), "minute", "minutes")
}

// maps names those whose actions fit.
func (j *judgement) maps(fits func(plan.Action) bool) []string {
	var out []string
	for _, a := range j.plan.Actions {
		if fits(a) {
			out = append(out, a.Map)
		}
	}
	return out
}

// effect reports a rule that is violated by some maps.
func (j *judgement) effect(rule string, maps []string, what string) {
	if len(maps) > 0 {
		j.effectOf(rule, maps, what)
	}
}

func (j *judgement) effectOf(rule string, maps []string, what string) {
	r := j.policy.Rule(rule)
	if r == nil || r.Effect != model.Approve && r.Effect != model.Deny {
		return
	}
	j.verdict.Violations = append(j.verdict.Violations, plan.Violation{
		Rule: rule, Effect: r.Effect, Detail: what, Maps: maps, At: r.Range,
	})
}

// limit reports a limit that is exceeded, the stricter one first; what nobody
// has counted exceeds it.
func (j *judgement) limit(rule string, found plan.Bound, maps []string, one, many string) {
	r := j.policy.Rule(rule)
	if r == nil {
		return
	}
	exceeded := func(limit *int64) bool { return limit != nil && (found.Unknown() || found.Most > *limit) }
	x := plan.Violation{Rule: rule, Found: &found, Maps: maps, At: r.Range}
	switch {
	case exceeded(r.Deny):
		x.Effect, x.Limit = model.Deny, r.Deny
	case exceeded(r.Approve):
		x.Effect, x.Limit = model.Approve, r.Approve
	default:
		return
	}
	words := many
	if found.Most == 1 {
		words = one
	}
	switch {
	case found.Unknown():
		x.Detail = fmt.Sprintf("how many %s is not known", many)
	case rule == model.RuleMaxMaps:
		x.Detail = fmt.Sprintf("%s %s", thousands(found.Most), words)
	case found.Exact:
		x.Detail = fmt.Sprintf("up to %s %s", thousands(found.Most), words)
	default:
		x.Detail = fmt.Sprintf("up to about %s %s", thousands(found.Most), words)
	}
	x.Detail += fmt.Sprintf("; at most %s without %s", thousands(*x.Limit), consequence(x.Effect))
	j.verdict.Violations = append(j.verdict.Violations, x)
}

func consequence(e model.Effect) string {
	if e == model.Deny {
		return "being denied"
	}
	return "approval"
}

func countOf(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// thousands shows a number that is not negative with its thousands set apart.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
