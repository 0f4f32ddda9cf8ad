package model

import "github.com/dualwrite/dw/lang/diag"

// Effect is what a policy does to a plan that violates one of its rules.
type Effect string

// The effects, mildest first.
const (
	Allow   Effect = "allow"
	Approve Effect = "approve" // a person has to approve the plan
	Deny    Effect = "deny"    // the plan is not carried out
)

// The rules of a policy that judge whether something happens at all.
const (
	RuleChanges        = "changes"
	RuleDestroys       = "destroys"
	RuleReplaces       = "replaces"
	RuleDeletes        = "deletes"
	RuleDestructive    = "destructive"
	RuleUnstatedMaster = "unstated_master"
	RuleWarnings       = "warnings"
)

// The rules of a policy that judge how much of something there is.
const (
	RuleMaxMaps      = "max_maps"
	RuleMaxRewritten = "max_rows_rewritten"
	RuleMaxInitial   = "max_rows_initial"
	RuleMaxDeletes   = "max_deletes"
	RuleMaxMinutes   = "max_minutes"
)

// Policy is what a plan may do without being approved, and what it may not do
// at all.
type Policy struct {
	Rules []PolicyRule // in the order of the language's table
	Range diag.Range   // of the block's header
}

// PolicyRule is one rule of a policy: an effect, or limits.
type PolicyRule struct {
	Name    string
	Effect  Effect     // "" for limits
	Approve *int64     // more than this has to be approved; nil: no such limit
	Deny    *int64     // more than this is denied
	Range   diag.Range // of name and value
}

// Rule finds a rule by its name; nil where the policy says nothing of it. A nil
// policy has no rules.
func (p *Policy) Rule(name string) *PolicyRule {
	if p == nil {
		return nil
	}
	for i := range p.Rules {
		if p.Rules[i].Name == name {
			return &p.Rules[i]
		}
	}
	return nil
}
