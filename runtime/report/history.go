package report

import "github.com/dualwrite/dw/planner/plan"

// MapVersion is one deployed version of a map.
type MapVersion struct {
	Map     string `json:"map"`
	Version int    `json:"version"`
	Label   string `json:"label,omitempty"` // the author's version text
	At      string `json:"at"`              // RFC 3339
	By      string `json:"by"`
	Current bool   `json:"current"`

	plan.Origin
	Name    string        `json:"name,omitempty"` // what the map was called then, where it is called otherwise now
	Removed *plan.Removal `json:"removed,omitempty"`
}

// History is the answer of dw history: all versions, by map, newest first.
type History struct {
	FormatVersion string       `json:"format_version"`
	Link          string       `json:"link"`
	Versions      []MapVersion `json:"versions"`
}

// Shown is the answer of dw show: a version of a map in full.
type Shown struct {
	FormatVersion string           `json:"format_version"`
	Version       MapVersion       `json:"version"`
	Status        *MapStatus       `json:"status,omitempty"` // of the current version
	Definition    *plan.Definition `json:"definition"`
	Text          string           `json:"text"` // as a person would write it
}

// Diff is the answer of dw diff.
type Diff struct {
	FormatVersion string        `json:"format_version"`
	From          string        `json:"from"` // "map.customers@3"
	To            string        `json:"to"`   // "map.customers@5", "map.customers in the files"
	Equal         bool          `json:"equal"`
	Kind          plan.Kind     `json:"kind"` // what a plan would do to get from the one to the other
	Reasons       []plan.Reason `json:"reasons"`
	Changes       []plan.Change `json:"changes"`
	FromText      string        `json:"from_text,omitempty"` // with -text
	ToText        string        `json:"to_text,omitempty"`
}
