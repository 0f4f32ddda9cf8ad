package plan

import (
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
)

// Outcome is what the policy says of a plan.
type Outcome string

// The outcomes, mildest first.
const (
	Allowed       Outcome = "allow"
	NeedsApproval Outcome = "needs_approval"
	Denied        Outcome = "deny"
)

// Outcomes lists the outcomes.
func Outcomes() []Outcome { return []Outcome{Allowed, NeedsApproval, Denied} }

// Verdict is the outcome with its reasons.
type Verdict struct {
	Outcome    Outcome     `json:"outcome"`
	Stated     bool        `json:"stated"` // the configuration has a policy
	Violations []Violation `json:"violations,omitempty"`
}

// Violation is one rule of the policy that a plan violates.
type Violation struct {
	Rule   string       `json:"rule"` // name of the rule, as in the policy block
	Effect model.Effect `json:"effect"`
	Detail string       `json:"detail"`
	Limit  *int64       `json:"limit,omitempty"` // that is exceeded
	Found  *Bound       `json:"found,omitempty"` // what exceeds it; unknown counts as exceeding
	Maps   []string     `json:"maps,omitempty"`  // whose actions violate the rule
	At     diag.Range   `json:"at,omitzero"`     // of the rule
}

// Outcome that the violation asks for.
func (v Violation) Outcome() Outcome {
	if v.Effect == model.Deny {
		return Denied
	}
	return NeedsApproval
}

// Worse gives the stricter of two verdicts on the same plan, as of the saved
// plan and of the policy as it is now.
func (v Verdict) Worse(o Verdict) Verdict {
	rank := map[Outcome]int{Allowed: 0, NeedsApproval: 1, Denied: 2}
	if rank[o.Outcome] > rank[v.Outcome] {
		return o
	}
	return v
}
