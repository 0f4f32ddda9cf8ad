package report

import (
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// Repair is the answer of dw repair: what would be done about the differences,
// and what became of it.
type Repair struct {
	FormatVersion string      `json:"format_version"`
	Link          string      `json:"link"`
	Company       string      `json:"company,omitempty"` // only this one
	Maps          []MapRepair `json:"maps"`              // with findings
	Compared      int64       `json:"compared"`          // records
	Explained     int64       `json:"explained"`         // that differ for a reason that the state knows: dw errors
	Seconds       float64     `json:"seconds"`
	// Done are the engine's answers, once the plan was approved.
	Done []Command `json:"done,omitempty"`
}

// Changes tells whether there is anything to do.
func (r Repair) Changes() bool {
	for _, m := range r.Maps {
		if m.Records > 0 {
			return true
		}
	}
	return false
}

// MapRepair is one map's part of a repair.
type MapRepair struct {
	Map      string `json:"map"`
	Findings int64  `json:"findings"` // records that differ and were looked at
	Records  int64  `json:"records"`  // of them: something is to be done
	Settled  int64  `json:"settled"`  // agree by now
	Left     int64  `json:"left"`     // a person has to decide

	Created     Sides            `json:"created"`
	Updated     Sides            `json:"updated"`
	Deleted     Sides            `json:"deleted"`
	State       int64            `json:"state_changes"` // Dataverse rows activated or deactivated
	Linked      int64            `json:"linked"`        // both sides agree, and that is remembered
	Forgotten   int64            `json:"forgotten"`     // pairs without any record
	Waiting     int64            `json:"waiting"`       // for a record that others bring
	FieldsBy    map[string]int64 `json:"fields_by_rule,omitempty"`
	Actions     []RepairAction   `json:"actions"`
	Undecided   []RepairLeft     `json:"undecided"`
	MoreActions bool             `json:"more_actions,omitempty"` // than are named
	MoreLeft    bool             `json:"more_undecided,omitempty"`
	// Note says why nothing is done about the map as a whole; "" otherwise.
	Note string `json:"note,omitempty"`
}

// RepairAction is what would be done about one record.
type RepairAction struct {
	Record string        `json:"record"`
	Side   value.Side    `json:"side,omitempty"` // that is written; "" none
	Op     record.Op     `json:"op,omitempty"`   // "": see What
	What   string        `json:"what,omitempty"` // "link", "forget", "wait"
	Rule   string        `json:"rule,omitempty"` // of a record as a whole
	Fields []RepairField `json:"fields,omitempty"`
}

// What is done without a write.
const (
	RepairLink   = "link"
	RepairForget = "forget"
	RepairWait   = "wait"
)

// RepairField is one column that would be written, and why.
type RepairField struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
	Rule  string `json:"rule"`
}

// RepairLeft is a record that a person has to decide about.
type RepairLeft struct {
	Record string `json:"record"`
	Kind   string `json:"kind"` // of the difference
	Code   string `json:"code,omitempty"`
	Reason string `json:"reason"`
	Hint   string `json:"hint,omitempty"`
}
