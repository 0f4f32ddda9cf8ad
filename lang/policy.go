package lang

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/source"
)

// policyBlock is the table of the block policy. Effects and limits stand in the
// order in which a plan reports them.
func policyBlock() *source.BlockSpec {
	effect := func(name, doc, byDefault string) source.AttrSpec {
		return oneOf(name, doc, byDefault, string(model.Allow), string(model.Approve), string(model.Deny))
	}
	limit := func(name, doc string) source.AttrSpec {
		return source.AttrSpec{
			Name: name, Accept: source.Number | source.Object, Doc: doc + " More than the number has to be approved; an object says from where on it is denied.", Default: "no limit",
			Keys: []source.AttrSpec{
				{Name: string(model.Approve), Accept: source.Number, Doc: "More than this has to be approved."},
				{Name: string(model.Deny), Accept: source.Number, Doc: "More than this is denied."},
			},
		}
	}
	const likeDestructive = "as `destructive`"
	return &source.BlockSpec{
		Type: "policy", Once: true,
		Doc: "What a plan may do. \"allow\": nobody is asked. \"approve\": a person has to approve the plan, on a terminal or by its fingerprint. \"deny\": dw apply does not carry the plan out. A number that is not known, as without a connection, counts as exceeded.",
		Attrs: []source.AttrSpec{
			effect(model.RuleChanges, "A plan that changes anything.", "allow"),
			effect(model.RuleDestroys, "A map that the configuration has no more, so that its records are kept equal no longer.", likeDestructive),
			effect(model.RuleReplaces, "A map whose records are paired from scratch, since its key, its tables or the place of the company changed.", likeDestructive),
			effect(model.RuleDeletes, "Records that dw may delete and could not before: `deletes` is now \"propagate\", `on_leave` is now \"delete\", or a filter is another while `on_leave` is \"delete\".", likeDestructive),
			effect(model.RuleDestructive, "All that the plan lists as destructive and that has no rule of its own here.", "allow"),
			effect(model.RuleUnstatedMaster, "A new or changed map whose `mastering` does not say the `master`.", "allow"),
			effect(model.RuleWarnings, "Warnings of lint that are neither mended nor silenced with a reason.", "allow"),
			limit(model.RuleMaxMaps, "How many maps may change."),
			limit(model.RuleMaxRewritten, "How many rows maps that are deployed already may send again, both directions together."),
			limit(model.RuleMaxInitial, "How many rows new maps may send in their initial sync, both directions together."),
			limit(model.RuleMaxDeletes, "How many records may be deleted as the plan is carried out."),
			limit(model.RuleMaxMinutes, "How many minutes the initial syncs may take if every row has to be sent."),
		},
	}
}

// policy reads the block policy.
func (l *loader) policy(b *source.Block) {
	if l.cfg.Policy != nil {
		return // the second one has been reported
	}
	p := &model.Policy{Range: b.Header}
	for _, spec := range b.Spec.Attrs {
		a := b.Attr(spec.Name)
		if a == nil {
			continue
		}
		rule := model.PolicyRule{Name: spec.Name, Range: a.Range}
		switch a.Value.Kind {
		case source.Text:
			rule.Effect = model.Effect(a.Value.Scalar.String())
		case source.Number:
			rule.Approve = l.atMost(spec.Name, a.Value)
		case source.Object:
			l.tiers(a, &rule)
		}
		p.Rules = append(p.Rules, rule)
	}
	l.cfg.Policy = p
}

// tiers reads the object form of a limit.
func (l *loader) tiers(a *source.Attr, rule *model.PolicyRule) {
	if v, ok := a.Value.Item(string(model.Approve)); ok && v.Kind == source.Number {
		rule.Approve = l.atMost(rule.Name+".approve", v)
	}
	if v, ok := a.Value.Item(string(model.Deny)); ok && v.Kind == source.Number {
		rule.Deny = l.atMost(rule.Name+".deny", v)
	}
	switch {
	case rule.Approve == nil && rule.Deny == nil && !l.reportedIn(a.Value.Range):
		l.report(diag.Diagnostic{
			Code: diag.CodeNotAllowed, Summary: rule.Name + " has no limit", Detail: "A rule that judges nothing gives false comfort.",
			Hint: "Write a number, or an object such as { approve = 1000, deny = 100000 }.", Subject: a.Value.Range,
		})
	case rule.Approve != nil && rule.Deny != nil && *rule.Deny < *rule.Approve:
		l.report(diag.Diagnostic{
			Code: diag.CodeConflictingKeys, Summary: fmt.Sprintf("%s denies more than %d and asks for approval of more than %d", rule.Name, *rule.Deny, *rule.Approve),
			Detail: "What is denied needs no approval: the second limit would never hold.",
			Hint:   "Let approve be the smaller number, or leave it out.", Subject: a.Value.Range,
		})
	}
}

// atMost reads a limit.
func (l *loader) atMost(name string, v source.Value) *int64 {
	n, err := strconv.ParseInt(v.Scalar.String(), 10, 64)
	if err != nil || n < 0 {
		l.report(diag.Diagnostic{
			Code: diag.CodeNotAllowed, Summary: name + " must be a whole number, 0 or more", Detail: "It is a number of things that may happen.",
			Subject: v.Range,
		})
		return nil
	}
	return &n
}

// reportedIn tells whether a mistake inside a range has been told already.
func (l *loader) reportedIn(r diag.Range) bool {
	return slices.ContainsFunc(l.list, func(d diag.Diagnostic) bool {
		s := d.Subject
		return s.File == r.File && s.Start.Byte >= r.Start.Byte && s.End.Byte <= r.End.Byte
	})
}
